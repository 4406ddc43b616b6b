//! The network, who is logged in, and what somebody has published.

use crate::error::Failure;
use crate::team::LOCAL;
use atdata::atmosphere::{Atmosphere, DatasetRecord, Found};
use atdata::atproto::saved::SessionFile;
use atdata::atproto::{self, Network};
use atdata::format::similar::similar;
use atdata::open::open_network;
use atdata::{Error, config};
use std::sync::Arc;

/// What keeps the session, in the home folder.
const SESSION: &str = "session.json";

/// Whether a target is something published: `@handle/name`, `@handle`, or an at-uri that is no blob's.
pub(crate) fn is_published(text: &str) -> bool {
    let is_uri = text.starts_with("at://") && !text.contains("/blob/");
    is_uri || (text.starts_with('@') && !text.starts_with(LOCAL))
}

/// Of `@handle` and `@handle/` the handle, where a whole account is meant.
pub(crate) fn account(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('@').filter(|_| !text.starts_with(LOCAL))?;
    let handle = rest.strip_suffix('/').unwrap_or(rest);
    (!handle.contains('/')).then_some(handle)
}

/// The network of the environment.
pub(crate) fn network() -> Result<Arc<Network>, Failure> {
    open_network().map_err(|error| {
        let hint = "ATDATA_PLC, ATDATA_HANDLE_RESOLVER and ATDATA_PDS are addresses of servers";
        Failure::data(&error, "").hint(hint)
    })
}

/// The file of the session.
pub(crate) fn session_file() -> Result<SessionFile, Failure> {
    let home = config::home().ok_or_else(|| {
        let failure = Failure::usage("there is no home folder to keep the session in");
        failure.hint("set ATDATA_HOME")
    })?;
    Ok(SessionFile::new(home.join(SESSION)))
}

/// The network for somebody who reads. Who is logged in may read more of what is theirs; a session
/// that cannot be used is no reason not to read.
pub(crate) fn reading() -> Result<Atmosphere, Failure> {
    let network = network()?;
    let client = session_file().ok().and_then(|file| file.restore(&network).ok().flatten());
    Ok(match client {
        Some(client) => Atmosphere::with_client(Arc::new(client)),
        None => Atmosphere::reading(network),
    })
}

/// The network for somebody who publishes.
pub(crate) fn logged_in() -> Result<Atmosphere, Failure> {
    let client = session_file()?.restore(&network()?).map_err(|error| failure(error, ""))?;
    let client = client.ok_or_else(nobody)?;
    Ok(Atmosphere::with_client(Arc::new(client)))
}

/// Nobody is logged in.
pub(crate) fn nobody() -> Failure {
    let error = atproto::Error::NotLoggedIn("nobody is logged in".to_owned());
    failure(error, "").hint("atdata login HANDLE")
}

/// The data set that a target means.
pub(crate) fn find(text: &str) -> Result<(Atmosphere, Found<DatasetRecord>), Failure> {
    if account(text).is_some() {
        let message = format!("{text} is an account, and a data set is meant");
        let hint = format!("atdata ls {text} lists what it has published");
        return Err(Failure::usage(message).hint(hint));
    }
    let atmosphere = reading()?;
    match atmosphere.dataset(text) {
        Ok(found) => Ok((atmosphere, found)),
        Err(error @ Error::UnknownName(_)) => Err(unknown(&atmosphere, text, &error)),
        Err(error) => Err(failure(error, text)),
    }
}

/// What was met on the network, with what there is to do about it.
pub(crate) fn failure(error: impl Into<Error>, text: &str) -> Failure {
    let error = error.into();
    let failure = Failure::data(&error, "");
    match (&error, hint(&error, text)) {
        (_, Some(hint)) => failure.hint(hint),
        _ => failure,
    }
}

fn hint(error: &Error, text: &str) -> Option<String> {
    let rest = text.strip_prefix('@');
    match error {
        Error::Network(atproto::Error::Syntax(_)) if rest.is_some() => {
            Some("a data set of the index is @local/NAME, and a file ./@NAME".to_owned())
        }
        Error::Network(atproto::Error::NotLoggedIn(_) | atproto::Error::Denied { .. }) => {
            Some("atdata whoami says who is logged in; atdata login HANDLE logs in".to_owned())
        }
        _ => None,
    }
}

/// No data set has that name: one like it may be meant.
fn unknown(atmosphere: &Atmosphere, text: &str, error: &Error) -> Failure {
    let failure = Failure::data(error, "");
    let Some((who, name)) = text.strip_prefix('@').and_then(|rest| rest.split_once('/')) else {
        return failure;
    };
    let datasets = atmosphere.datasets(Some(who)).unwrap_or_default();
    let names = datasets.iter().map(|found| found.record.name.as_str());
    let base = name.split_once('@').map_or(name, |(name, _)| name);
    match similar(base, names, 1).first() {
        Some(similar) if *similar != base => {
            failure.hint(format!("did you mean @{who}/{similar}?"))
        }
        Some(_) => failure.hint(format!(
            "it has no such version; without one, the newest is meant: @{who}/{base}"
        )),
        None if datasets.is_empty() => failure.hint(format!("@{who} has published no data set")),
        None => failure.hint(format!("atdata ls @{who} lists what it has published")),
    }
}
