//! Shards into other formats.

use super::format::Format;
use super::write;
use crate::dataset::{Dataset, Reading};
use crate::error::{Error, Result};
use crate::export::files::numbered;
use crate::export::{ExportSource, ParquetOptions, Rows, write_arrow, write_parquet};
use crate::infer::Inference;
use crate::shards::Shards;
use atdata_format::Sample;
use atdata_format::batch::ColumnSpec;
use atdata_format::schema::Schema;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Samples on their way out, with their keys where they have some.
pub struct Outgoing {
    pub(super) source: ExportSource,
    keys: Option<Arc<Shards>>,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("source", &self.source).finish_non_exhaustive()
    }
}

impl From<ExportSource> for Outgoing {
    /// Samples that are numbered, since nobody knows their keys.
    fn from(source: ExportSource) -> Self {
        Self { source, keys: None }
    }
}

impl Outgoing {
    /// All samples of these shards in order, by the schema that they are found to fit. `tell` hears of
    /// the bytes that are looked at.
    ///
    /// # Errors
    /// What the shards meet; none of them has a sample.
    pub fn of_shards(dataset: &Dataset, tell: impl FnMut(u64)) -> Result<(Self, Schema)> {
        let mut inference = Inference::default();
        inference.add_first(dataset.shards().source(), u64::MAX, tell)?;
        if inference.samples() == 0 {
            let place = dataset.shards().names()?.join(", ");
            let message = "there are no samples".to_owned();
            return Err(Error::Input { place, column: None, message });
        }
        let schema = inference.schema("Sample");
        let columns: Arc<[ColumnSpec]> = schema.fields.iter().map(ColumnSpec::from).collect();
        Ok((Self::of_reading(dataset.ordered(), columns), schema))
    }

    /// What a reading gives, by these columns; in whole and in order, under the samples' keys.
    pub fn of_reading<T: Sample + 'static>(
        reading: Reading<T>,
        columns: Arc<[ColumnSpec]>,
    ) -> Self {
        let keys = reading.whole();
        Self { source: ExportSource::of_columns(reading, columns), keys }
    }

    /// The same, with a call after every batch that says how many samples there were so far; its
    /// error ends the conversion. Where types are looked for first, samples pass twice.
    #[must_use]
    pub fn watched(mut self, watch: impl Fn(u64) -> Result<()> + Clone + Send + 'static) -> Self {
        let fields = Arc::clone(&self.source.fields);
        let mut source = self.source;
        self.source = ExportSource::of_rows(fields, move || {
            let (watch, mut done) = (watch.clone(), 0);
            let pass = source.pass()?;
            Ok(pass.map(move |rows| {
                let rows = rows?;
                done += rows.len as u64;
                watch(done).map(|()| rows)
            }))
        });
        self
    }

    /// Goes through all samples, batch by batch, with their keys.
    pub(super) fn each(
        &mut self,
        mut take: impl FnMut(Rows, Vec<String>) -> Result<()>,
    ) -> Result<()> {
        let mut keys = Keys {
            shards: self.keys.clone(),
            shard: 0,
            waiting: Vec::new().into_iter(),
            number: 0,
        };
        for rows in self.source.pass()? {
            let rows = rows?;
            let keys = (0..rows.len).map(|_| keys.next()).collect::<Result<Vec<_>>>()?;
            take(rows, keys)?;
        }
        Ok(())
    }
}

/// The keys of samples, a shard's at a time.
struct Keys {
    shards: Option<Arc<Shards>>,
    shard: usize,
    waiting: std::vec::IntoIter<String>,
    number: u64,
}

impl Keys {
    fn next(&mut self) -> Result<String> {
        let number = self.number;
        self.number += 1;
        let Some(shards) = &self.shards else { return Ok(crate::write::numbered(number)) };
        loop {
            if let Some(key) = self.waiting.next() {
                return Ok(key);
            }
            if self.shard >= shards.names()?.len() {
                let message = "the shards have changed while they were read".to_owned();
                return Err(Error::Invalid(message));
            }
            let index = shards.index(self.shard)?;
            let keys: Vec<String> = (0..index.len()).map(|at| index.key(at).to_owned()).collect();
            self.waiting = keys.into_iter();
            self.shard += 1;
        }
    }
}

/// How samples go out.
#[derive(Debug, Clone, Default)]
pub struct OutOptions {
    /// A new file after so many samples.
    pub max_count: Option<u64>,
    /// Whether files that are there are replaced.
    pub overwrite: bool,
    /// How Parquet is written.
    pub parquet: ParquetOptions,
}

/// Writes samples in another format at `path`, or, with a limit, into several files with numbers
/// before the extension, and says which. Nothing is visible before all is written.
///
/// ```
/// use atdata::convert::{Format, OutOptions, Outgoing, to_path};
/// use atdata::{DictSample, Value, WriteOptions, write_samples};
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// let numbers = (0..2).map(|i| DictSample::from([("number", Value::Int(i))]));
/// let dataset = write_samples(numbers, folder.join("n.tar"), WriteOptions::new())?;
///
/// let (mut samples, _) = Outgoing::of_shards(&dataset, |_| {})?;
/// let path = folder.join("n.jsonl");
/// to_path(&mut samples, &path, Format::Jsonl, &OutOptions::default())?;
/// assert_eq!(std::fs::read_to_string(path).unwrap(), "{\"number\": 0}\n{\"number\": 1}\n");
/// # Ok::<(), atdata::Error>(())
/// ```
///
/// # Errors
/// What is wrong with a sample, or cannot be said in that format; [`Error::Conflict`] for a file that
/// is there; a full disk.
pub fn to_path(
    samples: &mut Outgoing,
    path: &Path,
    format: Format,
    options: &OutOptions,
) -> Result<Vec<PathBuf>> {
    let max = options.max_count;
    if max == Some(0) {
        return Err(Error::Invalid("a file must be allowed a sample at least".to_owned()));
    }
    let first = if max.is_some() { numbered(path, 0) } else { path.to_owned() };
    if !options.overwrite && first.is_file() {
        let first = first.display();
        let message = format!("{first} is there already; remove it, or ask to overwrite it");
        return Err(Error::Conflict(message));
    }
    match format {
        Format::Csv => write::csv(samples, path, b',', max),
        Format::Tsv => write::csv(samples, path, b'\t', max),
        Format::Jsonl => write::jsonl(samples, path, max),
        Format::Arrow => write_arrow(&mut samples.source, path, false, max),
        Format::ArrowStream => write_arrow(&mut samples.source, path, true, max),
        Format::WebDataset => write::webdataset(samples, path, max),
        Format::Parquet => {
            let parquet = max.map_or(options.parquet, |max| options.parquet.max_count(max));
            write_parquet(&mut samples.source, path, parquet)
        }
        Format::Shards | Format::ImageFolder | Format::Numpy => {
            let can =
                Format::ALL.into_iter().filter(|f| f.can_be_written() && *f != Format::Shards);
            let can = can.map(Format::name).collect::<Vec<_>>().join(", ");
            Err(Error::Invalid(format!("shards do not become {format}, but {can}")))
        }
    }
}
