//! Lenses of the network: records that name two schemas and where the code is. None is ever run from
//! here.

use super::records::{LensRecord, Link, now};
use super::schemas::readable;
use super::{Atmosphere, Found};
use crate::error::Result;
use atdata_atproto::RecordKey;

impl Atmosphere {
    /// Publishes a lens, as made now if it does not say when; its two schemas must be there, and are
    /// pinned as they are now.
    ///
    /// # Errors
    /// Schemas that are not there; [`Error::Network`](crate::Error::Network).
    pub fn publish_lens(
        &self,
        mut lens: LensRecord,
        rkey: Option<RecordKey>,
    ) -> Result<Found<LensRecord>> {
        lens.source = self.pinned(&lens.source)?;
        lens.target = self.pinned(&lens.target)?;
        if lens.created_at.is_empty() {
            lens.created_at = now();
        }
        self.publish(lens, rkey)
    }

    fn pinned(&self, link: &Link) -> Result<Link> {
        match link.cid {
            Some(_) => Ok(link.clone()),
            None => Ok(self.schema(&link.uri)?.link()),
        }
    }

    /// The lenses of a repository that read a schema, and give another one if that is named.
    ///
    /// # Errors
    /// [`Error::Network`](crate::Error::Network).
    pub fn find_lenses(
        &self,
        who: Option<&str>,
        source: &str,
        target: Option<&str>,
    ) -> Result<Vec<Found<LensRecord>>> {
        let fits = |lens: &LensRecord| {
            lens.source.uri == source && target.is_none_or(|target| lens.target.uri == target)
        };
        let all = readable(self.all::<LensRecord>(who)?);
        all.filter(|found| found.as_ref().map_or(true, |found| fits(&found.record))).collect()
    }
}
