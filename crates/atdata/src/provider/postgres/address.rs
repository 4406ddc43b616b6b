//! Where a database is, and how to reach it.

use super::tls::Trust;
use crate::error::{Error, Result};
use postgres::Config;
use postgres::config::{Host, SslMode};
use std::fmt;
use std::time::Duration;

/// How long a connection may take, unless the address says otherwise.
const CONNECT: Duration = Duration::from_secs(2);

/// Where a database is, and how to reach it. Shown without the password.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) trust: Trust,
}

impl Address {
    /// Reads a URL or a list of `key=value`.
    ///
    /// # Errors
    /// [`Error::Invalid`], which repeats nothing of the text: it holds a password.
    pub(super) fn parse(dsn: &str) -> Result<Self> {
        let (dsn, mode) = without(dsn, "sslmode");
        let (dsn, roots) = without(&dsn, "sslrootcert");
        let mut config: Config = dsn.parse().map_err(|_| unreadable())?;
        let (mode, trust) = match mode.as_deref() {
            Some("disable") => (SslMode::Disable, Trust::Anyone),
            None | Some("allow" | "prefer") => (SslMode::Prefer, Trust::Anyone),
            Some("require") => (SslMode::Require, Trust::Anyone),
            Some("verify-full" | "verify-ca") => (SslMode::Require, Trust::roots(roots)),
            Some(_) => return Err(bad_mode()),
        };
        config.ssl_mode(mode);
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host("localhost");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_application_name().is_none() {
            config.application_name("atdata");
        }
        Ok(Self { config, trust })
    }
}

/// Takes a parameter out of a URL or list of `key=value`.
fn without(dsn: &str, key: &str) -> (String, Option<String>) {
    let is_url = dsn.starts_with("postgres://") || dsn.starts_with("postgresql://");
    let (start, parameters) = match dsn.split_once('?') {
        Some((start, parameters)) if is_url => (format!("{start}?"), parameters),
        None if is_url => return (dsn.to_owned(), None),
        _ => (String::new(), dsn),
    };
    let separator = if is_url { '&' } else { ' ' };
    let value_of = |part: &str| Some(part.strip_prefix(key)?.strip_prefix('=')?.to_owned());
    let value = parameters.split(separator).find_map(value_of);
    let others = parameters.split(separator).filter(|part| value_of(part).is_none());
    let others: Vec<&str> = others.collect();
    let others = others.join(&separator.to_string());
    ((start + &others).trim_end_matches('?').to_owned(), value)
}

fn unreadable() -> Error {
    Error::Invalid(
        "the address of the PostgreSQL database cannot be read; write \
         postgres://user:password@host:5432/database, with special characters of the password \
         percent-encoded (%40 for @), or host=... user=... password=... dbname=..."
            .into(),
    )
}

fn bad_mode() -> Error {
    Error::Invalid("sslmode must be disable, prefer, require or verify-full".into())
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(out, "{user}@")?;
        }
        let ports = self.config.get_ports();
        for (number, host) in self.config.get_hosts().iter().enumerate() {
            let separator = if number == 0 { "" } else { "," };
            let host = match host {
                Host::Tcp(name) => name.clone(),
                Host::Unix(path) => path.display().to_string(),
            };
            let port = ports.get(number).or(ports.first()).copied().unwrap_or(5432);
            write!(out, "{separator}{host}:{port}")?;
        }
        let database = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        write!(out, "/{database}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_without_secrets() {
        let cases = [
            ("postgres://ada:secret@db/team", "postgres://ada@db:5432/team"),
            ("postgresql://ada:se%40cret@db:6000/t?sslmode=disable", "postgres://ada@db:6000/t"),
            ("host=db user=ada password=secret dbname=team", "postgres://ada@db:5432/team"),
            ("user=ada password=secret", "postgres://ada@localhost:5432/ada"),
            ("postgres://ada:secret@a:1,b:2/t", "postgres://ada@a:1,b:2/t"),
        ];
        for (dsn, shown) in cases {
            assert_eq!(Address::parse(dsn).unwrap().to_string(), shown);
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        for dsn in [
            "postgres://ada:secret@db:1:2/team",
            "secret",
            "password=x secret=y",
            "postgres://a:secret@b:port/c",
        ] {
            let Err(error) = Address::parse(dsn) else { panic!("{dsn} was read") };
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn modes_are_understood() {
        let mode = |dsn: &str| {
            let address = Address::parse(dsn).unwrap();
            (address.config.get_ssl_mode(), matches!(address.trust, Trust::Anyone))
        };
        assert_eq!(mode("postgres://a@b/c"), (SslMode::Prefer, true));
        assert_eq!(mode("host=b user=a sslmode=disable dbname=c"), (SslMode::Disable, true));
        assert_eq!(mode("postgres://a@b/c?sslmode=require"), (SslMode::Require, true));
        let full = "postgres://a@b/c?sslrootcert=/x&connect_timeout=5&sslmode=verify-full";
        assert_eq!(mode(full), (SslMode::Require, false));
        assert!(Address::parse("postgres://a@b/c?sslmode=maybe").is_err());
    }
}
