//! `atdata history`: what a name has pointed to.

use crate::args::{Common, History};
use crate::datasets::extent;
use crate::error::{Failure, OK};
use crate::output::{Output, visible};
use crate::team::{self, LOCAL, short};
use crate::when;
use atdata::index::Index;
use atdata::provider::{Entry, Moment};
use serde_json::{Value as Json, json};

/// A moment, with the entry where it is still there.
struct Then {
    moment: Moment,
    entry: Option<Entry>,
    versions: Vec<String>,
}

/// Lists the moments, the newest first.
pub(crate) fn run(options: &History, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let index = common.team.open()?;
    let name = options.name.strip_prefix(LOCAL).unwrap_or(&options.name);
    let then = all(&index, name).map_err(|error| team::failure(&index, name, &error))?;
    if common.json {
        let history: Json = then.iter().map(Then::to_json).collect();
        out.line(format!("{:#}", json!({"name": name, "history": history})));
        return Ok(OK);
    }
    out.line(out.style.bold(&visible(&format!("{LOCAL}{name}"))));
    for (at, then) in then.iter().enumerate() {
        then.show(at == 0, out);
    }
    Ok(OK)
}

fn all(index: &Index, name: &str) -> atdata::Result<Vec<Then>> {
    let then = |moment: Moment| {
        let entry = index.provider().entry(&moment.cid)?;
        let labels = index.provider().labels(&moment.cid)?.into_iter();
        let versions = labels.filter(|label| label.name == name && !label.version.is_empty());
        Ok(Then { moment, entry, versions: versions.map(|label| label.version).collect() })
    };
    index.history(name)?.into_iter().map(then).collect()
}

impl Then {
    /// Two lines, since a CID takes one.
    fn show(&self, is_current: bool, out: &mut Output) {
        let since = match when::minute(&self.moment.at) {
            since if since.is_empty() => "?".to_owned(),
            since => format!("{since} UTC"),
        };
        let mut words = vec![since];
        match &self.entry {
            Some(entry) => words.extend([extent(entry), short(&entry.schema_ref)]),
            None => words.push("removed".to_owned()),
        }
        words.extend(self.versions.iter().map(|version| format!("version {version}")));
        if is_current && self.entry.is_some() {
            words.push("now".to_owned());
        }
        out.line(format!("  {}", visible(&words.join(", "))));
        out.line(out.style.dim(&format!("    {}", visible(&self.moment.cid))));
    }

    fn to_json(&self) -> Json {
        json!({
            "cid": self.moment.cid,
            "since": Some(&self.moment.at).filter(|at| !at.is_empty()),
            "exists": self.entry.is_some(),
            "schema": self.entry.as_ref().map(|entry| &entry.schema_ref),
            "samples": self.entry.as_ref().and_then(|entry| entry.facts.samples),
            "bytes": self.entry.as_ref().and_then(|entry| entry.facts.bytes),
            "versions": self.versions,
        })
    }
}
