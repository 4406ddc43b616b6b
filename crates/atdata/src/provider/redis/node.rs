//! One server, and its part of a cluster.

use super::failure::Failure;
use super::options::{RedisOptions, TlsOptions};
use super::slots::{Slots, slot};
use crate::error::{Error, Result};
use redis::{
    Client, ClientTlsConfig, Cmd, Connection, ConnectionAddr, ConnectionInfo, ErrorKind,
    IntoConnectionInfo, RedisConnectionInfo, RedisError, TlsCertificates, Value, cmd,
};
use std::fs;
use std::path::Path;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to one server.
pub(super) struct Node {
    connection: Connection,
    slots: Slots,
    /// A key in one of its slots.
    pub(super) key: String,
}

impl Node {
    /// Connects to a server.
    ///
    /// # Errors
    /// What it meets; certificates that cannot be read.
    pub(super) fn open(
        options: &RedisOptions,
        host: &(String, u16),
    ) -> std::result::Result<Self, Failure> {
        // Already installed is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let info = connection_info(options, host)?;
        let client = match &options.tls {
            Some(tls) if tls.ca.is_some() || tls.identity.is_some() => {
                Client::build_with_tls(info, certificates(tls)?)?
            }
            _ => Client::open(info)?,
        };
        let connection = client.get_connection_with_timeout(CONNECT_TIMEOUT)?;
        connection.set_read_timeout(Some(RESPONSE_TIMEOUT))?;
        connection.set_write_timeout(Some(RESPONSE_TIMEOUT))?;
        Ok(Self { connection, slots: Slots::default(), key: "any".into() })
    }

    /// Connects to all masters of a cluster, which the first host that answers tells of.
    ///
    /// # Errors
    /// What they meet; of hosts that do not answer, what the last one met.
    pub(super) fn open_all(options: &RedisOptions) -> std::result::Result<Vec<Self>, Failure> {
        let unnamed = (ErrorKind::InvalidClientConfig, "no host is named");
        let mut failure = Failure::from(RedisError::from(unnamed));
        for host in &options.hosts {
            match Self::open(options, host) {
                Ok(mut node) => return node.masters(options, &host.0),
                Err(met) => failure = met,
            }
        }
        Err(failure)
    }

    fn masters(
        &mut self,
        options: &RedisOptions,
        host: &str,
    ) -> std::result::Result<Vec<Self>, Failure> {
        let mut question = cmd("CLUSTER");
        question.arg("SLOTS");
        self.send([&question])?;
        let masters = Slots::of_masters(self.receive()?.extract_error()?, host)?;
        let open = |(host, slots): ((String, u16), Slots)| {
            let key = slots.key().unwrap_or_default();
            Ok(Self { slots, key, ..Self::open(options, &host)? })
        };
        masters.into_iter().map(open).collect()
    }

    /// Whether a key is in one of its slots.
    pub(super) fn has(&self, key: &[u8]) -> bool {
        self.slots.have(slot(key))
    }

    pub(super) fn send<'a>(
        &mut self,
        commands: impl IntoIterator<Item = &'a Cmd>,
    ) -> std::result::Result<(), Failure> {
        let mut packed = Vec::new();
        commands.into_iter().for_each(|command| command.write_packed_command(&mut packed));
        if packed.is_empty() {
            return Ok(());
        }
        Ok(self.connection.send_packed_command(&packed)?)
    }

    /// The next answer; an error that the server answered is one, unless the cluster was
    /// rearranged: then other nodes must be asked.
    pub(super) fn receive(&mut self) -> std::result::Result<Value, Failure> {
        let answer = self.connection.recv_response()?;
        if let Value::ServerError(error) = &answer {
            let error = RedisError::from(error.clone());
            if error.is_cluster_error() {
                return Err(error.into());
            }
        }
        Ok(answer)
    }
}

fn connection_info(
    options: &RedisOptions,
    (host, port): &(String, u16),
) -> std::result::Result<ConnectionInfo, Failure> {
    let (host, port) = (host.clone(), *port);
    let address = match &options.tls {
        None => ConnectionAddr::Tcp(host, port),
        Some(tls) => ConnectionAddr::TcpTls { host, port, insecure: !tls.verify, tls_params: None },
    };
    let mut settings = RedisConnectionInfo::default().set_db(options.db);
    if let Some(username) = &options.username {
        settings = settings.set_username(username);
    }
    if let Some(password) = &options.password {
        settings = settings.set_password(password);
    }
    Ok(address.into_connection_info()?.set_redis_settings(settings))
}

fn certificates(tls: &TlsOptions) -> Result<TlsCertificates> {
    let read = |path: &Path| fs::read(path).map_err(|error| Error::io("read", path, error));
    let root_cert = tls.ca.as_deref().map(read).transpose()?;
    let identity = tls.identity.as_ref().map(|(certificate, key)| {
        Ok::<_, Error>(ClientTlsConfig { client_cert: read(certificate)?, client_key: read(key)? })
    });
    Ok(TlsCertificates { client_tls: identity.transpose()?, root_cert })
}
