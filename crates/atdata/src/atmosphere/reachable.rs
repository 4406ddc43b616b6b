//! Which addresses can be published: others must be able to read them, and nothing secret be in them.

use crate::error::{Error, Result};
use crate::source::{is_remote, shown};

/// Whether nobody elsewhere can read what is there.
pub(super) fn is_local(url: &str) -> bool {
    !is_remote(url) || url.starts_with("file://")
}

/// Tells of shards that others may not be able to read: on this machine, or in buckets, which need
/// credentials or not. With `strict` those are an error, else there is a warning.
///
/// # Errors
/// [`Error::Invalid`], also for an address that holds a password or a signature.
pub fn check_readable(name: &str, urls: &[String], strict: bool) -> Result<()> {
    no_secrets(name, urls)?;
    let public = |url: &&String| {
        ["http://", "https://", "hf://", "at://"].iter().any(|scheme| url.starts_with(scheme))
    };
    let Some(url) = urls.iter().find(|url| !public(url)) else { return Ok(()) };
    let address = shown(url);
    let why = if is_local(url) {
        "is on this machine, where nobody else can read it"
    } else {
        "can be read by others only where its bucket is public"
    };
    let message = format!(
        "{name}: {address} {why}; to be sure, copy the shards to where they can be read (data_store=, \
         or PDSBlobStore)"
    );
    if strict {
        return Err(Error::Invalid(message));
    }
    tracing::warn!("{message}");
    Ok(())
}

/// Refuses addresses that hold a password or a signature: everybody would have it.
fn no_secrets(name: &str, urls: &[String]) -> Result<()> {
    let Some(url) = urls.iter().find(|url| holds_secret(url)) else { return Ok(()) };
    let address = shown(url);
    let message = "its address holds a password or a signature, which everybody could read then";
    Err(Error::Invalid(format!("{name}: {address} is not published: {message}")))
}

fn holds_secret(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let (place, query) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
    let host = place.split('/').next().unwrap_or_default();
    let user = host.rsplit_once('@').map(|(user, _)| user);
    let signs = ["signature", "sig", "token", "password", "credential", "key"];
    let is_secret = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.split(['-', '_', '.']).any(|word| signs.contains(&word))
            || ["accesskeyid", "awsaccesskeyid", "googleaccessid", "apikey"]
                .contains(&name.as_str())
    };
    let is_container = url.starts_with("abfs") && user.is_some_and(|user| !user.contains(':'));
    (user.is_some() && !is_container)
        || query.split(['&', '#']).any(|pair| is_secret(pair.split('=').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::holds_secret;

    #[test]
    fn secrets_in_addresses() {
        for secret in [
            "https://me:pw@host/a.tar",
            "https://host/a.tar?X-Amz-Signature=1",
            "https://host/a.tar?sv=1&sig=x",
            "https://host/a.tar?access_token=x",
            "s3://AKIA:secret@bucket/a.tar",
        ] {
            assert!(holds_secret(secret), "{secret}");
        }
        for plain in [
            "https://host/a.tar?version=2&design=flat",
            "abfss://data@account.dfs.core.windows.net/a.tar",
            "s3://bucket/a@b.tar",
            "at://did:plc:abc/blob/bafk",
        ] {
            assert!(!holds_secret(plain), "{plain}");
        }
    }
}
