//! What a shard's address says: which kind of place it is, and how it is shown to people.

/// The scheme of a URL, in the letters it was given in; none for a path.
#[must_use]
pub fn scheme(address: &str) -> Option<&str> {
    if address.starts_with("pipe:") {
        return Some("pipe");
    }
    let (scheme, _) = address.split_once("://")?;
    let letters = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    (!scheme.is_empty() && scheme.chars().all(letters)).then_some(scheme)
}

/// An address as it may be shown: of a web address the user, the password, the query (where
/// signatures are) and the fragment are left out, of a command everything but its first word.
///
/// ```
/// use atdata::source::shown;
/// assert_eq!(shown("https://me:pw@host/a.tar?X-Amz-Signature=1"), "https://host/a.tar");
/// assert_eq!(shown("s3://bucket/a.tar"), "s3://bucket/a.tar");
/// assert_eq!(shown("pipe:curl -H 'Authorization: x' host"), "pipe:curl …");
/// ```
#[must_use]
pub fn shown(address: &str) -> String {
    if let Some(command) = address.strip_prefix("pipe:") {
        let mut words = command.split_whitespace();
        let program = words.next().unwrap_or_default();
        // `NAME=value command` begins with what may be a secret.
        let program = if program.contains('=') { "" } else { program };
        return format!("pipe:{program}{}", if words.next().is_some() { " …" } else { "" });
    }
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https" | "hf") {
        return without_user(scheme, rest);
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    without_user(scheme, rest)
}

/// Leaves out `user:password@`. A container before an `@`, as Azure has it, is no secret.
fn without_user(scheme: &str, rest: &str) -> String {
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = match authority.rsplit_once('@') {
        Some((user, _)) if scheme.starts_with("abfs") && !user.contains(':') => authority,
        Some((_, host)) => host,
        None => authority,
    };
    format!("{scheme}://{host}{path}")
}
