//! Puts and removes entries and labels: the original's keys and ours together.

use super::change::{self, Change};
use super::failure::Failure;
use super::link::{Link, all, command};
use super::lock::locked;
use super::read::labels_of;
use super::{RedisProvider, keys};
use crate::provider::Label;
use crate::provider::codec::EntryRow;
use redis::{Cmd, Value, from_redis_value};
use std::slice::from_ref;

type Outcome<T> = Result<T, Failure>;

/// Removes a label, if it points to this entry.
const REMOVE_LABEL: &str =
    "if redis.call('HGET', KEYS[1], 'cid') == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// A script of more changes would keep a server from everything else for too long.
const CHUNK: usize = 1000;

/// What is to be written: the original's keys in this order, then ours.
pub(super) struct Writing {
    pub(super) entries: Vec<Cmd>,
    pub(super) labels: Vec<Cmd>,
    pub(super) ours: Vec<Cmd>,
}

impl Writing {
    /// Writes it, and gives the answers to the first part: on one server all or nothing (but for
    /// our own keys, when there are many), in a cluster one part after the other, so that no label
    /// points to what is not there yet.
    pub(super) fn send(&self, link: &mut Link) -> Outcome<Vec<Value>> {
        let first = self.entries.len();
        if !link.is_cluster() {
            let (begin, rest) = self.ours.split_at(self.ours.len().min(1));
            let together = [&self.entries[..], &self.labels, begin].concat();
            let mut answers = all(link.ask(&together)?)?;
            answers.truncate(first);
            send_ours(link, rest)?;
            return Ok(answers);
        }
        let answers = all(link.ask(&self.entries)?)?;
        all(link.ask(&self.labels)?)?;
        send_ours(link, &self.ours)?;
        Ok(answers)
    }
}

fn send_ours(link: &mut Link, commands: &[Cmd]) -> Outcome<()> {
    commands.iter().try_for_each(|command| all(link.ask_ours(from_ref(command))?).map(drop))
}

pub(super) fn put(
    link: &mut Link,
    rows: &[EntryRow],
    labels: &[Label],
    changes: &[Change],
) -> Outcome<()> {
    let writing = Writing {
        entries: rows.iter().flat_map(entry_commands).collect(),
        labels: labels.iter().flat_map(label_commands).collect(),
        ours: changes.chunks(CHUNK).map(change::command).collect::<Result<_, _>>()?,
    };
    locked(link, |link| writing.send(link)).map(drop)
}

impl RedisProvider {
    /// Whether there was one, now or when this was first tried.
    pub(super) fn remove_entry_of(
        &self,
        link: &mut Link,
        cid: &str,
        was_there: &mut bool,
    ) -> Outcome<bool> {
        let key = keys::entry(cid);
        *was_there |= exists(self.ask_whole(link, &[command("EXISTS", &[&key])])?)?;
        locked(link, |link| {
            let labels = labels_of(link, cid)?;
            let change = |(name, version): &(String, String)| Change::no_label(name, version, cid);
            let changes: Vec<Change> =
                labels.iter().map(change).chain([Change::no_entry(cid)]).collect();
            let remove = |(name, version): &(String, String)| {
                command("EVAL", &[REMOVE_LABEL, "1", &keys::label(name, version), cid])
            };
            let writing = Writing {
                entries: vec![command("DEL", &[&key])],
                labels: labels.iter().map(remove).collect(),
                ours: vec![change::command(&changes)?],
            };
            exists(writing.send(link)?)
        })
    }
}

/// Whether there was one, now or when this was first tried.
pub(super) fn remove_label(
    link: &mut Link,
    name: &str,
    version: &str,
    was_there: &mut bool,
) -> Outcome<bool> {
    let key = keys::label(name, version);
    *was_there |= exists(all(link.ask(&[command("EXISTS", &[&key])])?)?)?;
    let writing = Writing {
        entries: vec![command("DEL", &[&key])],
        labels: vec![],
        ours: vec![change::command(&[Change::no_label(name, version, "")])?],
    };
    exists(locked(link, |link| writing.send(link))?)
}

/// Whether the first answer counts anything.
fn exists(answers: Vec<Value>) -> Outcome<bool> {
    let first = answers.into_iter().next().unwrap_or(Value::Nil);
    Ok(from_redis_value::<Option<i64>>(first)?.is_some_and(|count| count > 0))
}

fn entry_commands(row: &EntryRow) -> [Cmd; 3] {
    let key = keys::entry(&row.cid);
    let mut set = command("HSET", &[&key, "cid", &row.cid, "schema_ref", &row.schema_ref]);
    set.arg("data_urls").arg(&row.data_urls);
    let metadata = match &row.metadata {
        Some(metadata) => {
            let mut set = command("HSET", &[&key, "metadata"]);
            set.arg(metadata);
            set
        }
        None => command("HDEL", &[&key, "metadata"]),
    };
    [command("HSETNX", &[&key, "name", &row.name]), set, metadata]
}

fn label_commands(label: &Label) -> [Cmd; 2] {
    let key = keys::label(&label.name, &label.version);
    let fields = ["cid", &label.cid, "name", &label.name, "version", &label.version];
    let description = match &label.description {
        Some(description) => command("HSET", &[&key, "description", description]),
        None => command("HDEL", &[&key, "description"]),
    };
    let mut set = command("HSET", &[&key]);
    set.arg(&fields[..]);
    [set, description]
}
