//! What makes a request one's own, whatever the kind of the session.

use crate::error::Result;
use crate::syntax::Did;
use crate::transport::Request;
use std::fmt::Debug;

/// What a server answered to an authorized request, as far as credentials care.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// What the request was authorized with: its `authorization` header. Another thread may have
    /// renewed the session meanwhile.
    pub authorization: Option<&'a str>,
    /// The HTTP status.
    pub status: u16,
    /// The protocol's name of the error, if it is one: `ExpiredToken`, `use_dpop_nonce`, ...
    pub error: Option<&'a str>,
    /// Names in lower case, and values.
    pub headers: &'a [(String, String)],
}

impl Debug for Answer<'_> {
    /// Headers and authorization may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = (self.status, self.error);
        f.debug_tuple("Answer").field(&shown).finish()
    }
}

/// A session: it authorizes requests to the server of its account, and renews itself.
///
/// It is shared by threads and survives a `fork`.
pub trait Credentials: Debug + Send + Sync {
    /// Whose it is.
    fn did(&self) -> &Did;

    /// The server of the account: `https://host` without a path.
    fn service(&self) -> &str;

    /// Adds what proves who asks.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::Error::Denied) when there is nothing left to prove it with.
    fn authorize(&self, request: &mut Request) -> Result<()>;

    /// Learns from an answer (a new nonce, that a token expired), and says whether the same request,
    /// authorized anew, should be sent again. Every answer is shown to it, good ones too (of which
    /// it says no), until a request was repeated twice.
    ///
    /// # Errors
    /// [`Error::Denied`](crate::Error::Denied) when the session ended and cannot be renewed.
    fn learn(&self, answer: &Answer<'_>) -> Result<bool>;

    /// All of it as JSON, to be restored later. It is secret.
    ///
    /// # Errors
    /// What is not exportable.
    fn export(&self) -> Result<String>;

    /// Ends the session at the server; it cannot be used afterwards.
    ///
    /// # Errors
    /// What the server says; a session that ended already is no error.
    fn end(&self) -> Result<()>;
}
