//! Where a Redis server is, and how it is reached.

use crate::error::{Error, Result};
use std::fmt;
use std::path::PathBuf;

const PORT: u16 = 6379;

/// Where a Redis server or cluster is, and how it is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisOptions {
    /// Hosts and ports: one, or some nodes of a cluster.
    pub hosts: Vec<(String, u16)>,
    /// The number of the database; 0 in a cluster.
    pub db: i64,
    /// The user, where it is not the default one.
    pub username: Option<String>,
    /// The password, if there is one.
    pub password: Option<String>,
    /// How the connection is encrypted, if it is.
    pub tls: Option<TlsOptions>,
    /// Whether this is a Redis Cluster.
    pub cluster: bool,
}

/// How a connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsOptions {
    /// A file with the certificates of whom to trust, in PEM form, instead of the system's.
    pub ca: Option<PathBuf>,
    /// Whether the server's certificate is checked. Without it anybody can pose as the server.
    pub verify: bool,
    /// Files with a certificate of our own and its key, where the server asks for one.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self { ca: None, verify: true, identity: None }
    }
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            hosts: vec![("localhost".into(), PORT)],
            db: 0,
            username: None,
            password: None,
            tls: None,
            cluster: false,
        }
    }
}

impl RedisOptions {
    /// Reads `redis://user:password@host:port/db`, `rediss://...` for TLS, or
    /// `redis+cluster://host:port,host:port` and `rediss+cluster://...` for a cluster. A query may
    /// hold `ca=/path`, `verify=false`, and `cert=/path&key=/path`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for anything else.
    ///
    /// ```
    /// use atdata::provider::RedisOptions;
    ///
    /// # fn main() -> atdata::Result<()> {
    /// let options = RedisOptions::from_url("rediss://:se%40cret@db.example/2?ca=/etc/ca.pem")?;
    /// assert_eq!(options.password.as_deref(), Some("se@cret"));
    /// assert_eq!(options.address(), "rediss://db.example:6379/2");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_url(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| unreadable("no scheme"))?;
        let mut options = Self::of_scheme(scheme)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, db) = rest.split_once('/').unwrap_or((rest, ""));
        // A password may hold an @ that nobody has escaped.
        let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        options.username = Some(decoded(name)?).filter(|name| !name.is_empty());
        options.password = Some(decoded(password)?).filter(|password| !password.is_empty());
        options.hosts = hosts.split(',').map(host_and_port).collect::<Result<_>>()?;
        options.db = database(db)?;
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            options.set(key, &decoded(value)?)?;
        }
        options.checked()
    }

    /// The same as a URL, without secrets.
    #[must_use]
    pub fn address(&self) -> String {
        let scheme = if self.tls.is_some() { "rediss" } else { "redis" };
        let cluster = if self.cluster { "+cluster" } else { "" };
        let host = |(host, port): &(String, u16)| match host.contains(':') {
            true => format!("[{host}]:{port}"),
            false => format!("{host}:{port}"),
        };
        let hosts: Vec<String> = self.hosts.iter().map(host).collect();
        let db = if self.db == 0 { String::new() } else { format!("/{}", self.db) };
        format!("{scheme}{cluster}://{}{db}", hosts.join(","))
    }

    fn of_scheme(scheme: &str) -> Result<Self> {
        let (base, cluster) = match scheme.strip_suffix("+cluster") {
            Some(base) => (base, true),
            None => (scheme, false),
        };
        let tls = match base {
            "redis" => None,
            "rediss" => Some(TlsOptions::default()),
            _ => return Err(unreadable("an unknown scheme")),
        };
        Ok(Self { tls, cluster, ..Self::default() })
    }

    /// A part of the query, in our spelling or redis-py's.
    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        if key == "db" {
            self.db = database(value)?;
            return Ok(());
        }
        let tls = self.tls.as_mut().ok_or_else(|| unreadable("TLS options without rediss://"))?;
        let identity = || tls.identity.clone().unwrap_or_default();
        match key {
            "ca" | "ssl_ca_certs" => tls.ca = Some(value.into()),
            "verify" => tls.verify = !matches!(value, "false" | "0" | "no"),
            "ssl_cert_reqs" => tls.verify = value != "none",
            "cert" | "ssl_certfile" => tls.identity = Some((value.into(), identity().1)),
            "key" | "ssl_keyfile" => tls.identity = Some((identity().0, value.into())),
            _ => return Err(unreadable("an unknown option; there are db, ca, verify, cert, key")),
        }
        Ok(())
    }

    pub(super) fn checked(self) -> Result<Self> {
        if self.hosts.is_empty() || (!self.cluster && self.hosts.len() > 1) {
            return Err(unreadable("one host is needed, or several with redis+cluster://"));
        }
        if self.cluster && self.db != 0 {
            return Err(unreadable("a cluster has no database but 0"));
        }
        Ok(self)
    }
}

impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions")
            .field("address", &self.address())
            .field("username", &self.username)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

fn host_and_port(text: &str) -> Result<(String, u16)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let port = match port {
        Some(port) => port.parse().map_err(|_| unreadable("a port that is not a number"))?,
        None => PORT,
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let host = if host.is_empty() { "localhost" } else { host };
    Ok((host.to_owned(), port))
}

fn database(text: &str) -> Result<i64> {
    if text.is_empty() {
        return Ok(0);
    }
    let number = text.parse::<u16>().map_err(|_| unreadable("a database that is not a number"))?;
    Ok(number.into())
}

/// The text behind percent signs.
fn decoded(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let code = after.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).map_err(|_| unreadable("something that is not text"))
}

/// Without the URL: what is wrong in it may be a part of the password.
fn unreadable(why: &str) -> Error {
    Error::Invalid(format!(
        "the address of a Redis index cannot be read, it has {why}; it is written \
         redis://user:password@host:port/0, rediss:// for TLS, redis+cluster:// for a cluster"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_say_all_there_is() {
        let address = |url: &str| RedisOptions::from_url(url).map(|options| options.address());
        for (url, expected) in [
            ("redis://", "redis://localhost:6379"),
            ("redis://user:p@ss:w@[::1]:7000/3", "redis://[::1]:7000/3"),
            ("rediss://h?ca=/a%20b&verify=false", "rediss://h:6379"),
            ("redis+cluster://:pw@a:1,b,c:3", "redis+cluster://a:1,b:6379,c:3"),
        ] {
            assert_eq!(address(url).unwrap(), expected);
        }
        let options = RedisOptions::from_url("rediss://me:p@ss:w@h?ca=/a%20b&verify=0").unwrap();
        assert_eq!(options.username.as_deref(), Some("me"));
        assert_eq!(options.password.as_deref(), Some("p@ss:w"));
        let tls = options.tls.clone().unwrap();
        assert_eq!((tls.ca, tls.verify), (Some("/a b".into()), false));
        assert!(!format!("{options:?}").contains("p@ss"));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_without_the_password() {
        for url in [
            "redis:x",
            "http://:secret@h",
            "redis://:secret@h:port",
            "redis://:secret@h/x",
            "redis://:secret@a,b",
            "redis+cluster://:secret@a/1",
            "rediss://:secret@h?sslmode=x",
            "redis://:secret@h?ca=/x",
        ] {
            let error = RedisOptions::from_url(url).unwrap_err();
            assert_eq!(error.kind(), "invalid_argument", "{url}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}
