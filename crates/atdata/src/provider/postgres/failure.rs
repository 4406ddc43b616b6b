//! What `PostgreSQL` says, in words that say what to do.

use super::address::Address;
use crate::error::Error;
use postgres::error::SqlState;

/// What goes wrong on a connection: the server's failures get their words where its address is
/// known.
#[derive(Debug)]
pub(super) enum Failure {
    Server(postgres::Error),
    Ours(Error),
}

impl From<postgres::Error> for Failure {
    fn from(error: postgres::Error) -> Self {
        Self::Server(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl Failure {
    /// Whether the connection is of no more use.
    pub(super) fn is_lost(&self) -> bool {
        let Self::Server(error) = self else { return false };
        let code = error.code().map(SqlState::code);
        let shut_down = code.is_some_and(|code| code.starts_with("57P"));
        shut_down || error.is_closed() || error.as_db_error().is_none() && is_io(error)
    }

    /// Whether others got in the way of a transaction, which may succeed next time.
    pub(super) fn is_in_the_way(&self) -> bool {
        let code = match self {
            Self::Server(error) => error.code(),
            Self::Ours(_) => None,
        };
        let passing = [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE];
        code.is_some_and(|code| passing.contains(code))
    }

    /// The error for a caller.
    pub(super) fn told(self, address: &Address) -> Error {
        match self {
            Self::Ours(error) => error,
            Self::Server(error) => told(&error, address),
        }
    }
}

fn is_io(error: &postgres::Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
}

fn told(error: &postgres::Error, address: &Address) -> Error {
    let Some(server) = error.as_db_error() else { return unreachable(error, address) };
    let (address, said) = (address.to_string(), server.message());
    let denied =
        |to_do| Error::Denied { address: address.clone(), message: format!("{said}; {to_do}") };
    match server.code().code() {
        code if code.starts_with("28") => denied("check user, password and pg_hba.conf"),
        "42501" => denied("ask the owner of the tables for the right to do that"),
        "25006" => denied("it may only be read; write to the primary server"),
        "3D000" => Error::NotFound(format!("{address}: {said}; make it with createdb")),
        "22021" | "54000" => Error::Invalid(format!("{said}; use a shorter or plainer name")),
        code if ["08", "40", "53", "55", "57"].iter().any(|class| code.starts_with(class)) => {
            Error::Unreachable { message: format!("{said}; try again later"), address }
        }
        _ => Error::BadIndex(format!("{address}: {said}; is it an index of atdata?")),
    }
}

/// A failure of the way to the server.
fn unreachable(error: &postgres::Error, address: &Address) -> Error {
    let cause =
        std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    let message = format!(
        "{error}{cause}; see that the server runs and that host, port and sslmode are right"
    );
    Error::Unreachable { address: address.to_string(), message }
}
