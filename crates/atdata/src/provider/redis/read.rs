//! Entries and labels out of the original's keys.

use super::change::Change;
use super::failure::Failure;
use super::link::{Link, all, command, one};
use super::{RedisProvider, keys, rebuild};
use crate::error::Error;
use crate::provider::codec::EntryRow;
use crate::provider::{Entry, Facts, Label};
use redis::{Cmd, Value, from_redis_value};
use std::collections::HashMap;

type Outcome<T> = Result<T, Failure>;
type Fields = HashMap<Vec<u8>, Vec<u8>>;

impl RedisProvider {
    /// The entries of CIDs; `None` where there is none.
    pub(super) fn fetch(&self, link: &mut Link, cids: &[&str]) -> Outcome<Vec<Option<Entry>>> {
        let mut commands: Vec<Cmd> = cids.iter().map(|cid| row_command(cid)).collect();
        commands.extend(facts_command(cids));
        let mut answers = link.ask(&commands)?;
        let facts = answers.pop().unwrap_or(Value::Nil);
        self.entries_of(cids, answers, facts)
    }

    /// The current entries of names, given what our own keys say they are. Where the original has
    /// let a name point elsewhere, that is followed and noted.
    pub(super) fn follow(
        &self,
        link: &mut Link,
        shown: &[(String, String)],
    ) -> Outcome<Vec<Entry>> {
        let cids: Vec<&str> = shown.iter().map(|(_, cid)| cid.as_str()).collect();
        let mut commands: Vec<Cmd> = cids.iter().map(|cid| row_command(cid)).collect();
        commands.extend(shown.iter().map(|(name, _)| target_command(name, "")));
        commands.extend(facts_command(&cids));
        let mut answers = link.ask(&commands)?;
        let facts = answers.pop().unwrap_or(Value::Nil);
        let targets = all(answers.split_off(cids.len().min(answers.len())))?;
        let mut found = self.entries_of(&cids, answers, facts)?;
        let mut moved = Vec::new();
        for (place, target) in targets.into_iter().enumerate() {
            let target: Option<String> = from_redis_value(target)?;
            if let Some(target) = target.filter(|target| *target != shown[place].1) {
                moved.push((place, target));
            }
        }
        if !moved.is_empty() {
            self.follow_moved(link, shown, &moved, &mut found)?;
        }
        let named = |(entry, (name, _)): (Option<Entry>, &(String, String))| {
            entry.map(|entry| Entry { name: name.clone(), ..entry })
        };
        Ok(found.into_iter().zip(shown).filter_map(named).collect())
    }

    fn follow_moved(
        &self,
        link: &mut Link,
        shown: &[(String, String)],
        moved: &[(usize, String)],
        found: &mut [Option<Entry>],
    ) -> Outcome<()> {
        let cids: Vec<&str> = moved.iter().map(|(_, cid)| cid.as_str()).collect();
        for (entry, (place, _)) in self.fetch(link, &cids)?.into_iter().zip(moved) {
            if entry.is_some() {
                found[*place] = entry;
            }
        }
        let names: Vec<&str> = moved.iter().map(|(place, _)| shown[*place].0.as_str()).collect();
        rebuild::note_targets(link, &names)
    }

    fn entries_of(
        &self,
        cids: &[&str],
        rows: Vec<Value>,
        facts: Value,
    ) -> Outcome<Vec<Option<Entry>>> {
        let facts: Vec<Option<String>> = from_redis_value(facts.extract_error()?)?;
        let mut facts = facts.chunks(FACTS.len());
        let rows = rows.into_iter().zip(cids);
        rows.map(|(row, cid)| self.entry_of(cid, row, facts.next().unwrap_or_default())).collect()
    }

    fn entry_of(&self, cid: &str, row: Value, facts: &[Option<String>]) -> Outcome<Option<Entry>> {
        let key = keys::entry(cid);
        let fields = self.fields(&key, row)?;
        if fields.is_empty() {
            return Ok(None);
        }
        let row = EntryRow {
            cid: cid.to_owned(),
            name: self.text(&key, &fields, "name")?,
            schema_ref: self.text(&key, &fields, "schema_ref")?,
            data_urls: self.field(&key, &fields, "data_urls")?.clone(),
            metadata: fields.get(&b"metadata"[..]).cloned(),
            facts: facts_of(facts),
        };
        Ok(Some(row.entry(&self.place(&key))?))
    }

    /// A label, if its hash points to this entry.
    pub(super) fn label_of(
        &self,
        (name, version): (&str, &str),
        cid: &str,
        row: Value,
    ) -> Outcome<Option<Label>> {
        let key = keys::label(name, version);
        let fields = self.fields(&key, row)?;
        if fields.get(&b"cid"[..]).is_none_or(|found| found != cid.as_bytes()) {
            return Ok(None);
        }
        let description = match fields.contains_key(&b"description"[..]) {
            true => Some(self.text(&key, &fields, "description")?),
            false => None,
        };
        let (name, version) = (name.to_owned(), version.to_owned());
        Ok(Some(Label { name, version, cid: cid.to_owned(), description }))
    }

    fn fields(&self, key: &str, row: Value) -> Outcome<Fields> {
        let row = row.extract_error().map_err(|error| match error.to_string() {
            said if said.contains("WRONGTYPE") => Failure::from(self.broken(key, "it is no hash")),
            _ => Failure::from(error),
        })?;
        Ok(from_redis_value(row)?)
    }

    fn field<'a>(&self, key: &str, fields: &'a Fields, name: &str) -> Outcome<&'a Vec<u8>> {
        let missing = || self.broken(key, &format!("it has no {name}")).into();
        fields.get(name.as_bytes()).ok_or_else(missing)
    }

    fn text(&self, key: &str, fields: &Fields, name: &str) -> Outcome<String> {
        let bytes = self.field(key, fields, name)?.clone();
        let broken = |_| self.broken(key, &format!("its {name} is no text")).into();
        String::from_utf8(bytes).map_err(broken)
    }

    pub(super) fn broken(&self, key: &str, why: &str) -> Error {
        let place = self.place(key);
        Error::BadIndex(format!(
            "{place} cannot be read: {why}; write it again, or remove that key"
        ))
    }

    fn place(&self, key: &str) -> String {
        format!("{}, key {}", self.links.options().address(), key.escape_debug())
    }
}

/// What is kept of an entry beside its row, each under its CID and this.
const FACTS: [&str; 3] = ["content_cid", "samples", "bytes"];

fn row_command(cid: &str) -> Cmd {
    command("HGETALL", &[&keys::entry(cid)])
}

/// What a label points to.
pub(super) fn target_command(name: &str, version: &str) -> Cmd {
    command("HGET", &[&keys::label(name, version), "cid"])
}

fn facts_command(cids: &[&str]) -> Option<Cmd> {
    let mut command = redis::cmd("HMGET");
    command.arg(keys::FACTS);
    for cid in cids {
        command.arg(FACTS.map(|fact| keys::member(&[cid, fact])).as_slice());
    }
    Some(command).filter(|_| !cids.is_empty())
}

fn facts_of(found: &[Option<String>]) -> Facts {
    let fact = |place: usize| found.get(place).cloned().flatten();
    let number = |place: usize| fact(place).and_then(|count| count.parse().ok());
    Facts { content_cid: fact(0), samples: number(1), bytes: number(2) }
}

/// The members of a set between two of them.
pub(super) fn range(set: &str, from: &[u8], to: &[u8], limit: usize) -> Cmd {
    let mut command = redis::cmd("ZRANGEBYLEX");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    command.arg(set).arg(from).arg(to).arg("LIMIT").arg(0).arg(limit);
    command
}

/// What a CID's labels are, as `(name, version)`.
pub(super) fn labels_of(link: &mut Link, cid: &str) -> Outcome<Vec<(String, String)>> {
    let from = keys::start(&keys::member(&[cid, ""]), None);
    let found = one(link.ask(&[range(keys::LABELS, &from, &keys::end(cid), usize::MAX)])?)?;
    Ok(label_members(from_redis_value(found)?))
}

pub(super) fn label_members(members: Vec<String>) -> Vec<(String, String)> {
    let label = |member: String| {
        let (_, label) = member.split_once(keys::END)?;
        let (name, version) = label.split_once(keys::END)?;
        Some((name.to_owned(), version.to_owned()))
    };
    members.into_iter().filter_map(label).collect()
}

/// A change that notes an entry, if it is still there.
pub(super) fn noted(entry: &Entry, link: &Link) -> Change {
    let change = Change::entry(entry).if_there(keys::entry(&entry.cid));
    if link.is_cluster() { change.unasked() } else { change }
}
