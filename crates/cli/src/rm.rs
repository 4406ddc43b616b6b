//! `atdata rm`: takes data sets out of the index.

use crate::args::{Common, Rm};
use crate::datasets::extent;
use crate::error::{Failure, OK};
use crate::output::{Output, counted, visible};
use crate::team::{self, LOCAL};
use atdata::index::Index;
use atdata::provider::Entry;
use serde_json::{Value as Json, json};
use std::io::{self, IsTerminal, Write};

/// Says what goes, asks, and removes it.
pub(crate) fn run(options: &Rm, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let index = common.team.open()?;
    let text = options.target.strip_prefix(LOCAL).unwrap_or(&options.target);
    let entry = team::find(&index, text)?;
    let what = what(&index, text, &entry).map_err(|error| Failure::data(&error, ""))?;
    let question = format!("{what}\nfrom {}\nRemove it?", index.provider().address());
    if !options.yes && !agreed(&question)? {
        out.line("nothing was removed");
        return Ok(OK);
    }
    let gone = index.delete(text).map_err(|error| team::failure(&index, text, &error))?;
    if common.json {
        let gone: Json =
            gone.iter().map(|entry| json!({"name": entry.name, "cid": entry.cid})).collect();
        out.line(format!("{:#}", json!({"removed": text, "entries": gone})));
        return Ok(OK);
    }
    out.line(format!("removed {}", visible(&what)));
    for entry in &gone {
        out.line(out.style.dim(&format!("  {}", visible(&entry.cid))));
    }
    if gone.is_empty() {
        out.line("the entry is still there under another name");
    } else {
        out.line("its shards stay until nothing names them and atdata gc --remove is run");
    }
    Ok(OK)
}

/// `@local/flowers and 2 older states: 300 samples in 3 shards (1.2 MiB)`.
fn what(index: &Index, text: &str, entry: &Entry) -> atdata::Result<String> {
    let is_name = entry.name == text;
    let moments = if is_name { index.history(text)? } else { Vec::new() };
    let mut older: Vec<&str> = moments.iter().map(|moment| moment.cid.as_str()).collect();
    older.sort_unstable();
    older.dedup();
    let mut there = 0_u64;
    for cid in older.iter().filter(|cid| **cid != entry.cid) {
        there += u64::from(index.provider().entry(cid)?.is_some());
    }
    let older = match there {
        0 => String::new(),
        older => format!(" and {}", counted(older, "older state")),
    };
    let name = if text == entry.cid { text.to_owned() } else { format!("{LOCAL}{text}") };
    Ok(format!("{name}{older}: {}", extent(entry)))
}

/// Asks a person; where there is none, nothing is agreed to.
fn agreed(question: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let hint = "--yes removes without asking";
        return Err(Failure::usage("there is nobody to ask").hint(hint));
    }
    let mut answer = String::new();
    // Someone who cannot read the question cannot answer yes either.
    let lines: Vec<String> = question.lines().map(visible).collect();
    let _ = write!(io::stderr(), "{} [y/N] ", lines.join("\n"));
    let _ = io::stdin().read_line(&mut answer);
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
