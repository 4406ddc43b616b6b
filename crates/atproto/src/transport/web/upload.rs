//! How a request is sent, and its body with it.
//!
//! The body is read on the caller's thread, outside of the runtime, and handed in piece by piece:
//! reading may be slow, and may use the network itself.

use super::fault;
use super::handle::Handle;
use crate::error::{Error, Result};
use crate::patience::Patience;
use crate::transport::Open;
use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::stream;
use reqwest::header::CONTENT_LENGTH;
use reqwest::{RequestBuilder, Response};
use std::io::{self, Read};
use std::pin::{Pin, pin};
use tokio::sync::mpsc::{Sender, channel};
use url::Url;

/// How much of a body is read at once.
const PIECE: usize = 256 << 10;

/// The end of a body that is not sent; kept as long as the answer, because a body that ends early
/// closes the connection.
pub(super) type Upload = Sender<io::Result<Bytes>>;

type Sending = Pin<Box<dyn Future<Output = reqwest::Result<Response>>>>;

/// One request on its way.
pub(super) struct Exchange<'a> {
    pub(super) handle: &'a Handle,
    pub(super) patience: &'a Patience,
    pub(super) url: &'a Url,
}

impl Exchange<'_> {
    /// Sends a request whose body is at hand.
    pub(super) fn answer(&self, request: RequestBuilder) -> Result<Response> {
        self.wait(&mut (Box::pin(request.send()) as Sending))
    }

    /// Sends a request with a body from a reader. A server may answer before it has read all.
    pub(super) fn streamed(
        &self,
        request: RequestBuilder,
        length: u64,
        open: &Open,
    ) -> Result<(Response, Option<Upload>)> {
        let (sender, mut receiver) = channel(1);
        let body = stream::poll_fn(move |context| receiver.poll_recv(context));
        let request = request.header(CONTENT_LENGTH, length);
        let request = request.body(reqwest::Body::wrap_stream(body));
        let mut sending: Sending = Box::pin(request.send());
        let mut reader =
            open().map_err(|error| Error::io("open what is sent", error))?.take(length);
        let mut left = length;
        while left > 0 {
            let piece = piece(&mut reader, left)?;
            left -= piece.len() as u64;
            match self.push(&sender, piece, &mut sending)? {
                Pushed::Taken => {}
                Pushed::Broken => break,
                Pushed::Answered(response) => return Ok((response, Some(sender))),
            }
        }
        drop(sender);
        Ok((self.wait(&mut sending)?, None))
    }

    fn push(&self, sender: &Upload, piece: Bytes, sending: &mut Sending) -> Result<Pushed> {
        let limit = self.patience.answer;
        let both = async {
            let push = pin!(sender.send(Ok(piece)));
            tokio::time::timeout(limit, select(sending.as_mut(), push)).await.map(|first| {
                match first {
                    Either::Left((answer, _)) => Either::Left(answer),
                    Either::Right((pushed, _)) => Either::Right(pushed.is_ok()),
                }
            })
        };
        match self.handle.run(both)? {
            Ok(Either::Left(answer)) => {
                answer.map(Pushed::Answered).map_err(|error| self.broken(&error))
            }
            Ok(Either::Right(true)) => Ok(Pushed::Taken),
            Ok(Either::Right(false)) => Ok(Pushed::Broken),
            Err(_) => Err(fault::silence(self.url, limit)),
        }
    }

    fn wait(&self, sending: &mut Sending) -> Result<Response> {
        let limit = self.patience.answer;
        let answer = self.handle.run(async { tokio::time::timeout(limit, sending).await })?;
        match answer {
            Ok(answer) => answer.map_err(|error| self.broken(&error)),
            Err(_) => Err(fault::silence(self.url, limit)),
        }
    }

    fn broken(&self, error: &reqwest::Error) -> Error {
        fault::of_request(error, self.url)
    }
}

/// What became of a piece of a body.
enum Pushed {
    Taken,
    /// The connection takes no more; whether there is an answer is still to be seen.
    Broken,
    Answered(Response),
}

fn piece(reader: &mut impl Read, left: u64) -> Result<Bytes> {
    let wanted = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
    let mut piece = vec![0; wanted];
    let read = |error| Error::io("read what is sent", error);
    let mut filled = 0;
    while filled < wanted {
        match reader.read(&mut piece[filled..]) {
            Ok(0) => {
                let missing = left - filled as u64;
                let message = format!("it ends {missing} bytes before the length that was said");
                return Err(read(io::Error::new(io::ErrorKind::UnexpectedEof, message)));
            }
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(read(error)),
        }
    }
    Ok(piece.into())
}
