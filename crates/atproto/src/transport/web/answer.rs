//! The body of an answer, as a reader.

use super::fault;
use super::handle::Handle;
use super::upload::Upload;
use crate::error::{Error, Result};
use crate::transport::Response;
use crate::transport::guard::shown;
use bytes::Bytes;
use std::io::{self, Read};
use std::mem;
use std::process;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// An answer, and what is left of the request.
pub(super) struct Answer {
    pub(super) response: reqwest::Response,
    pub(super) upload: Option<Upload>,
}

impl Answer {
    pub(super) fn into_response(
        self,
        handle: Arc<Handle>,
        url: &Url,
        cap: u64,
        stall: Duration,
    ) -> Result<Response> {
        let length = self.response.content_length().unwrap_or(0);
        if length > cap {
            return Err(Error::over_cap(shown(url), cap));
        }
        let status = self.response.status().as_u16();
        let headers = self.response.headers().iter();
        let headers = headers.map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let headers = headers.collect();
        let open = Some((self.response, self.upload, handle));
        let body = AnswerBody {
            open,
            process: process::id(),
            piece: Bytes::new(),
            cap,
            left: cap,
            stall,
            url: url.clone(),
        };
        Ok(Response { status, headers, body: Box::new(body) })
    }
}

/// Drives the runtime for each piece.
struct AnswerBody {
    open: Option<(reqwest::Response, Option<Upload>, Arc<Handle>)>,
    process: u32,
    piece: Bytes,
    cap: u64,
    left: u64,
    stall: Duration,
    url: Url,
}

impl AnswerBody {
    fn next_piece(&mut self) -> Result<Bytes> {
        let Some((response, _, handle)) = &mut self.open else { return Ok(Bytes::new()) };
        let limit = self.stall;
        let piece = handle.run(async { tokio::time::timeout(limit, response.chunk()).await })?;
        let piece = piece.map_err(|_| fault::silence(&self.url, limit))?;
        let piece = piece.map_err(|error| fault::of_request(&error, &self.url))?;
        let piece = piece.unwrap_or_default();
        let left = self.left.checked_sub(piece.len() as u64);
        self.left = left.ok_or_else(|| Error::over_cap(shown(&self.url), self.cap))?;
        Ok(piece)
    }
}

impl Read for AnswerBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.process != process::id() {
            let message = "it was opened before a fork; open it again in this process".to_owned();
            return Err(fault::unreachable(&self.url, message).into());
        }
        if self.piece.is_empty() && !buffer.is_empty() {
            self.piece = self.next_piece()?;
        }
        let count = self.piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.piece.split_to(count));
        Ok(count)
    }
}

impl Drop for AnswerBody {
    fn drop(&mut self) {
        if self.process != process::id() {
            mem::forget(self.open.take());
        }
    }
}
