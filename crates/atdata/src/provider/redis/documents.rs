//! Schemas and lenses.

use super::change::{self, Change};
use super::failure::Failure;
use super::link::{Link, all, command, one};
use super::read::range;
use super::write::Writing;
use super::{RedisProvider, keys};
use crate::provider::{Document, DocumentKind, Page};
use redis::{Cmd, Value, from_redis_value};

type Outcome<T> = Result<T, Failure>;

const CHUNK: usize = 1000;

/// Whether this created it; `again` where an earlier try may have done so.
pub(super) fn create(
    link: &mut Link,
    kind: DocumentKind,
    document: &Document,
    again: bool,
) -> Outcome<bool> {
    let key = keys::document(kind, &document.name, &document.version);
    let change = Change::document(kind, &format!("{}@{}", document.name, document.version));
    let writing = Writing {
        entries: vec![command("SET", &[&key, &document.json, "NX"])],
        labels: vec![],
        ours: vec![change::command(&[change])?],
    };
    if is_something(writing.send(link)?)? {
        return Ok(true);
    }
    if !again {
        return Ok(false);
    }
    let kept: Option<String> = from_redis_value(one(link.ask(&[command("GET", &[&key])])?)?)?;
    Ok(kept.as_ref() == Some(&document.json))
}

impl RedisProvider {
    pub(super) fn document_of(
        &self,
        link: &mut Link,
        kind: DocumentKind,
        name: &str,
    ) -> Outcome<Option<Document>> {
        let key = format!("{}{name}", keys::documents(kind));
        let answers = link.ask(&[command("GET", &[&key])])?;
        self.read_document(&key, name, answers.into_iter().next().unwrap_or(Value::Nil))
    }

    pub(super) fn list_versions(
        &self,
        link: &mut Link,
        kind: DocumentKind,
        name: &str,
    ) -> Outcome<Vec<String>> {
        let prefix = format!("{name}@");
        let (from, to) = (format!("[{prefix}"), [b"(", prefix.as_bytes(), b"\xff"].concat());
        let asked = [range(keys::document_set(kind), from.as_bytes(), &to, usize::MAX)];
        let found: Vec<String> = from_redis_value(one(self.ask_whole(link, &asked)?)?)?;
        let versions = found.iter().filter_map(|name| name.strip_prefix(&prefix));
        // With a further @ it is another name's.
        Ok(versions.filter(|version| !version.contains('@')).map(str::to_owned).collect())
    }

    pub(super) fn list_documents(
        &self,
        link: &mut Link,
        kind: DocumentKind,
        page: &Page,
    ) -> Outcome<Vec<Document>> {
        let mut found = Vec::new();
        let mut after = page.after.clone();
        loop {
            let wanted = (page.limit - found.len()).min(CHUNK);
            let from = after.as_ref().map_or("-".into(), |after| format!("({after}"));
            let asked = [range(keys::document_set(kind), from.as_bytes(), b"+", wanted)];
            let names: Vec<String> = from_redis_value(one(self.ask_whole(link, &asked)?)?)?;
            found.extend(self.read_documents(link, kind, &names)?);
            if names.len() < wanted || found.len() >= page.limit {
                return Ok(found);
            }
            after = names.last().cloned();
        }
    }

    fn read_documents(
        &self,
        link: &mut Link,
        kind: DocumentKind,
        names: &[String],
    ) -> Outcome<Vec<Document>> {
        let key = |name: &String| format!("{}{name}", keys::documents(kind));
        let asked: Vec<Cmd> = names.iter().map(|name| command("GET", &[&key(name)])).collect();
        let answers = link.ask(&asked)?.into_iter().zip(names);
        let read = answers.map(|(answer, name)| self.read_document(&key(name), name, answer));
        Ok(read.collect::<Outcome<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// A document called `name@version`.
    fn read_document(&self, key: &str, name: &str, answer: Value) -> Outcome<Option<Document>> {
        let answer = answer.extract_error().map_err(|error| match error.to_string() {
            said if said.contains("WRONGTYPE") => {
                Failure::from(self.broken(key, "it is no string"))
            }
            _ => Failure::from(error),
        })?;
        let Some(json) = from_redis_value::<Option<Vec<u8>>>(answer)? else { return Ok(None) };
        let json = String::from_utf8(json).map_err(|_| self.broken(key, "it is no text"))?;
        let (name, version) = name.rsplit_once('@').unwrap_or((name, ""));
        Ok(Some(Document { name: name.into(), version: version.into(), json }))
    }
}

fn is_something(answers: Vec<Value>) -> Outcome<bool> {
    let answers = all(answers)?;
    Ok(answers.first().is_some_and(|answer| !matches!(answer, Value::Nil)))
}
