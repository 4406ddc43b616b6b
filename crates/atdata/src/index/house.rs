//! Keeps an index in order: histories, labels, removals.

use super::Index;
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
        if let Some(entry) = self.provider.named(text, "")? {
            return self.delete_name(&entry);
        }
        let entry = self.find(text)?;
        if let Some((name, version)) = text.rsplit_once('@')
            && Cid::parse(version).is_err()
        {
            self.provider.remove_label(name, version)?;
            // What the name itself has pointed to stays a part of its history.
            let past = self.provider.history(name)?;
            let kept = past.iter().any(|moment| moment.cid == entry.cid);
            return self.drop_unnamed(if kept { Vec::new() } else { vec![entry] });
        }
        self.provider.remove_entry(&entry.cid)?;
        Ok(vec![entry])
    }

    fn delete_name(&self, current: &Entry) -> Result<Vec<Entry>> {
        let mut met = vec![current.clone()];
        for moment in self.provider.history(&current.name)? {
            if met.iter().all(|entry| entry.cid != moment.cid) {
                met.extend(self.provider.entry(&moment.cid)?);
            }
        }
        for entry in &met {
            for label in self.provider.labels(&entry.cid)? {
                if label.name == current.name {
                    self.provider.remove_label(&label.name, &label.version)?;
                }
            }
        }
        self.drop_unnamed(met)
    }

    /// Removes those of some entries that no label points to.
    fn drop_unnamed(&self, entries: Vec<Entry>) -> Result<Vec<Entry>> {
        let mut dropped = Vec::new();
        for entry in entries {
            if self.provider.labels(&entry.cid)?.is_empty() {
                self.provider.remove_entry(&entry.cid)?;
                dropped.push(entry);
            }
        }
        Ok(dropped)
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
