//! `atdata whoami`: who is logged in, where, and whether the session still holds.

use crate::args::Common;
use crate::error::{Failure, OK};
use crate::network::{failure, network, nobody, session_file};
use crate::output::{Output, visible};
use atdata::atproto::saved::SessionFile;
use atdata::atproto::{Client, Error};
use serde_json::{Value as Json, json};

/// What is known of a session.
pub(crate) struct About {
    handle: Option<String>,
    did: String,
    pub(crate) service: String,
    kind: &'static str,
    path: String,
}

/// Shows what is known, then what is wrong with it.
pub(crate) fn run(common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let file = session_file()?;
    let client = file.restore(&network()?).map_err(|error| failure(error, ""))?;
    let client = client.ok_or_else(nobody)?;
    let about = About::of(&client, &file);
    let asked = client.xrpc().query("com.atproto.server.getSession", &[]);
    if common.json {
        let mut json = about.to_json();
        json["ended"] = match &asked {
            Ok(_) => false.into(),
            Err(Error::Denied { .. }) => true.into(),
            Err(_) => Json::Null,
        };
        out.line(format!("{json:#}"));
    } else {
        out.line(out.style.bold(&visible(&about.name())));
        about.show(out);
    }
    match asked {
        Ok(_) => Ok(OK),
        Err(error @ Error::Denied { .. }) => {
            let again = format!("atdata login {}", about.handle.as_ref().unwrap_or(&about.did));
            Err(failure(error, "").hint(again))
        }
        Err(error) => Err(failure(error, "")),
    }
}

impl About {
    pub(crate) fn of(client: &Client, file: &SessionFile) -> Self {
        let exported = client.export().unwrap_or_default();
        let exported: Json = serde_json::from_str(&exported).unwrap_or_default();
        let kind = match exported["kind"].as_str() {
            Some("oauth") => "browser",
            _ => "password",
        };
        Self {
            handle: client.handle().map(|handle| handle.to_string()),
            did: client.did().to_string(),
            service: client.credentials().service().to_owned(),
            kind,
            path: file.path().display().to_string(),
        }
    }

    /// The handle, or the DID of an account without one.
    pub(crate) fn name(&self) -> String {
        self.handle.as_ref().map_or_else(|| self.did.clone(), |handle| format!("@{handle}"))
    }

    pub(crate) fn show(&self, out: &mut Output) {
        let kind = match self.kind {
            "browser" => "begun in a browser (OAuth)",
            _ => "begun with a password",
        };
        let rows = [
            ("did", self.did.as_str()),
            ("service", &self.service),
            ("session", kind),
            ("kept in", &self.path),
        ];
        for (name, words) in rows {
            out.line(format!("  {name:<8} {}", visible(words)));
        }
    }

    pub(crate) fn to_json(&self) -> Json {
        let Self { handle, did, service, kind, path } = self;
        json!({"handle": handle, "did": did, "service": service, "kind": kind, "path": path})
    }
}
