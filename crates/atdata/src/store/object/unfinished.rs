//! Uploads that were cut off: their parts stay in the bucket until somebody ends them.

use super::ObjectStoreStore;
use crate::error::Result;
use crate::remote::{Marker, Upload, timed, tried};
use crate::store::names::{is_ours, upload_url};
use crate::store::{DataStore, Found};

/// Tells of those that would have become files of ours in a store of S3.
pub(super) fn list(
    store: &ObjectStoreStore,
    tell: &mut dyn FnMut(Found) -> Result<()>,
) -> Result<()> {
    let (handle, patience) = (store.client.handle()?, store.client.patience);
    let uploads = store.client.uploads(&handle, &store.root)?;
    let mut after = Marker::default();
    loop {
        let asked = tried(&patience, async || {
            timed(patience.answer, &uploads.blame, uploads.page(&after)).await
        });
        let (page, next) = handle.run(asked)?;
        for found in page.into_iter().filter_map(|upload| ours(store, upload)) {
            tell(found)?;
        }
        match next {
            Some(next) if next != after => after = next,
            _ => return Ok(()),
        }
    }
}

fn ours(store: &ObjectStoreStore, upload: Upload) -> Option<Found> {
    let Upload { key, id, begun } = upload;
    let url = format!("{}/{key}", store.root.base);
    let named = key.rsplit('/').next().is_some_and(is_ours) && store.holds(&url);
    named.then(|| Found { url: upload_url(&url, &id), bytes: 0, modified: begun })
}
