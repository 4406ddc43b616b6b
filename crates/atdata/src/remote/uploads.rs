//! Uploads in parts that were begun and never finished, which `object_store` cannot list.

use super::place::Way;
use super::{Attempt, Blame, Body, Bucket, Client, Failure, Handle, Located, Place};
use crate::error::{Error, Result};
use object_store::path::Path as Key;
use object_store::signer::{Method, SignedUrlOptions};
use serde::{Deserialize, Deserializer, de};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// How long a signature is valid, which is made anew for each request.
const SIGNED_FOR: Duration = Duration::from_secs(300);

/// The most bytes of a page: a thousand uploads with the longest names there may be, and more.
const LONGEST: usize = 16 << 20;

/// The uploads to a bucket of S3, as they are asked for.
pub(crate) struct Uploads {
    web: reqwest::Client,
    bucket: Arc<dyn Bucket>,
    prefix: String,
    pub(crate) blame: Blame,
}

/// One that is not finished.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Upload {
    /// The name that the object would have.
    pub(crate) key: String,
    #[serde(rename = "UploadId")]
    pub(crate) id: String,
    #[serde(rename = "Initiated", deserialize_with = "time")]
    pub(crate) begun: SystemTime,
}

/// The key and the id after which a page begins.
pub(crate) type Marker = (String, String);

/// A page as servers send it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    upload: Vec<Upload>,
    is_truncated: bool,
    next_key_marker: String,
    next_upload_id_marker: String,
}

impl Client {
    /// The uploads to the folder of a bucket.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where requests go unsigned: nobody may list uploads so.
    pub(crate) fn uploads(&self, handle: &Handle, folder: &Located) -> Result<Uploads> {
        let Located { base, bucket, key, .. } = folder;
        if self.s3_config(bucket)?.anonymous {
            let message = format!("{base}: unfinished uploads are listed with credentials only");
            return Err(Error::Unsupported(message));
        }
        let shown = format!("{base}/{key}").trim_end_matches('/').to_owned();
        let prefix = if key.is_empty() { String::new() } else { format!("{key}/") };
        let blame = Blame { object: shown, server: base.clone() };
        Ok(Uploads { web: handle.web()?, bucket: self.bucket(handle, folder)?, prefix, blame })
    }
}

impl Uploads {
    /// A page of them, and where the next one begins.
    pub(crate) async fn page(&self, after: &Marker) -> Attempt<(Vec<Upload>, Option<Marker>)> {
        let text = self.fetch(after).await?;
        // Who does not know the question lists objects, with success.
        if !text.contains("<ListMultipartUploadsResult") {
            let message = format!("{}: the server lists no unfinished uploads", self.blame.object);
            return Err(Failure::Lasting(Error::Unsupported(message)));
        }
        let parsed = quick_xml::de::from_str::<Page>(&text);
        let page =
            parsed.map_err(|_| self.blame.lasting("its list of uploads cannot be understood"))?;
        let next = (page.next_key_marker, page.next_upload_id_marker);
        Ok((page.upload, page.is_truncated.then_some(next)))
    }

    /// A signed URL is asked for by hand: so it has the address and credentials of all else.
    async fn fetch(&self, after: &Marker) -> Attempt<String> {
        let query =
            [("prefix", &self.prefix), ("key-marker", &after.0), ("upload-id-marker", &after.1)];
        let query = query.into_iter().filter(|(_, value)| !value.is_empty());
        let options = SignedUrlOptions::new()
            .with_query([("uploads", "")])
            .with_query(query.map(|(name, value)| (name, value.as_str())));
        let root = Key::default();
        let signed = self.bucket.signed_url_opts(Method::GET, &root, SIGNED_FOR, &options).await;
        let url = signed.map_err(|error| self.blame.store(&error))?;
        let place = Place { blame: self.blame.clone(), way: Way::Web(self.web.clone(), url) };
        self.text(place.get(0, None).await?.body).await
    }

    async fn text(&self, mut body: Body) -> Attempt<String> {
        let mut text = Vec::new();
        while let Some(bytes) = body.next(&self.blame).await? {
            text.extend_from_slice(&bytes);
            if text.len() > LONGEST {
                return Err(self.blame.lasting("its list of uploads is too long"));
            }
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

fn time<'de, D: Deserializer<'de>>(value: D) -> std::result::Result<SystemTime, D::Error> {
    let text = String::deserialize(value)?;
    humantime::parse_rfc3339_weak(&text).map_err(de::Error::custom)
}
