//! A connection to a server or to all masters of a cluster, as one thing.

use super::failure::Failure;
use super::keys;
use super::options::{RedisOptions, TlsOptions};
use super::slots;
use crate::error::{Error, Result};
use redis::cluster::{ClusterClientBuilder, ClusterConnection, ClusterPipeline, TlsMode};
use redis::{
    Client, ClientTlsConfig, Cmd, Connection, ConnectionAddr, ConnectionInfo, ConnectionLike,
    IntoConnectionInfo, Pipeline, RedisConnectionInfo, RedisError, TlsCertificates, Value,
};
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a cluster's nodes are asked again while its slots move.
const CLUSTER_RETRIES: u32 = 4;

/// A connection.
pub(super) struct Link {
    wire: Wire,
    /// A key for each master, that leads to it.
    pub(super) masters: Vec<String>,
}

enum Wire {
    Server(Connection),
    Cluster(Box<ClusterConnection>),
}

impl Link {
    pub(super) fn open(options: &RedisOptions) -> std::result::Result<Self, Failure> {
        // Already installed is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut link = match options.cluster {
            true => Self::open_cluster(options)?,
            false => Self::open_server(options)?,
        };
        link.check_layout(options)?;
        Ok(link)
    }

    fn open_server(options: &RedisOptions) -> std::result::Result<Self, Failure> {
        let info = node(options, &options.hosts[0])?;
        let client = match &options.tls {
            Some(tls) if options.has_files() => Client::build_with_tls(info, certificates(tls)?)?,
            _ => Client::open(info)?,
        };
        let connection = client.get_connection_with_timeout(CONNECT_TIMEOUT)?;
        connection.set_read_timeout(Some(RESPONSE_TIMEOUT))?;
        connection.set_write_timeout(Some(RESPONSE_TIMEOUT))?;
        Ok(Self { wire: Wire::Server(connection), masters: vec![keys::LAYOUT.into()] })
    }

    fn open_cluster(options: &RedisOptions) -> std::result::Result<Self, Failure> {
        let nodes = options.hosts.iter().map(|host| node(options, host));
        let nodes = nodes.collect::<std::result::Result<Vec<_>, Failure>>()?;
        let mut builder = ClusterClientBuilder::new(nodes)
            .retries(CLUSTER_RETRIES)
            .max_retry_wait(500)
            .min_retry_wait(10)
            .connection_timeout(CONNECT_TIMEOUT)
            .response_timeout(RESPONSE_TIMEOUT);
        if let Some(tls) = &options.tls {
            builder = builder.tls(if tls.verify { TlsMode::Secure } else { TlsMode::Insecure });
            if options.has_files() {
                builder = builder.certs(certificates(tls)?);
            }
        }
        let mut connection = builder.build()?.get_connection()?;
        connection.set_write_timeout(Some(RESPONSE_TIMEOUT))?;
        let masters = slots::masters(&mut connection)?;
        Ok(Self { wire: Wire::Cluster(Box::new(connection)), masters })
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(self.wire, Wire::Cluster(_))
    }

    /// Asks for several things in one round trip. On one server nothing comes between them; in a
    /// cluster each has one key. What a command meets stands at its place.
    pub(super) fn ask(&mut self, commands: &[Cmd]) -> std::result::Result<Vec<Value>, Failure> {
        match &mut self.wire {
            _ if commands.is_empty() => Ok(Vec::new()),
            Wire::Server(connection) => transaction(connection, commands),
            Wire::Cluster(connection) => spread(connection, commands),
        }
    }

    /// Asks for several things that concern only our own keys, at once and all or none.
    pub(super) fn ask_ours(
        &mut self,
        commands: &[Cmd],
    ) -> std::result::Result<Vec<Value>, Failure> {
        match &mut self.wire {
            Wire::Server(connection) => transaction(connection, commands),
            Wire::Cluster(connection) => transaction(&mut **connection, commands),
        }
    }

    /// Sees that what is here is no newer than this program.
    fn check_layout(&mut self, options: &RedisOptions) -> std::result::Result<(), Failure> {
        let found = one(self.ask(&[command("GET", &[keys::LAYOUT])])?)?;
        let layout: Option<String> = redis::from_redis_value(found)?;
        match layout.map(|layout| layout.parse::<u32>()) {
            None => Ok(()),
            Some(Ok(layout)) if layout <= super::LAYOUT => Ok(()),
            _ => Err(newer(options).into()),
        }
    }
}

/// A command of text arguments.
pub(super) fn command(name: &str, arguments: &[&str]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(arguments);
    command
}

/// The only answer.
///
/// # Errors
/// What the server answered, if that is an error.
pub(super) fn one(answers: Vec<Value>) -> std::result::Result<Value, Failure> {
    Ok(answers.into_iter().next().unwrap_or(Value::Nil).extract_error()?)
}

/// The answers, or the first that is an error.
pub(super) fn all(answers: Vec<Value>) -> std::result::Result<Vec<Value>, Failure> {
    Ok(answers.into_iter().map(Value::extract_error).collect::<std::result::Result<_, _>>()?)
}

fn transaction(
    connection: &mut dyn ConnectionLike,
    commands: &[Cmd],
) -> std::result::Result<Vec<Value>, Failure> {
    let mut pipeline = Pipeline::with_capacity(commands.len());
    for command in commands {
        pipeline.add_command(command.clone());
    }
    pipeline.atomic();
    let packed = pipeline.get_packed_pipeline();
    // Not `Pipeline::query`, which takes no cluster; all keys are in one slot of it.
    let answer = connection.req_packed_commands(&packed, commands.len() + 1, 1)?;
    match answer.into_iter().next().map(Value::extract_error).transpose()? {
        Some(Value::Array(answers)) => moved(answers),
        _ => Err(RedisError::from((redis::ErrorKind::Parse, "no answer to EXEC")).into()),
    }
}

/// Asks all nodes of a cluster at once, each for its part.
fn spread(
    connection: &mut ClusterConnection,
    commands: &[Cmd],
) -> std::result::Result<Vec<Value>, Failure> {
    let mut pipeline = ClusterPipeline::with_capacity(commands.len());
    for command in commands {
        pipeline.add_command(command.clone());
    }
    let error = match pipeline.query(connection) {
        Ok(answers) => return Ok(answers),
        Err(error) => error,
    };
    let Some(errors) = error.clone().into_server_errors() else { return Err(error.into()) };
    // The client has let go of the other answers.
    let errors: HashMap<usize, _> = errors.iter().cloned().collect();
    let answer = |(place, command): (usize, &Cmd)| match errors.get(&place) {
        Some(error) => Ok(Value::ServerError(error.clone())),
        None => Ok(connection.req_command(command)?),
    };
    moved(commands.iter().enumerate().map(answer).collect::<std::result::Result<_, Failure>>()?)
}

/// The answers, if no slot has moved to another node meanwhile.
fn moved(answers: Vec<Value>) -> std::result::Result<Vec<Value>, Failure> {
    for answer in &answers {
        if let Value::ServerError(error) = answer {
            let error = RedisError::from(error.clone());
            if error.is_cluster_error() {
                return Err(error.into());
            }
        }
    }
    Ok(answers)
}

impl RedisOptions {
    /// Whether there are certificates to read.
    fn has_files(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.ca.is_some() || tls.identity.is_some())
    }
}

fn node(
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

fn newer(options: &RedisOptions) -> Error {
    Error::BadIndex(format!(
        "{}: a newer atdata has arranged the index there ({} is greater than {}); update atdata",
        options.address(),
        keys::LAYOUT,
        super::LAYOUT
    ))
}
