//! One object, in a bucket or on a web server: what it is, and its bytes from any place.

use super::buckets::{Bucket, Kind, Located, from_environment, s3};
use super::{Attempt, Blame, Client, Failure, Handle, fault};
use crate::error::{Error, Result};
use crate::source::shown;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::path::Path as Key;
use object_store::{GetOptions, GetRange, ObjectMeta};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, HeaderMap, LAST_MODIFIED, RANGE};
use reqwest::{Response, StatusCode, Url};
use std::sync::Arc;

/// Where an object is.
pub(crate) struct Place {
    pub(crate) blame: Blame,
    pub(crate) way: Way,
}

/// How it is asked for.
pub(crate) enum Way {
    Bucket(Arc<dyn Bucket>, Key),
    Web(reqwest::Client, Url),
}

/// What is known of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) size: Option<u64>,
    /// Its `ETag`, or what else changes with it.
    pub(crate) version: Option<String>,
    /// Whether it can be read from any place.
    pub(crate) ranges: bool,
}

impl Facts {
    /// Whether these may be of the same object.
    pub(crate) fn fit(&self, other: &Self) -> bool {
        let same_size = self.size.is_none() || other.size.is_none() || self.size == other.size;
        let versions = (&self.version, &other.version);
        same_size && !matches!(versions, (Some(a), Some(b)) if a != b)
    }

    fn of_bucket(meta: &ObjectMeta) -> Self {
        Self { size: Some(meta.size), version: meta.e_tag.clone(), ranges: true }
    }
}

/// The bytes of an object from one on, as they come.
pub(crate) struct Answer {
    pub(crate) facts: Facts,
    /// The offset of the first byte. A server without ranges always begins at 0.
    pub(crate) from: u64,
    pub(crate) body: Body,
}

/// A body on its way.
pub(crate) enum Body {
    Bucket(BoxStream<'static, object_store::Result<Bytes>>),
    Web(Response),
}

impl Body {
    /// The next bytes, none at the end.
    pub(crate) async fn next(&mut self, blame: &Blame) -> Attempt<Option<Bytes>> {
        match self {
            Self::Bucket(stream) => {
                let next = stream.next().await.transpose();
                // A body that breaks off is worth another try, whatever the reason.
                next.map_err(|error| match blame.store(&error) {
                    Failure::Lasting(Error::Unreachable { .. }) => blame.transport(&error),
                    failure => failure,
                })
            }
            Self::Web(response) => response.chunk().await.map_err(|error| blame.transport(&error)),
        }
    }
}

impl Client {
    /// The place of a URL.
    pub(crate) fn place(&self, handle: &Handle, url: &str) -> Result<Place> {
        if url.starts_with("http://") || url.starts_with("https://") {
            return web_place(handle, url);
        }
        let at = Located::parse(url)?;
        let blame = Blame { object: shown(url), server: at.base.clone() };
        let bucket = self.bucket(handle, &at)?;
        Ok(Place { blame, way: Way::Bucket(bucket, at.path()?) })
    }

    /// The client for a bucket.
    pub(crate) fn bucket(&self, handle: &Handle, at: &Located) -> Result<Arc<dyn Bucket>> {
        handle.bucket(&at.base, || match at.kind {
            Kind::S3 => s3(&self.s3_config(&at.bucket)?, &self.patience),
            Kind::Google | Kind::Azure => from_environment(at, &self.patience),
        })
    }
}

fn web_place(handle: &Handle, url: &str) -> Result<Place> {
    let object = shown(url);
    let parsed = Url::parse(url).ok();
    let (Some(url), Some(host)) = (parsed.clone(), parsed.as_ref().and_then(Url::host_str)) else {
        return Err(Error::Invalid(format!("{object} is not a web address")));
    };
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    let blame = Blame { object, server: format!("{host}{port}") };
    if let Err(message) = handle.check(&url) {
        return Err(Error::Denied { address: blame.object, message });
    }
    Ok(Place { blame, way: Way::Web(handle.web()?, url) })
}

impl Place {
    /// What the object is. A server without ranges begins to send it meanwhile.
    pub(crate) async fn probe(&self) -> Attempt<(Facts, Option<Body>)> {
        match &self.way {
            Way::Bucket(bucket, key) => Ok((head(&self.blame, &**bucket, key).await?, None)),
            Way::Web(client, url) => {
                let response = self.request(client, url, Some("bytes=0-0".to_owned())).await?;
                let Answer { facts, mut body, .. } = self.web_answer(response)?;
                if !facts.ranges {
                    return Ok((facts, Some(body)));
                }
                // Read to its end, the connection can be used again.
                while body.next(&self.blame).await?.is_some() {}
                Ok((facts, None))
            }
        }
    }

    /// The object's bytes from one on, up to another one or its end. The range is not empty.
    pub(crate) async fn get(&self, from: u64, to: Option<u64>) -> Attempt<Answer> {
        match &self.way {
            Way::Bucket(bucket, key) => self.bucket_get(&**bucket, key, from, to).await,
            Way::Web(client, url) => {
                let range = match to {
                    Some(to) => Some(format!("bytes={from}-{}", to.saturating_sub(1))),
                    None => (from > 0).then(|| format!("bytes={from}-")),
                };
                let answer = self.web_answer(self.request(client, url, range).await?)?;
                if answer.facts.ranges && answer.from != from {
                    return Err(self.blame.lasting("the server sends other bytes than asked for"));
                }
                Ok(answer)
            }
        }
    }

    async fn bucket_get(
        &self,
        bucket: &dyn Bucket,
        key: &Key,
        from: u64,
        to: Option<u64>,
    ) -> Attempt<Answer> {
        let range = match to {
            Some(to) => Some(GetRange::Bounded(from..to)),
            None => (from > 0).then_some(GetRange::Offset(from)),
        };
        let options = GetOptions { range, ..GetOptions::default() };
        let got = bucket.get_opts(key, options).await.map_err(|error| self.blame.store(&error))?;
        let facts = Facts::of_bucket(&got.meta);
        Ok(Answer { facts, from: got.range.start, body: Body::Bucket(got.into_stream()) })
    }

    async fn request(
        &self,
        client: &reqwest::Client,
        url: &Url,
        range: Option<String>,
    ) -> Attempt<Response> {
        // Compressed, a range would be one of other bytes.
        let mut request = client.get(url.clone()).header(ACCEPT_ENCODING, "identity");
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        let response = request.send().await.map_err(|error| self.sending(&error))?;
        let status = response.status();
        if status.is_success() || status == StatusCode::RANGE_NOT_SATISFIABLE {
            return Ok(response);
        }
        let text =
            if status.is_client_error() { small_body(response).await } else { String::new() };
        Err(self.blame.status(status.as_u16(), fault::code(&text)))
    }

    fn sending(&self, error: &reqwest::Error) -> Failure {
        if error.is_redirect() {
            return self.blame.lasting("it redirects too often, or to what is no web address");
        }
        self.blame.transport(error)
    }

    fn web_answer(&self, response: Response) -> Attempt<Answer> {
        let headers = response.headers();
        let version = header(headers, ETAG).or_else(|| header(headers, LAST_MODIFIED));
        let range = header(headers, CONTENT_RANGE);
        let (from, size, ranges) = match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let (from, size) = range.as_deref().and_then(content_range).ok_or_else(|| {
                    self.blame.lasting("the server does not say which bytes it sends")
                })?;
                (from, size, size.is_some())
            }
            // The answer for a range of an empty object.
            StatusCode::RANGE_NOT_SATISFIABLE => match range.as_deref() {
                Some("bytes */0") => (0, Some(0), true),
                _ => return Err(self.blame.changed()),
            },
            _ => (0, response.content_length(), false),
        };
        let facts = Facts { size, version, ranges };
        Ok(Answer { facts, from, body: Body::Web(response) })
    }
}

/// What an object in a bucket is. The answer to a HEAD has no words for what is wrong, so a GET asks
/// for those.
pub(crate) async fn head(blame: &Blame, bucket: &dyn Bucket, key: &Key) -> Attempt<Facts> {
    let head = GetOptions { head: true, ..GetOptions::default() };
    match bucket.get_opts(key, head).await {
        Ok(found) => return Ok(Facts::of_bucket(&found.meta)),
        Err(error @ object_store::Error::NotFound { .. }) => return Err(blame.store(&error)),
        Err(error) => match blame.store(&error) {
            failure @ (Failure::Silent(_) | Failure::Passing(_)) => return Err(failure),
            Failure::Lasting(_) => {}
        },
    }
    let one = GetOptions { range: Some(GetRange::Bounded(0..1)), ..GetOptions::default() };
    let answer = bucket.get_opts(key, one).await;
    answer.map(|got| Facts::of_bucket(&got.meta)).map_err(|error| blame.store(&error))
}

fn header(headers: &HeaderMap, name: reqwest::header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The first byte and the size of all, of `bytes 5-9/100`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = range.split_once('-')?;
    Some((from.trim().parse().ok()?, size.trim().parse().ok()))
}

/// The text of a refusal, as much of it as may hold an error code.
async fn small_body(mut response: Response) -> String {
    let mut text = Vec::new();
    while let Ok(Some(bytes)) = response.chunk().await {
        text.extend_from_slice(&bytes);
        if text.len() > 16 * 1024 {
            break;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}
