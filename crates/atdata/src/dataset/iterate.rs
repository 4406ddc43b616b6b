//! Samples and batches, one after the other.

use super::BatchesAhead;
#[cfg(feature = "media")]
use super::decoding::Decoding;
use crate::cursor::{Cursor, Request};
use crate::error::{Error, Result};
#[cfg(feature = "media")]
use crate::media::ImageLimits;
use crate::memory::Recycled;
use crate::report::Report;
use crate::source::shown;
use atdata_format::batch::{Batch, BatchDecoder, ColumnSpec};
#[cfg(feature = "media")]
use atdata_format::schema::Encoding;
use atdata_format::tar::RawSample;
use atdata_format::{Record, Sample};
use atdata_waiting::is_stopped;
use std::marker::PhantomData;
use std::sync::Arc;

/// Gives typed samples one by one.
#[derive(Debug)]
pub struct Samples<T> {
    request: Request,
    report: Arc<Report>,
    cursor: Option<Cursor>,
    raw: RawSample,
    ended: bool,
    sample: PhantomData<fn() -> T>,
}

impl<T: Sample> Samples<T> {
    pub(super) fn new(request: Request) -> Self {
        let (report, raw) = (Arc::default(), RawSample::default());
        Self { request, report, cursor: None, raw, ended: false, sample: PhantomData }
    }

    /// What was left out so far.
    #[must_use]
    pub const fn report(&self) -> &Arc<Report> {
        &self.report
    }

    fn read(&mut self) -> Result<Option<T>> {
        let cursor = match &mut self.cursor {
            Some(cursor) => cursor,
            none => none.insert(Cursor::open(&self.request, Arc::clone(&self.report))?),
        };
        while cursor.read(&mut self.raw)? {
            let mut extra = 0;
            let sample = decode(&self.raw, cursor.shard(), &mut extra);
            self.report.add_extra_fields(extra);
            match sample {
                Ok(sample) => return Ok(Some(sample)),
                Err(error) => self.report.absorb(self.request.on_error, error)?,
            }
        }
        Ok(None)
    }
}

impl<T: Sample> Iterator for Samples<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        if self.ended {
            return None;
        }
        let next = self.read().transpose();
        self.ended = is_last(&next);
        next
    }
}

pub(super) fn decode<T: Sample>(raw: &RawSample, shard: &str, extra: &mut u64) -> Result<T> {
    let mut read = || {
        let mut record = Record::new(&raw.payload)?;
        let sample = T::from_record(&mut record)?;
        record.finish()?;
        *extra += record.extra_fields();
        Ok(sample)
    };
    let placed = |error: atdata_format::Error| {
        error.shifted(raw.extent.offset).in_key(raw.key.as_str()).in_shard(shown(shard)).into()
    };
    read().map_err(placed)
}

/// Gives batches: consecutive samples, one column a field.
#[derive(Debug)]
pub struct Batches {
    request: Request,
    report: Arc<Report>,
    decoder: BatchDecoder,
    memory: Arc<Recycled>,
    cursor: Option<Cursor>,
    rows: usize,
    bytes: u64,
    failed: Option<Error>,
    ended: bool,
    #[cfg(feature = "media")]
    decoding: Decoding,
}

impl Batches {
    pub(super) fn new(request: Request, specs: Arc<[ColumnSpec]>, rows: usize) -> Self {
        let memory = Arc::<Recycled>::default();
        let decoder = match specs.len() {
            0 => BatchDecoder::open(rows),
            _ => BatchDecoder::new(specs, rows).with_memory(Arc::<Recycled>::clone(&memory)),
        };
        let (report, rows) = (Arc::default(), rows.max(1));
        let (bytes, cursor, failed) = (u64::MAX, None, None);
        Self {
            request,
            report,
            decoder,
            memory,
            cursor,
            rows,
            bytes,
            failed,
            ended: false,
            #[cfg(feature = "media")]
            decoding: Decoding::default(),
        }
    }

    /// Ends a batch early once it holds so many bytes of samples, so that large ones do not pile
    /// up. Parts are still dealt out in whole batches, which are then cut.
    #[must_use]
    pub fn limit_bytes(mut self, bytes: u64) -> Self {
        self.bytes = bytes.max(1);
        self
    }

    /// Deals parts out in so many samples, rather than in whole batches.
    #[must_use]
    pub const fn dealt_in(mut self, samples: u64) -> Self {
        self.request.block = if samples == 0 { 1 } else { samples };
        self
    }

    /// Decodes the files that these fields of bytes hold, see [`media`](crate::media). A column of
    /// images becomes `uint8` arrays of height, width and channels, stacked where they are of one
    /// shape; one of recordings `float32` arrays of frames and channels, with a column `{name}.rate`
    /// beside it.
    ///
    /// A batch is shorter where files cannot be decoded and errors are skipped.
    #[cfg(feature = "media")]
    #[must_use]
    pub fn decoding(mut self, fields: Vec<(String, Encoding)>, limits: ImageLimits) -> Self {
        self.decoding = Decoding::of(fields, limits);
        self
    }

    /// Whether batches take long to make, whatever their size.
    pub(super) const fn is_slow(&self) -> bool {
        #[cfg(feature = "media")]
        return self.decoding.is_wanted();
        #[cfg(not(feature = "media"))]
        false
    }

    /// Where the columns' memory comes from, and can be given back to when they are not needed.
    #[must_use]
    pub const fn memory(&self) -> &Arc<Recycled> {
        &self.memory
    }

    /// The same batches, large ones decoded ahead on a thread of their own.
    ///
    /// ```no_run
    /// # use atdata::{Dataset, DictSample};
    /// let images = Dataset::<DictSample>::open("images-{000000..000007}.tar")?;
    /// for batch in images.ordered().batches(32).ahead() {
    ///     println!("{}", batch?.len());
    /// }
    /// # Ok::<(), atdata::Error>(())
    /// ```
    #[must_use]
    pub fn ahead(self) -> BatchesAhead {
        BatchesAhead::from(self)
    }

    /// What was left out so far.
    #[must_use]
    pub const fn report(&self) -> &Arc<Report> {
        &self.report
    }

    /// The next batch, or what is wrong once all whole samples before it have been given.
    #[cfg(feature = "media")]
    fn read(&mut self) -> Result<Option<Batch>> {
        while let Some(mut batch) = self.gather()? {
            let (on_error, decoding) = (self.request.on_error, &mut self.decoding);
            if decoding.is_wanted()
                && let Err(error) =
                    decoding.decode(&mut batch, &self.memory, on_error, &self.report)
            {
                if batch.is_empty() {
                    return Err(error);
                }
                self.failed = Some(error);
            }
            if !batch.is_empty() {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    #[cfg(not(feature = "media"))]
    fn read(&mut self) -> Result<Option<Batch>> {
        self.gather()
    }

    /// The next batch as it is stored.
    fn gather(&mut self) -> Result<Option<Batch>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let cursor = match &mut self.cursor {
            Some(cursor) => cursor,
            none => none.insert(Cursor::open(&self.request, Arc::clone(&self.report))?),
        };
        let mut room = self.bytes;
        while self.decoder.rows() < self.rows && room > 0 {
            match cursor.decode_into(&mut self.decoder) {
                Ok(true) => {
                    room = room.saturating_sub(cursor.payload_len());
                    #[cfg(feature = "media")]
                    self.decoding.note(cursor);
                }
                Ok(false) => break,
                // Who wants to stop does not want what was read before.
                Err(error) if self.decoder.rows() == 0 || is_stopped(&error) => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        let batch = self.decoder.finish();
        self.report.add_extra_fields(batch.extra_fields());
        Ok((!batch.is_empty()).then_some(batch))
    }
}

impl Iterator for Batches {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Result<Batch>> {
        if self.ended {
            return None;
        }
        let next = self.read().transpose();
        self.ended = is_last(&next);
        next
    }
}

/// Whether nothing comes after: what was stopped in the middle stays an error, and is not the end.
fn is_last<T>(next: &Option<Result<T>>) -> bool {
    match next {
        Some(Ok(_)) => false,
        Some(Err(error)) => !is_stopped(error),
        None => true,
    }
}
