//! A thread that receives a shard ahead of its reader, and goes on where a connection broke.

use super::reach::{Remote, broken, too_long};
use crate::error::Result;
use crate::remote::{Answer, Attempt, Body, Failure, after, tell, timed};
use bytes::Bytes;
use futures_util::future::{AbortHandle, abortable};
use std::collections::VecDeque;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::Notify;
use tracing::dispatcher::{get_default, with_default};

/// How many bytes wait to be read.
const WAITING: usize = 4 << 20;

/// The reader is woken for so many bytes, or when nothing more has come for a moment: waking it for
/// every packet would cost more than reading it.
const WORTH_WAKING: usize = 256 << 10;
const MOMENT: Duration = Duration::from_millis(1);

/// After so many bytes, a connection that breaks is one that had worked.
const PROGRESS: u64 = 1 << 20;

/// The thread. Dropped, it is stopped and waited for.
pub(super) struct Ahead {
    queue: Arc<Queue>,
    stop: AbortHandle,
    thread: Option<JoinHandle<()>>,
    current: Bytes,
}

impl Ahead {
    /// Begins to receive from an offset, or with a body that begins at the shard's first byte.
    pub(super) fn start(remote: &Arc<Remote>, from: u64, first: Option<Body>) -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let handle = Arc::clone(&remote.handle);
        let receiver = Receiver { remote: Arc::clone(remote), queue: Arc::clone(&queue), at: from };
        let (work, stop) = abortable(receiver.run(first));
        let (ending, heard) = (Ending(Arc::clone(&queue)), get_default(Clone::clone));
        let thread = thread::Builder::new().name("atdata-ahead".to_owned()).spawn(move || {
            let ending = ending;
            if let Ok(result) = with_default(&heard, || handle.drive(work)) {
                ending.0.end(result.map_err(broken));
            }
        })?;
        Ok(Self { queue, stop, thread: Some(thread), current: Bytes::new() })
    }

    /// The next bytes, at most `count`; none at the end.
    pub(super) fn next(&mut self, count: usize) -> io::Result<Bytes> {
        if self.current.is_empty() {
            match self.queue.pop()? {
                Some(bytes) => self.current = bytes,
                None => return Ok(Bytes::new()),
            }
        }
        Ok(self.current.split_to(count.min(self.current.len())))
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.stop.abort();
        if let Some(thread) = self.thread.take() {
            // A panic there has been reported there; nobody reads on here.
            let _ = thread.join();
        }
    }
}

struct Receiver {
    remote: Arc<Remote>,
    queue: Arc<Queue>,
    /// The offset of the next byte for the queue.
    at: u64,
}

impl Receiver {
    async fn run(mut self, mut first: Option<Body>) -> Result<()> {
        let patience = self.remote.client.patience;
        let (mut tries, mut mark) = (1, self.at);
        loop {
            match self.stream(first.take()).await {
                Err(Failure::Silent(error) | Failure::Passing(error)) => {
                    if self.at - mark >= PROGRESS {
                        (tries, mark) = (1, self.at);
                    }
                    if tries >= patience.tries {
                        return Err(after(Failure::Passing(error), tries));
                    }
                    tell(&error, tries, &patience);
                    self.queue.waking(tokio::time::sleep(patience.pause(tries))).await;
                    tries += 1;
                }
                result => return result.map_err(Into::into),
            }
        }
    }

    /// One connection's worth.
    async fn stream(&mut self, first: Option<Body>) -> Attempt<()> {
        let remote = Arc::clone(&self.remote);
        let (limit, blame) = (remote.client.patience.answer, &remote.place.blame);
        let (mut body, from) = match first {
            Some(body) => (body, 0),
            None => self.ask().await?,
        };
        // A server without ranges sends again what has come already.
        let mut again = self.at - from;
        loop {
            let next = timed(limit, blame, body.next(blame));
            let Some(mut chunk) = self.queue.waking(next).await? else { break };
            let skipped = again.min(chunk.len() as u64);
            again -= skipped;
            let _ = chunk.split_to(skipped as usize);
            self.at += chunk.len() as u64;
            if remote.facts.size.is_some_and(|size| self.at > size) {
                return Err(too_long(&remote));
            }
            if !chunk.is_empty() {
                self.queue.push(chunk).await;
            }
        }
        match remote.facts.size {
            Some(size) if self.at < size => {
                Err(blame.passing(&format!("it ends after {} of {size} bytes", self.at)))
            }
            _ => Ok(()),
        }
    }

    async fn ask(&self) -> Attempt<(Body, u64)> {
        let Remote { place, facts, client, .. } = &*self.remote;
        // Another answer could be another object, and nobody would see it.
        if self.at > 0 && !facts.ranges && facts.version.is_none() {
            let message = "the connection broke, and the server has neither ranges nor an ETag to \
                           go on by; start again";
            return Err(place.blame.lasting(message));
        }
        let asked = place.get(self.at, None);
        let answer: Answer = timed(client.patience.answer, &place.blame, asked).await?;
        if !facts.fit(&answer.facts) || answer.from > self.at {
            return Err(place.blame.changed());
        }
        Ok((answer.body, answer.from))
    }
}

/// What has come and was not read yet.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    /// There is something to read.
    arrived: Condvar,
    /// There is room for more.
    room: Notify,
}

#[derive(Default)]
struct Waiting {
    chunks: VecDeque<Bytes>,
    bytes: usize,
    ended: Option<io::Result<()>>,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something, and lets the reader have what there is meanwhile.
    async fn waking<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        match tokio::time::timeout(MOMENT, work.as_mut()).await {
            Ok(done) => done,
            Err(_) => {
                self.arrived.notify_one();
                work.await
            }
        }
    }

    async fn push(&self, chunk: Bytes) {
        while self.lock().bytes >= WAITING {
            self.room.notified().await;
        }
        let bytes = {
            let mut waiting = self.lock();
            waiting.bytes += chunk.len();
            waiting.chunks.push_back(chunk);
            waiting.bytes
        };
        if bytes >= WORTH_WAKING {
            self.arrived.notify_one();
        }
    }

    /// The oldest chunk; none at the end.
    fn pop(&self) -> io::Result<Option<Bytes>> {
        let mut waiting = self.lock();
        loop {
            if let Some(chunk) = waiting.chunks.pop_front() {
                let before = waiting.bytes;
                waiting.bytes -= chunk.len();
                if before >= WAITING / 2 && waiting.bytes < WAITING / 2 {
                    self.room.notify_one();
                }
                return Ok(Some(chunk));
            }
            match &mut waiting.ended {
                Some(Ok(())) => return Ok(None),
                Some(failed) => {
                    return std::mem::replace(failed, Err(ended_before())).map(|()| None);
                }
                None => {}
            }
            waiting = atdata_waiting::wait(&self.arrived, &self.waiting, waiting)?;
        }
    }

    fn end(&self, result: io::Result<()>) {
        self.lock().ended.get_or_insert(result);
        self.arrived.notify_one();
    }
}

fn ended_before() -> io::Error {
    io::Error::other("reading this shard has failed before; open it again")
}

/// However the thread ends, its reader does not wait for it any longer.
struct Ending(Arc<Queue>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end(Err(ended_before()));
    }
}
