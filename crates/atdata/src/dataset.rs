//! Typed samples over shards.

use crate::cursor::{Cursor, RandomReader, Request};
use crate::error::{Error, Result};
use crate::lens::Lens;
use crate::memory;
use crate::plan::{Part, Position, Shuffle};
use crate::report::{OnError, Report};
use crate::shards::Shards;
use crate::source::{DataSource, LocalSource};
use atdata_format::batch::{Batch, BatchDecoder, ColumnSpec};
use atdata_format::tar::{RawSample, ShardReader};
use atdata_format::{DictSample, Record, Sample};
use std::marker::PhantomData;
use std::sync::Arc;

/// A data set whose samples are of type `T`.
///
/// It is a description: nothing is opened before something is read, and what reads owns what it
/// opens. It is cheap to clone.
#[derive(Debug)]
pub struct Dataset<T = DictSample> {
    shards: Arc<Shards>,
    on_error: OnError,
    sample: PhantomData<fn() -> T>,
}

impl<T> Clone for Dataset<T> {
    fn clone(&self) -> Self {
        let shards = Arc::clone(&self.shards);
        Self { shards, on_error: self.on_error, sample: PhantomData }
    }
}

impl<T: Sample> Dataset<T> {
    /// The data set in the files of a path or brace pattern, such as `data-{000000..000009}.tar`.
    ///
    /// # Errors
    /// A pattern that cannot be expanded. A file that is not there is met when it is read.
    pub fn open(pattern: impl Into<String>) -> Result<Self> {
        let dataset = Self::from_source(Arc::new(LocalSource::new([pattern])));
        dataset.shards.names()?;
        Ok(dataset)
    }

    /// The data set in the shards of a source.
    #[must_use]
    pub fn from_source(source: Arc<dyn DataSource>) -> Self {
        let shards = Arc::new(Shards::new(source));
        Self { shards, on_error: OnError::default(), sample: PhantomData }
    }

    /// What to do on a sample that cannot be read; without this, raise.
    #[must_use]
    pub fn on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// The same data as samples of another type, decoded by field names.
    #[must_use]
    pub fn as_type<U: Sample>(&self) -> Dataset<U> {
        let shards = Arc::clone(&self.shards);
        Dataset { shards, on_error: self.on_error, sample: PhantomData }
    }

    /// The shards, with their names, sizes and indexes.
    #[must_use]
    pub const fn shards(&self) -> &Arc<Shards> {
        &self.shards
    }

    /// The number of samples, from the indexes, or from a walk over the headers.
    ///
    /// # Errors
    /// A shard that is not there or is no tar archive.
    pub fn len(&self) -> Result<u64> {
        Ok(self.shards.counts()?.iter().sum())
    }

    /// Whether there are no samples.
    ///
    /// # Errors
    /// As [`Dataset::len`].
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// One sample by its number, from 0.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], and what is wrong with the sample.
    pub fn get(&self, index: u64) -> Result<T> {
        let mut raw = RawSample::default();
        let shard = self.read_raw(index, &mut raw)?;
        let mut extra = 0;
        decode(&raw, shard, &mut extra)
    }

    /// Reads one raw sample by its number, and gives its shard's name.
    ///
    /// # Errors
    /// As [`Dataset::get`].
    pub fn read_raw(&self, index: u64, raw: &mut RawSample) -> Result<&str> {
        self.shards.read_raw(index, raw)
    }

    /// All samples in order.
    #[must_use]
    pub fn ordered(&self) -> Reading<T> {
        Reading::new(self, None)
    }

    /// All samples, shuffled with seed 0, epoch 0 and the default buffers until told otherwise.
    #[must_use]
    pub fn shuffled(&self) -> Reading<T> {
        Reading::new(self, Some(Shuffle::default()))
    }

    /// All samples in order, each as a lens shows it.
    pub fn view<V>(&self, lens: impl Lens<T, V>) -> impl Iterator<Item = Result<V>> {
        self.ordered().into_iter().map(move |sample| sample.map(|sample| lens.get(&sample)))
    }
}

impl Shards {
    /// Reads one sample by its number among all, and gives its shard's name.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], and what is wrong with the shard.
    pub fn read_raw(self: &Arc<Self>, index: u64, raw: &mut RawSample) -> Result<&str> {
        let counts = self.counts()?;
        let mut sample = index;
        for (shard, &count) in counts.iter().enumerate() {
            if sample < count {
                self.read_at(Position { shard, sample }, raw)?;
                return Ok(self.name(shard));
            }
            sample -= count;
        }
        Err(Error::OutOfRange { index, len: counts.iter().sum() })
    }

    fn read_at(self: &Arc<Self>, position: Position, raw: &mut RawSample) -> Result<()> {
        if !self.can_seek()? {
            return self.read_on_the_way(position, raw);
        }
        let mut reader = RandomReader::new(Arc::clone(self));
        reader.go_to(position)?;
        raw.key.clear();
        raw.key.push_str(reader.key());
        raw.extent = reader.extent();
        raw.payload.clear();
        reader.append_payload(&mut raw.payload)
    }

    /// Reads a sample of a shard that can only be read in order.
    fn read_on_the_way(&self, position: Position, raw: &mut RawSample) -> Result<()> {
        let input = self.open(position.shard)?;
        let size = input.size();
        let mut reader = ShardReader::new(input, size);
        let mut left = position.sample;
        loop {
            match reader.read(raw) {
                Ok(true) if left == 0 => return Ok(()),
                Ok(true) => left -= 1,
                Ok(false) => return Err(Error::OutOfRange { index: left, len: position.sample }),
                // The index leaves out what cannot be read; so does the way there.
                Err(error) if !error.kind().ends_shard() => {}
                Err(error) => return Err(error.in_shard(self.name(position.shard)).into()),
            }
        }
    }
}

/// One way of reading a data set: an order, a part of it, and what to do on errors.
///
/// Turned into an iterator it gives samples; [`batches`](Reading::batches) gives columns.
#[derive(Debug, Clone)]
pub struct Reading<T> {
    request: Request,
    sample: PhantomData<fn() -> T>,
}

impl<T: Sample> Reading<T> {
    fn new(dataset: &Dataset<T>, shuffle: Option<Shuffle>) -> Self {
        let request = Request {
            shards: Arc::clone(&dataset.shards),
            shuffle,
            part: Part::default(),
            block: 1,
            on_error: dataset.on_error,
        };
        Self { request, sample: PhantomData }
    }

    fn shuffle(mut self, set: impl FnOnce(&mut Shuffle)) -> Self {
        self.request.shuffle.as_mut().map(set);
        self
    }

    /// The seed: another gives another order. Without effect on what is read in order.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        self.shuffle(|shuffle| shuffle.seed = seed)
    }

    /// The pass over the data: each has an order of its own. Without effect in order.
    #[must_use]
    pub fn epoch(self, epoch: u64) -> Self {
        self.shuffle(|shuffle| shuffle.epoch = epoch)
    }

    /// How many shards and how many samples are mixed at a time. Without effect in order.
    #[must_use]
    pub fn buffers(self, shards: usize, samples: usize) -> Self {
        self.shuffle(|shuffle| (shuffle.buffer_shards, shuffle.buffer_samples) = (shards, samples))
    }

    /// Only one reader's part of the samples; all parts together are each sample once.
    #[must_use]
    pub fn part(mut self, part: Part) -> Self {
        self.request.part = part;
        self
    }

    /// How many samples stay together when parts are dealt out. [`Reading::batches`] sets it.
    #[must_use]
    pub fn block(mut self, samples: u64) -> Self {
        self.request.block = samples.max(1);
        self
    }

    /// The number of samples in this part.
    ///
    /// # Errors
    /// As [`Dataset::len`].
    pub fn len(&self) -> Result<u64> {
        Ok(self.request.plan()?.len())
    }

    /// Whether this part has no samples.
    ///
    /// # Errors
    /// As [`Dataset::len`].
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Batches of so many samples each, the last with what is left. Parts are dealt out in whole
    /// batches.
    #[must_use]
    pub fn batches(self, rows: usize) -> Batches {
        self.batches_of(T::columns().into(), rows)
    }

    /// Batches of columns that are given as data, for callers whose sample types are not Rust's.
    /// Without any, every field is a column.
    #[must_use]
    pub fn batches_of(mut self, columns: Arc<[ColumnSpec]>, rows: usize) -> Batches {
        self = self.block(rows as u64);
        Batches::new(self.request, columns, rows)
    }

    /// The samples' bytes, not decoded.
    ///
    /// # Errors
    /// What is met when shards are looked for.
    pub fn cursor(&self) -> Result<Cursor> {
        Cursor::open(&self.request, Arc::default())
    }
}

impl<T: Sample> IntoIterator for Reading<T> {
    type Item = Result<T>;
    type IntoIter = Samples<T>;

    fn into_iter(self) -> Samples<T> {
        let (report, raw) = (Arc::default(), RawSample::default());
        let request = self.request;
        Samples { request, report, cursor: None, raw, ended: false, sample: PhantomData }
    }
}

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
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

fn decode<T: Sample>(raw: &RawSample, shard: &str, extra: &mut u64) -> Result<T> {
    let mut read = || {
        let mut record = Record::new(&raw.payload)?;
        let sample = T::from_record(&mut record)?;
        record.finish()?;
        *extra += record.extra_fields();
        Ok(sample)
    };
    let placed = |error: atdata_format::Error| {
        error.shifted(raw.extent.offset).in_key(raw.key.as_str()).in_shard(shard).into()
    };
    read().map_err(placed)
}

/// Gives batches: consecutive samples, one column a field.
#[derive(Debug)]
pub struct Batches {
    request: Request,
    report: Arc<Report>,
    decoder: BatchDecoder,
    cursor: Option<Cursor>,
    rows: usize,
    failed: Option<Error>,
    ended: bool,
}

impl Batches {
    fn new(request: Request, specs: Arc<[ColumnSpec]>, rows: usize) -> Self {
        let decoder = match specs.len() {
            0 => BatchDecoder::open(rows),
            _ => BatchDecoder::new(specs, rows).reserve_with(memory::reserve),
        };
        let (report, rows) = (Arc::default(), rows.max(1));
        Self { request, report, decoder, cursor: None, rows, failed: None, ended: false }
    }

    /// What was left out so far.
    #[must_use]
    pub const fn report(&self) -> &Arc<Report> {
        &self.report
    }

    /// The next batch, or what is wrong once all whole samples before it have been given.
    fn read(&mut self) -> Result<Option<Batch>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let cursor = match &mut self.cursor {
            Some(cursor) => cursor,
            none => none.insert(Cursor::open(&self.request, Arc::clone(&self.report))?),
        };
        while self.decoder.rows() < self.rows {
            match cursor.decode_into(&mut self.decoder) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) if self.decoder.rows() == 0 => return Err(error),
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
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
