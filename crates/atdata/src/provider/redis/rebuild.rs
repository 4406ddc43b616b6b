//! Makes our own keys fit the original's again, after it has written past us.

use super::change::{self, Change};
use super::failure::Failure;
use super::known::Known;
use super::link::{Link, all, command, one};
use super::lock::locked;
use super::presence::Presence;
use super::read::{noted, target_command};
use super::scan::{Seen, scan};
use super::{RedisProvider, keys};
use crate::provider::codec::EntryRow;
use crate::provider::{DocumentKind, Entry};
use redis::{Cmd, Value, from_redis_value};
use std::collections::HashMap;

type Outcome<T> = Result<T, Failure>;

/// How much is asked or changed at once.
const CHUNK: usize = 1000;

impl RedisProvider {
    /// Asks our own keys, once it is sure that they know of all that is there.
    pub(super) fn ask_whole(&self, link: &mut Link, commands: &[Cmd]) -> Outcome<Vec<Value>> {
        let mut asked = commands.to_vec();
        let presence = Presence::ask(link, &mut asked);
        let mut answers = link.ask(&asked)?;
        if presence.is_whole(&mut answers)? {
            return all(answers);
        }
        locked(link, |link| if is_whole(link)? { Ok(()) } else { self.rebuild(link) })?;
        all(link.ask(commands)?)
    }

    fn rebuild(&self, link: &mut Link) -> Outcome<()> {
        let address = self.links.options().address();
        tracing::info!("{address}: others have written to the index; looking at all its keys");
        // In this order: what is put meanwhile is not taken for gone.
        let known = Known::read(link)?;
        let seen = scan(link)?;
        self.note_entries(link, &known, &seen)?;
        note_labels(link, &known, &seen)?;
        note_documents(link, &known, &seen)?;
        let foreign = seen.foreign.len().to_string();
        one(link.ask(&[command("SET", &[keys::FOREIGN, &foreign])])?)?;
        Ok(())
    }

    fn note_entries(&self, link: &mut Link, known: &Known, seen: &Seen) -> Outcome<()> {
        let missing: Vec<&String> = seen.entries.difference(&known.entries).collect();
        for cids in missing.chunks(CHUNK) {
            let rows: Vec<Cmd> =
                cids.iter().map(|cid| command("HGETALL", &[&keys::entry(cid)])).collect();
            let rows = link.ask(&rows)?.into_iter().zip(cids);
            let entries: Vec<Entry> = rows.map(|(row, cid)| readable(cid, row)).collect();
            let changes: Vec<Change> = entries.iter().map(|entry| noted(entry, link)).collect();
            apply(link, &changes)?;
        }
        let gone = known.entries.difference(&seen.entries);
        let gone = gone.map(|cid| Change::no_entry(cid).if_gone(keys::entry(cid)));
        apply(link, &gone.collect::<Vec<_>>())
    }
}

/// Notes what labels of names point to, as it is now.
pub(super) fn note_targets(link: &mut Link, names: &[&str]) -> Outcome<()> {
    locked(link, |link| {
        let asked: Vec<Cmd> = names.iter().map(|name| target_command(name, "")).collect();
        let targets = all(link.ask(&asked)?)?;
        let mut changes = Vec::new();
        for (name, target) in names.iter().zip(targets) {
            if let Some(cid) = from_redis_value::<Option<String>>(target)? {
                changes.push(seen_label(name, "", &cid));
            }
        }
        apply(link, &changes)
    })
}

fn is_whole(link: &mut Link) -> Outcome<bool> {
    let mut asked = Vec::new();
    let presence = Presence::ask(link, &mut asked);
    presence.is_whole(&mut link.ask(&asked)?)
}

fn seen_label(name: &str, version: &str, cid: &str) -> Change {
    Change::label(name, version, cid).if_points(keys::label(name, version), cid)
}

fn note_labels(link: &mut Link, known: &Known, seen: &Seen) -> Outcome<()> {
    let differs = |((name, version), cid): (&(String, String), &String)| {
        let is_known = known.targets.get(&(name.clone(), version.clone())) == Some(cid);
        (!is_known).then(|| seen_label(name, version, cid))
    };
    let changes: Vec<Change> = seen.labels.iter().filter_map(differs).collect();
    apply(link, &changes)?;
    let gone = known.targets.iter().filter(|(label, _)| !seen.labels.contains_key(*label));
    let gone = gone.map(|((name, version), cid)| {
        Change::no_label(name, version, cid).if_gone(keys::label(name, version))
    });
    apply(link, &gone.collect::<Vec<_>>())
}

fn note_documents(link: &mut Link, known: &Known, seen: &Seen) -> Outcome<()> {
    for kind in [DocumentKind::Schema, DocumentKind::Lens] {
        let (Some(known), Some(seen)) = (known.documents.get(&kind), seen.documents.get(&kind))
        else {
            continue;
        };
        let key = |name: &String| format!("{}{name}", keys::documents(kind));
        let there = seen.difference(known);
        let there = there.map(|name| Change::document(kind, name).if_there(key(name)));
        let gone = known.difference(seen);
        let gone = gone.map(|name| Change::no_document(kind, name).if_gone(key(name)));
        apply(link, &there.chain(gone).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Applies changes, a part at a time: a server does nothing else meanwhile.
fn apply(link: &mut Link, changes: &[Change]) -> Outcome<()> {
    for changes in changes.chunks(CHUNK) {
        let changes = changes.iter().cloned();
        let changes: Vec<Change> = match link.is_cluster() {
            true => changes.map(Change::unasked).collect(),
            false => changes.collect(),
        };
        all(link.ask_ours(&[change::command(&changes)?])?)?;
    }
    Ok(())
}

/// As much of an entry as can be read; reading it later says what is wrong.
fn readable(cid: &str, row: Value) -> Entry {
    let fields: HashMap<Vec<u8>, Vec<u8>> = from_redis_value(row).unwrap_or_default();
    let field = |name: &str| fields.get(name.as_bytes()).cloned();
    let text = |name: &str| String::from_utf8(field(name).unwrap_or_default()).unwrap_or_default();
    let row = EntryRow {
        cid: cid.to_owned(),
        name: text("name").replace(keys::END, ""),
        schema_ref: text("schema_ref"),
        data_urls: field("data_urls").unwrap_or_default(),
        metadata: field("metadata"),
        ..EntryRow::default()
    };
    row.readable()
}
