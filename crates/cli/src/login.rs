//! `atdata login` and `atdata logout`: the session with which data sets are published.

use crate::args::{Common, Login};
use crate::browser;
use crate::error::{self, Failure, OK};
use crate::network::{failure, network, nobody, session_file};
use crate::output::{Output, visible};
use crate::whoami::About;
use atdata::atmosphere::{Lexicons, scopes};
use atdata::atproto::saved::SessionFile;
use atdata::atproto::{self, oauth};
use atdata::atproto::{Client, Network};
use atdata::config;
use console::Term;
use serde_json::json;
use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

/// How long somebody has for logging in, as long as the server's page is good.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// The MIME types of shards and of what lies beside them.
const BLOBS: [&str; 3] =
    ["application/x-tar", "application/json", "application/vnd.apache.parquet"];

const WHERE_FROM: &str = "an app password is made in the settings of the account, at its server";

/// Logs in, and keeps the session.
pub(crate) fn run(options: &Login, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let handle = options.handle.clone().or_else(|| config::variable("ATPROTO_HANDLE"));
    let handle = handle.ok_or_else(|| {
        let hint = "atdata login alice.example.com, or set ATPROTO_HANDLE";
        Failure::usage("whom to log in as is not said").hint(hint)
    })?;
    let handle = handle.trim().trim_start_matches('@').to_owned();
    let (file, network) = (session_file()?, network()?);
    let client = if options.app_password {
        with_password(options, &handle, &network)?
    } else {
        with_browser(options, &handle, &network)?
    };
    let before = file.restore(&network).ok().flatten();
    client.export().and_then(|session| file.save(&session)).map_err(|error| failure(error, ""))?;
    if let Some(before) = before {
        // A session that nobody has any more shall not live on; one that is over already may.
        let _ = before.logout();
    }
    let about = About::of(&client, &file);
    if common.json {
        out.line(format!("{:#}", about.to_json()));
        return Ok(OK);
    }
    out.line(format!("{} logged in as {}", out.style.good("ok:"), visible(&about.name())));
    about.show(out);
    Ok(OK)
}

fn with_password(options: &Login, handle: &str, network: &Arc<Network>) -> Result<Client, Failure> {
    let password = match config::variable("ATPROTO_APP_PASSWORD") {
        Some(password) => password,
        None => ask(handle)?,
    };
    let service = options.service.as_deref();
    let client = Client::login(Arc::clone(network), handle, password.trim(), service);
    client.map_err(|error| {
        let is_refused = matches!(error, atproto::Error::Denied { .. });
        let failure = failure(error, &format!("@{handle}"));
        if is_refused { failure.hint(WHERE_FROM) } else { failure }
    })
}

/// A password from somebody at a terminal, who does not see it, or from the first line of stdin.
fn ask(handle: &str) -> Result<String, Failure> {
    let password = if io::stdin().is_terminal() {
        let mut terminal = Term::stderr();
        let _ = write!(terminal, "App password of @{}: ", visible(handle));
        terminal.read_secure_line()
    } else {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    };
    let password =
        password.map_err(|error| Failure::usage(format!("no password can be read: {error}")))?;
    if password.trim().is_empty() {
        return Err(Failure::usage("there is no app password").hint(WHERE_FROM));
    }
    Ok(password)
}

fn with_browser(options: &Login, handle: &str, network: &Arc<Network>) -> Result<Client, Failure> {
    let met = |error| failure(error, &format!("@{handle}"));
    let account = network.identity(handle);
    let service = match (&options.service, &account) {
        (Some(service), _) => service.clone(),
        (None, Ok(account)) => account.pds.clone(),
        (None, Err(_)) => return Err(account.map_or_else(met, |_| nobody())),
    };
    let scopes = scopes(&Lexicons::ALL, &BLOBS);
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let pending = oauth::begin(network, &service, &scopes, Some(handle)).map_err(met)?;
    let pending = match account {
        Ok(account) => pending.expect(account.did),
        Err(_) => pending,
    };
    invite(pending.authorize_url(), options.no_browser);
    let session = pending.wait(PATIENCE).map_err(|error| {
        let hint = "the browser must be on this machine; elsewhere: atdata login --app-password";
        met(error).hint(hint)
    })?;
    Ok(Client::with(Arc::clone(network), Arc::new(session)))
}

/// Shows the page to somebody, who may have to open it.
fn invite(page: &str, no_browser: bool) {
    let opened = !no_browser && browser::open(page);
    let what = if opened { "The browser opens this page" } else { "Open this page in a browser" };
    // There is no one left to tell if this fails.
    let _ = writeln!(
        io::stderr(),
        "{what} to log in:\n\n  {}\n\nWaiting for {} minutes (Ctrl-C stops) ...",
        visible(page),
        PATIENCE.as_secs() / 60
    );
}

/// Ends the session: at the server, and here in any case.
pub(crate) fn end(common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let file = session_file()?;
    let network = network()?;
    let ended = match file.restore(&network) {
        Ok(None) => return Err(nobody()),
        Ok(Some(client)) => client.logout().map_err(|error| (About::of(&client, &file), error)),
        Err(error) => {
            // What is there cannot be used, so it cannot be ended either.
            remove(&file)?;
            error::note(&format!("removed, though it could not be used: {error}"));
            Ok(())
        }
    };
    remove(&file)?;
    if let Err((about, error)) = ended {
        let hint =
            "it ends there by itself; an app password can be revoked in the account's settings";
        let message = format!(
            "the session is gone from here, but {} could not be told: {error}",
            about.service
        );
        return Err(Failure::unwritable(message).hint(hint));
    }
    match common.json {
        true => out.line(json!({"logged_out": true})),
        false => out.line(format!("{} logged out", out.style.good("ok:"))),
    }
    Ok(OK)
}

fn remove(file: &SessionFile) -> Result<(), Failure> {
    file.remove().map_err(|error| failure(error, ""))
}
