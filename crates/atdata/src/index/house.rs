//! Keeps an index in order: histories, labels, removals.

use super::{Index, local_name};
use crate::error::{Error, Result};
use crate::provider::{Entry, Label, Moment};
use crate::store::check_name;
use atdata_format::cid::Cid;

/// The longest version of a label, in characters.
const MAX_VERSION: usize = 100;

impl Index {
    /// What a name has pointed to and since when, the newest first.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn history(&self, name: &str) -> Result<Vec<Moment>> {
        let moments = self.provider.history(name)?;
        if moments.is_empty() {
            let entry = self.named(name)?;
            return Ok(vec![Moment { cid: entry.cid, at: String::new() }]);
        }
        Ok(moments)
    }

    /// Names a version of a data set, which [`Index::find`] then knows as `name@version`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] without such an entry; [`Error::Conflict`] when the version points to
    /// another one; a name or version that cannot be one.
    pub fn label(
        &self,
        cid: &str,
        name: &str,
        version: &str,
        description: Option<&str>,
    ) -> Result<Label> {
        check_name(name)?;
        check_version(version)?;
        self.entry(cid)?;
        if !version.is_empty()
            && let Some(known) = self.provider.named(name, version)?
            && known.cid != cid
        {
            let message = format!(
                "{name}@{version} is {} already; remove that label first, or name another version",
                known.cid
            );
            return Err(Error::Conflict(message));
        }
        let label = Label {
            name: name.to_owned(),
            version: version.to_owned(),
            cid: cid.to_owned(),
            description: description.map(str::to_owned),
        };
        self.provider.put(&[], std::slice::from_ref(&label))?;
        Ok(label)
    }

    /// Removes a name with all its versions, a version (`name@version`), or an entry (its CID);
    /// shards stay until garbage is collected. Gives the entries that nothing names any more, which
    /// are gone too; one that a name has pointed to stays in that name's history.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn delete(&self, text: &str) -> Result<Vec<Entry>> {
        let text = local_name(text);
        if self.provider.named(text, "")?.is_some() {
            return self.delete_name(text);
        }
        let entry = self.find(text)?;
        if let Some((name, version)) = text.rsplit_once('@')
            && Cid::parse(version).is_err()
        {
            self.provider.remove_label(name, version)?;
            // What the name itself has pointed to stays a part of its history.
            let past = self.provider.history(name)?;
            let kept = past.iter().any(|moment| moment.cid == entry.cid);
            let named = kept || self.is_named(&entry.cid)?;
            let dropped = !named && self.provider.remove_entry(&entry.cid)?;
            return Ok(if dropped { vec![entry] } else { Vec::new() });
        }
        self.provider.remove_entry(&entry.cid)?;
        Ok(vec![entry])
    }

    /// Removes a name from all entries, the current one last: until then it means that one.
    fn delete_name(&self, name: &str) -> Result<Vec<Entry>> {
        let mut dropped = Vec::new();
        let current = self.provider.named(name, "")?.map(|entry| entry.cid);
        for moment in self.provider.history(name)?.into_iter().rev() {
            if current.as_ref() != Some(&moment.cid) {
                dropped.extend(self.release(&moment.cid, name)?);
            }
        }
        // Behind the current one come rows that no label names, as the original writes them.
        while let Some(entry) = self.provider.named(name, "")? {
            dropped.extend(self.release(&entry.cid, name)?);
        }
        Ok(dropped)
    }

    /// Takes a name from an entry; gives the entry if nothing names it any more and it is gone.
    fn release(&self, cid: &str, name: &str) -> Result<Option<Entry>> {
        let Some(entry) = self.provider.entry(cid)? else { return Ok(None) };
        let labels = self.provider.labels(cid)?;
        let (gone, others): (Vec<Label>, Vec<Label>) =
            labels.into_iter().partition(|label| label.name == name);
        for label in gone {
            self.provider.remove_label(&label.name, &label.version)?;
        }
        match others.first() {
            Some(other) if entry.name == name => {
                self.rename(Entry { name: other.name.clone(), ..entry }, &others)?;
                Ok(None)
            }
            None if entry.name == name || !self.is_named(cid)? => {
                self.provider.remove_entry(cid)?;
                Ok(Some(entry))
            }
            _ => Ok(None),
        }
    }

    /// Gives an entry's row another name; by its first one it would still be found.
    fn rename(&self, entry: Entry, labels: &[Label]) -> Result<()> {
        self.provider.remove_entry(&entry.cid)?;
        self.provider.put(&[entry], labels)
    }

    /// Whether a label points to an entry, or it is what the name in its row means.
    fn is_named(&self, cid: &str) -> Result<bool> {
        let Some(entry) = self.provider.entry(cid)? else { return Ok(false) };
        let current = self.provider.named(&entry.name, "")?;
        Ok(current.is_some_and(|current| current.cid == cid)
            || !self.provider.labels(cid)?.is_empty())
    }
}

pub(super) fn check_version(version: &str) -> Result<()> {
    let broken = |c: char| c.is_control() || c == '@';
    if version.chars().count() > MAX_VERSION || version.contains(broken) {
        let message = "a label's version has at most 100 characters, none of them control \
                       characters or @";
        return Err(Error::Invalid(message.to_owned()));
    }
    Ok(())
}
