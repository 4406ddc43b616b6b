//! `atdata doctor`: what can be reached, and what to do where it cannot. It never shows a secret.

use crate::args::Common;
use crate::error::{Failure, OK, PROBLEMS, message};
use crate::network::{network, session_file};
use crate::output::{Output, WIDTH, padded, visible, wrapped};
use crate::whoami::About;
use atdata::source::shown;
use atdata::{Error, config};
use serde_json::{Value as Json, json};
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, Instant};

/// The beginnings of variables that we or the libraries for servers look at.
const PREFIXES: [&str; 6] = ["ATDATA_", "ATPROTO_", "AWS_", "AZURE_", "GOOGLE_", "PG"];

/// Other variables that change what happens.
const OTHERS: [&str; 8] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Variables whose values are shown: none of them is ever a secret. URLs lose their passwords.
const SHOWN: [&str; 17] = [
    "ATDATA_HOME",
    "ATDATA_ALLOW_PIPE",
    "ATDATA_ALLOW_PRIVATE",
    "ATDATA_HANDLE_RESOLVER",
    "ATDATA_PDS",
    "ATDATA_PLC",
    "ATPROTO_HANDLE",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ALLOW_HTTP",
    "PGHOST",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
];

/// Something that was tried.
struct Check {
    what: &'static str,
    /// Where it is, without secrets.
    address: String,
    took: Duration,
    /// What is wrong, and what there is to do.
    problem: Option<(String, Option<String>)>,
}

/// Tries everything, and says what came of it.
pub(crate) fn run(common: &Common, out: &mut Output) -> i32 {
    let checks = [index(common), store(common), home()];
    let checks: Vec<Check> = checks.into_iter().chain(login()).collect();
    let is_well = checks.iter().all(|check| check.problem.is_none());
    let variables = variables();
    if common.json {
        out.line(format!("{:#}", to_json(&checks, &variables)));
    } else {
        checks.iter().for_each(|check| check.show(out));
        out.line("");
        out.line(out.style.bold("Program"));
        out.line(format!(
            "  atdata {VERSION}, {} {}",
            std::env::consts::OS,
            std::env::consts::ARCH
        ));
        show_variables(&variables, out);
        out.line("");
        out.line(if is_well {
            format!("{} all can be reached", out.style.good("ok:"))
        } else {
            format!("{} not all can be reached", out.style.error("failed:"))
        });
    }
    if is_well { OK } else { PROBLEMS }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn index(common: &Common) -> Check {
    let provider = common.team.provider();
    let address = provider.as_ref().map_or_else(|_| "?".to_owned(), |it| it.address());
    Check::of("index", address, || match provider {
        Ok(provider) => provider.check().map_err(|error| advice(&error, "--index", "ATDATA_INDEX")),
        Err(Failure { message, hint, .. }) => Err((message, hint)),
    })
}

fn store(common: &Common) -> Check {
    let store = common.team.store();
    let address = store.as_ref().map_or_else(|_| "?".to_owned(), |it| it.address());
    Check::of("store", address, || match store {
        Ok(store) => store.check().map_err(|error| advice(&error, "--store", "ATDATA_STORE")),
        Err(Failure { message, hint, .. }) => Err((message, hint)),
    })
}

fn advice(error: &Error, option: &str, variable: &str) -> (String, Option<String>) {
    let hint = match error {
        Error::Denied { .. } => format!("check the user and password, in {option} or {variable}"),
        _ => format!("{option} or {variable} says where it is"),
    };
    (message(error), Some(hint))
}

/// The session, where somebody is logged in.
fn login() -> Option<Check> {
    let file = session_file().ok()?;
    let hint = || Some("atdata login HANDLE begins another".to_owned());
    let client = match network().map(|network| file.restore(&network)) {
        Ok(Ok(client)) => client?,
        Ok(Err(error)) => {
            let address = file.path().display().to_string();
            return Some(Check::of("login", address, || Err((error.to_string(), hint()))));
        }
        Err(Failure { message, hint, .. }) => {
            return Some(Check::of("login", "?".to_owned(), || Err((message, hint))));
        }
    };
    let about = About::of(&client, &file);
    let address = format!("{} at {}", about.name(), about.service);
    Some(Check::of("login", address, || {
        let asked = client.xrpc().query("com.atproto.server.getSession", &[]);
        asked.map(|_| ()).map_err(|error| (error.to_string(), hint()))
    }))
}

/// The folder for the cache, and for the index and the store where nothing else is said.
fn home() -> Check {
    let Some(home) = config::home() else {
        let hint = Some("set ATDATA_HOME".to_owned());
        let problem = Err(("there is no home folder".to_owned(), hint));
        return Check::of("home", "?".to_owned(), || problem);
    };
    Check::of("home", home.display().to_string(), || {
        writable(&home).map_err(|error| {
            let hint = "ATDATA_HOME names another folder; this one must be writable";
            (message(&Error::io("write", &home, error)), Some(hint.to_owned()))
        })
    })
}

/// A folder that is not there yet is made when something is put into it.
fn writable(folder: &Path) -> std::io::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let path = folder.join(format!(".doctor-{}.tmp", std::process::id()));
    File::create_new(&path).and_then(|_| fs::remove_file(&path))
}

impl Check {
    fn of(
        what: &'static str,
        address: String,
        check: impl FnOnce() -> Result<(), (String, Option<String>)>,
    ) -> Self {
        let start = Instant::now();
        let problem = check().err();
        Self { what, address, took: start.elapsed(), problem }
    }

    fn show(&self, out: &mut Output) {
        let state = match self.problem {
            None => out.style.good("ok    "),
            Some(_) => out.style.error("failed"),
        };
        let (what, address) = (padded(self.what, 5), visible(&self.address));
        out.line(format!("{what}  {state}  {address}  {}", out.style.dim(&self.took())));
        let Some((problem, hint)) = &self.problem else { return };
        for line in wrapped(&visible(problem), WIDTH - 15) {
            out.line(format!("               {}", line.trim()));
        }
        for line in hint.iter().flat_map(|hint| wrapped(hint, WIDTH - 15)) {
            out.line(out.style.hint(&format!("               {line}")));
        }
    }

    fn took(&self) -> String {
        format!("{:.1} ms", self.took.as_secs_f64() * 1000.0)
    }

    fn to_json(&self) -> Json {
        let problem = self.problem.as_ref();
        json!({
            "what": self.what,
            "address": self.address,
            "ok": problem.is_none(),
            "seconds": self.took.as_secs_f64(),
            "problem": problem.map(|(problem, _)| problem),
            "hint": problem.and_then(|(_, hint)| hint.as_ref()),
        })
    }
}

/// The variables that are set, with the values of those that are no secrets.
fn variables() -> Vec<(String, Option<String>)> {
    let by_prefix = PREFIXES.iter().flat_map(|prefix| config::variables(prefix));
    let by_name = OTHERS
        .iter()
        .filter_map(|name| config::variable(name).map(|value| ((*name).to_owned(), value)));
    let value = |name: &str, value: &str| SHOWN.contains(&name).then(|| shown(value));
    let found = by_prefix.chain(by_name);
    let mut found: Vec<_> = found.map(|(name, text)| (name.clone(), value(&name, &text))).collect();
    found.sort();
    found
}

fn show_variables(variables: &[(String, Option<String>)], out: &mut Output) {
    if variables.is_empty() {
        return;
    }
    out.line("");
    out.line(out.style.bold("Environment"));
    for (name, value) in variables {
        match value {
            Some(value) => out.line(format!("  {}={}", visible(name), visible(value))),
            None => out.line(format!("  {} is set", visible(name))),
        }
    }
}

fn to_json(checks: &[Check], variables: &[(String, Option<String>)]) -> Json {
    let variable = |(name, value): &(String, Option<String>)| json!({"name": name, "value": value});
    json!({
        "ok": checks.iter().all(|check| check.problem.is_none()),
        "version": VERSION,
        "checks": checks.iter().map(Check::to_json).collect::<Json>(),
        "environment": variables.iter().map(variable).collect::<Json>(),
    })
}
