//! An index in this process's memory.

use super::codec::EntryRow;
use super::facets::Facets;
use super::guarded::Guarded;
use super::{Document, DocumentKind, Entry, IndexProvider, Label, Moment, Page, Query};
use crate::error::Result;
use std::collections::btree_map as map;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::SystemTime;

/// An index in this process's memory, gone when it is dropped; of use in tests and for passing
/// things on within a process.
///
/// ```
/// use atdata::provider::{Entry, IndexProvider, Label, MemoryProvider};
///
/// # fn main() -> atdata::Result<()> {
/// let index = MemoryProvider::default();
/// let entry = Entry { cid: "bafyreia".into(), name: "cats".into(), ..Entry::default() };
/// let label = Label { name: "cats".into(), cid: entry.cid.clone(), ..Label::default() };
/// index.put(&[entry], &[label])?;
/// assert_eq!(index.named("cats", "")?.unwrap().cid, "bafyreia");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default)]
pub struct MemoryProvider {
    tables: Guarded<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    /// By CID.
    entries: BTreeMap<String, Entry>,
    /// The CIDs of the rows that have a name, the oldest first.
    rows: BTreeMap<String, Vec<String>>,
    /// By name and version.
    labels: BTreeMap<(String, String), Label>,
    history: BTreeMap<String, Vec<Moment>>,
    /// By kind and `name@version`.
    documents: BTreeMap<(DocumentKind, String), Document>,
}

impl Tables {
    fn put_entry(&mut self, entry: &Entry) {
        if let Some(known) = self.entries.get_mut(&entry.cid) {
            known.metadata.clone_from(&entry.metadata);
            known.facts = entry.facts.or(&known.facts);
            return;
        }
        self.rows.entry(entry.name.clone()).or_default().push(entry.cid.clone());
        self.entries.insert(entry.cid.clone(), entry.clone());
    }

    fn put_label(&mut self, label: &Label) {
        self.labels.insert((label.name.clone(), label.version.clone()), label.clone());
        let history = self.history.entry(label.name.clone()).or_default();
        let is_known = history.last().is_some_and(|last| last.cid == label.cid);
        if label.version.is_empty() && !is_known {
            let at = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
            history.push(Moment { cid: label.cid.clone(), at });
        }
    }

    fn named(&self, name: &str, version: &str) -> Option<Entry> {
        let label = self.labels.get(&(name.to_owned(), version.to_owned()));
        let labelled = label.map(|label| &label.cid).filter(|cid| self.entries.contains_key(*cid));
        let newest = || self.rows.get(name).and_then(|cids| cids.last());
        let cid = match version {
            "" => labelled.or_else(newest)?,
            _ => labelled?,
        };
        let entry = self.entries.get(cid)?;
        Some(Entry { name: name.to_owned(), ..entry.clone() })
    }

    /// The current entries from the first name after `after`.
    fn current<'a>(&'a self, after: &Option<String>) -> impl Iterator<Item = Entry> + 'a {
        let after = after.clone();
        let labelled = self.labels.keys().filter(|(_, version)| version.is_empty());
        let names: BTreeSet<&String> =
            self.rows.keys().chain(labelled.map(|(name, _)| name)).collect();
        let is_after = move |name: &&String| after.as_ref().is_none_or(|after| *name > after);
        names.into_iter().filter(is_after).filter_map(|name| self.named(name, ""))
    }

    fn remove_entry(&mut self, cid: &str) -> bool {
        let Some(entry) = self.entries.remove(cid) else { return false };
        self.labels.retain(|_, label| label.cid != cid);
        if let Some(cids) = self.rows.get_mut(&entry.name) {
            cids.retain(|known| known != cid);
        }
        self.rows.retain(|_, cids| !cids.is_empty());
        true
    }
}

/// Where a page begins in a map.
fn start(page: &Page) -> (Bound<String>, Bound<String>) {
    (page.after.clone().map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

fn key(name: &str, version: &str) -> String {
    format!("{name}@{version}")
}

impl IndexProvider for MemoryProvider {
    fn address(&self) -> String {
        "memory:".into()
    }

    fn check(&self) -> Result<()> {
        Ok(())
    }

    fn put(&self, entries: &[Entry], labels: &[Label]) -> Result<()> {
        entries.iter().try_for_each(|entry| EntryRow::of(entry).map(drop))?;
        let mut tables = self.tables.lock()?;
        entries.iter().for_each(|entry| tables.put_entry(entry));
        labels.iter().for_each(|label| tables.put_label(label));
        Ok(())
    }

    fn entry(&self, cid: &str) -> Result<Option<Entry>> {
        Ok(self.tables.lock()?.entries.get(cid).cloned())
    }

    fn named(&self, name: &str, version: &str) -> Result<Option<Entry>> {
        Ok(self.tables.lock()?.named(name, version))
    }

    fn current(&self, page: &Page) -> Result<Vec<Entry>> {
        Ok(self.tables.lock()?.current(&page.after).take(page.limit).collect())
    }

    fn entries(&self, page: &Page) -> Result<Vec<Entry>> {
        let tables = self.tables.lock()?;
        Ok(tables
            .entries
            .range(start(page))
            .take(page.limit)
            .map(|(_, entry)| entry.clone())
            .collect())
    }

    fn search(&self, query: &Query, page: &Page) -> Result<Vec<Entry>> {
        let tables = self.tables.lock()?;
        let fit = |entry: &Entry| Facets::of(entry).fit(query);
        Ok(tables.current(&page.after).filter(fit).take(page.limit).collect())
    }

    fn history(&self, name: &str) -> Result<Vec<Moment>> {
        let tables = self.tables.lock()?;
        Ok(tables.history.get(name).into_iter().flatten().rev().cloned().collect())
    }

    fn labels(&self, cid: &str) -> Result<Vec<Label>> {
        let tables = self.tables.lock()?;
        Ok(tables.labels.values().filter(|label| label.cid == cid).cloned().collect())
    }

    fn remove_entry(&self, cid: &str) -> Result<bool> {
        Ok(self.tables.lock()?.remove_entry(cid))
    }

    fn remove_label(&self, name: &str, version: &str) -> Result<bool> {
        let key = (name.to_owned(), version.to_owned());
        Ok(self.tables.lock()?.labels.remove(&key).is_some())
    }

    fn create_document(&self, kind: DocumentKind, document: &Document) -> Result<bool> {
        let key = (kind, key(&document.name, &document.version));
        match self.tables.lock()?.documents.entry(key) {
            map::Entry::Occupied(_) => Ok(false),
            map::Entry::Vacant(free) => {
                free.insert(document.clone());
                Ok(true)
            }
        }
    }

    fn document(&self, kind: DocumentKind, name: &str, version: &str) -> Result<Option<Document>> {
        Ok(self.tables.lock()?.documents.get(&(kind, key(name, version))).cloned())
    }

    fn versions(&self, kind: DocumentKind, name: &str) -> Result<Vec<String>> {
        let tables = self.tables.lock()?;
        let first = (kind, key(name, ""));
        let of_name = tables.documents.range(first..).map(|(_, document)| document);
        let of_name = of_name.take_while(|document| document.name == name);
        Ok(of_name.map(|document| document.version.clone()).collect())
    }

    fn documents(&self, kind: DocumentKind, page: &Page) -> Result<Vec<Document>> {
        let tables = self.tables.lock()?;
        let first = match &page.after {
            Some(after) => Bound::Excluded((kind, after.clone())),
            None => Bound::Included((kind, String::new())),
        };
        let of_kind = tables.documents.range((first, Bound::Unbounded));
        let of_kind = of_kind.take_while(|((found, _), _)| *found == kind);
        Ok(of_kind.take(page.limit).map(|(_, document)| document.clone()).collect())
    }
}
