//! What servers answer when something is wrong, in our words: whether to try again, and what a
//! caller would do. No text of a server is passed on but its error code, which holds no secret.

use super::Patience;
use crate::error::{Error, Result};
use object_store::client::{HttpError, HttpErrorKind};
use std::error::Error as StdError;
use std::future::Future;
use std::time::Duration;

/// A failure that may pass, or one that stays.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nobody answers, which may pass.
    Silent(Error),
    Passing(Error),
    Lasting(Error),
}

/// What comes of asking once.
pub(crate) type Attempt<T> = std::result::Result<T, Failure>;

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Silent(error) | Failure::Passing(error) | Failure::Lasting(error) => error,
        }
    }
}

/// Tries until it works, the failure stays, or patience ends.
pub(crate) async fn tried<T>(
    patience: &Patience,
    mut attempt: impl AsyncFnMut() -> Attempt<T>,
) -> Result<T> {
    let mut tries = 1;
    loop {
        match attempt().await {
            Ok(value) => return Ok(value),
            Err(Failure::Silent(error) | Failure::Passing(error)) if tries < patience.tries => {
                tell(&error, tries, patience);
                tokio::time::sleep(patience.pause(tries)).await;
                tries += 1;
            }
            Err(failure) => return Err(after(failure, tries)),
        }
    }
}

/// Tells who waits why it takes so long; of a first failure, which passes in a moment, nothing.
pub(crate) fn tell(error: &Error, tries: u32, patience: &Patience) {
    if tries > 1 {
        tracing::info!(target: "atdata::waiting", "{error}; trying again ({tries} of {} tries failed)", patience.tries);
    }
}

/// Says how often something was tried.
pub(crate) fn after(failure: Failure, tries: u32) -> Error {
    match failure.into() {
        Error::Unreachable { address, message } if tries > 1 => {
            Error::Unreachable { address, message: format!("{message} (tried {tries} times)") }
        }
        error => error,
    }
}

/// Who is asked for what, for the words of an error.
#[derive(Debug, Clone)]
pub(crate) struct Blame {
    /// The object's URL, without secrets.
    pub(crate) object: String,
    /// The bucket or the host.
    pub(crate) server: String,
}

/// A future that may take only so long.
pub(crate) async fn timed<T>(
    limit: Duration,
    blame: &Blame,
    work: impl Future<Output = Attempt<T>>,
) -> Attempt<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(blame.silent(&format!("nothing came for {limit:?}"))),
    }
}

impl Blame {
    /// Nobody who answers.
    fn silent(&self, message: &str) -> Failure {
        Failure::Silent(self.unreachable(message))
    }

    /// Something that may go better next time.
    pub(crate) fn passing(&self, message: &str) -> Failure {
        Failure::Passing(self.unreachable(message))
    }

    /// Something that will be the same next time.
    pub(crate) fn lasting(&self, message: &str) -> Failure {
        Failure::Lasting(self.unreachable(message))
    }

    fn unreachable(&self, message: &str) -> Error {
        Error::Unreachable { address: self.object.clone(), message: message.to_owned() }
    }

    pub(super) fn denied(&self, message: String) -> Failure {
        Failure::Lasting(Error::Denied { address: self.server.clone(), message })
    }

    /// An object that is another one than it was.
    pub(crate) fn changed(&self) -> Failure {
        let message = "it was replaced while it was being read (its size or ETag is another one); \
                       open it again";
        Failure::Lasting(Error::Conflict(format!("{}: {message}", self.object)))
    }

    /// An answer that is no success, with the error code that its body may hold.
    pub(crate) fn status(&self, status: u16, code: Option<&str>) -> Failure {
        if let Some(advice) = code.and_then(advice) {
            let code = code.unwrap_or_default();
            return self.denied(format!("{advice} ({status} {code})"));
        }
        let named = code.map_or_else(|| status.to_string(), |code| format!("{status} {code}"));
        match status {
            404 | 410 => self.missing(code),
            401 | 403 | 407 => {
                let advice = "it wants other credentials, or none of these may do that here; \
                              check them, and whether they are still valid";
                self.denied(format!("{advice} ({named})"))
            }
            405 | 501 => {
                let message = format!("{}: the server does not do that ({named})", self.object);
                Failure::Lasting(Error::Unsupported(message))
            }
            408 | 425 | 429 | 500..=599 => {
                self.passing(&format!("the server answers {named}; try again later"))
            }
            _ => self.lasting(&format!("the server answers {named}; check the address")),
        }
    }

    fn missing(&self, code: Option<&str>) -> Failure {
        let message = match code {
            Some("NoSuchBucket") => format!("{}: there is no such bucket", self.server),
            _ => format!("{}: there is no such object", self.object),
        };
        Failure::Lasting(Error::NotFound(message))
    }

    /// A request that got no answer.
    pub(crate) fn transport(&self, error: &(dyn StdError + 'static)) -> Failure {
        let cause = root(error).to_string();
        let message = format!("{cause}; check the address and the network");
        if cause.contains("certificate") { self.lasting(&message) } else { self.silent(&message) }
    }

    /// What `object_store` met.
    pub(crate) fn store(&self, error: &object_store::Error) -> Failure {
        let text = chain(error);
        let code = code(&text);
        if text.contains("169.254.") {
            return self.denied(NO_CREDENTIALS.to_owned());
        }
        if text.contains("redirect without LOCATION") {
            let message = "the bucket is in another region; set AWS_DEFAULT_REGION to that";
            return self.denied(message.to_owned());
        }
        match error {
            object_store::Error::NotFound { .. } => self.status(404, code),
            object_store::Error::PermissionDenied { .. } => self.status(403, code),
            object_store::Error::Unauthenticated { .. } => self.status(401, code),
            _ => self.unnamed(error, &text, code),
        }
    }

    fn unnamed(&self, error: &object_store::Error, text: &str, code: Option<&str>) -> Failure {
        if let Some(status) = status(text) {
            return self.status(status, code);
        }
        match http_kind(error) {
            Some(HttpErrorKind::Unknown | HttpErrorKind::Decode) | None if code.is_some() => {
                self.status(500, code)
            }
            Some(_) => self.transport(error),
            None => self.lasting(&format!("{}; check the address", plain(error))),
        }
    }
}

const NO_CREDENTIALS: &str = "no credentials were found: set AWS_ACCESS_KEY_ID and \
                              AWS_SECRET_ACCESS_KEY, give them to the store, or name a profile in \
                              AWS_PROFILE";

/// What to do about the error codes of S3 that are about credentials.
fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "ExpiredToken" | "RequestExpired" | "TokenRefreshRequired" | "ExpiredTokenException" => {
            "the credentials have expired; get new ones"
        }
        "InvalidToken" => "the session token is not valid; get new credentials",
        "SignatureDoesNotMatch" => {
            "the secret key does not belong to the access key; check AWS_SECRET_ACCESS_KEY"
        }
        "InvalidAccessKeyId" | "NotSignedUp" => {
            "the access key is unknown there; check AWS_ACCESS_KEY_ID and the endpoint"
        }
        "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            "the region is another one there; check AWS_DEFAULT_REGION"
        }
        "RequestTimeTooSkewed" => "this machine's clock is wrong; set it",
        "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => {
            "these credentials may not do that; ask the bucket's owner for the permission"
        }
        _ => return None,
    })
}

/// An error and what caused it.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(" | ")
}

fn root<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    causes(error).last().unwrap_or(error)
}

/// The last cause, if it holds nothing that an answer may have brought in.
fn plain(error: &object_store::Error) -> String {
    let cause = root(error).to_string();
    let short = cause.len() <= 200 && !cause.contains(['<', '?', '\n']);
    if short { cause } else { "the server's answer makes no sense".to_owned() }
}

fn http_kind(error: &(dyn StdError + 'static)) -> Option<HttpErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<HttpError>().map(HttpError::kind))
}

/// The status in the text of an error of `object_store`, whose type for it is private.
fn status(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

/// The error code in an answer of S3 or Azure: letters only, so that nothing else gets through.
pub(crate) fn code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let fits = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then_some(code)
}
