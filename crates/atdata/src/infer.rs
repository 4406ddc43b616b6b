//! The schema of samples whose type nobody has told, as far as they show it.
//!
//! ```
//! use atdata::{DictSample, Value, infer::Inference, write_samples, WriteOptions};
//! # let folder = tempfile::tempdir().unwrap();
//! let rows = [
//!     DictSample::from([("n", Value::Int(1)), ("text", Value::Str("one".into()))]),
//!     DictSample::from([("n", Value::Float(2.5))]),
//! ];
//! let path = folder.path().join("rows.tar");
//! let rows = write_samples(rows, &path, WriteOptions::new())?;
//!
//! let mut inference = Inference::default();
//! inference.add_first(rows.shards().source(), u64::MAX, |_| {})?;
//! let schema = inference.schema("Rows");
//! let fields: Vec<String> = schema.fields.iter().map(ToString::to_string).collect();
//! assert_eq!(fields, ["n: float", "text: str | None"]);
//! # Ok::<(), atdata::Error>(())
//! ```

mod kind;

use crate::dataset::Dataset;
use crate::error::Result;
use crate::source::DataSource;
use atdata_format::msgpack::Walker;
use atdata_format::schema::{Field, FieldType, Schema};
use atdata_format::tar::{BLOCK, RawSample};
use kind::{Kind, merged};
use std::collections::HashMap;
use std::sync::Arc;

/// What was seen in a number of samples.
#[derive(Debug, Default)]
pub struct Inference {
    samples: u64,
    fields: Vec<Seen>,
    places: HashMap<String, usize>,
    /// Whether a sample had other fields than the first, or in another order.
    uneven: bool,
}

/// What was seen of one field.
#[derive(Debug)]
struct Seen {
    name: String,
    samples: u64,
    none: bool,
    kind: Option<Kind>,
}

impl Inference {
    /// Takes the samples of a source into account, in order, until there are so many. `tell` hears
    /// of the bytes of each.
    ///
    /// # Errors
    /// What the source meets; a sample that cannot be read.
    pub fn add_first(
        &mut self,
        source: &Arc<dyn DataSource>,
        samples: u64,
        mut tell: impl FnMut(u64),
    ) -> Result<()> {
        let dataset: Dataset = Dataset::from_source(Arc::clone(source));
        let mut cursor = dataset.ordered().cursor()?;
        let mut raw = RawSample::default();
        while self.samples < samples && cursor.read(&mut raw)? {
            self.add(&raw.payload).map_err(|error| {
                let error = error.shifted(raw.extent.offset).in_key(raw.key.as_str());
                error.in_shard(cursor.shard())
            })?;
            tell(raw.extent.len.next_multiple_of(BLOCK as u64) + BLOCK as u64);
        }
        Ok(())
    }

    /// Takes one sample's payload into account.
    ///
    /// # Errors
    /// A broken payload.
    pub fn add(&mut self, payload: &[u8]) -> atdata_format::Result<()> {
        let mut walker = Walker::new(payload);
        let fields = walker.map_header()?;
        for at in 0..fields {
            let name = walker.field_name()?;
            let kind = Kind::read(&mut walker)?;
            self.note(at, name, kind);
        }
        self.uneven |= fields != self.fields.len();
        self.samples += 1;
        walker.finish()
    }

    fn note(&mut self, at: usize, name: &str, kind: Option<Kind>) {
        let place = self.place(at, name);
        self.uneven |= place != at;
        let Some(seen) = self.fields.get_mut(place) else { return };
        seen.samples += 1;
        seen.none |= kind.is_none();
        seen.kind = merged(seen.kind.take(), kind);
    }

    /// Where a field is noted: mostly where it is in its sample.
    fn place(&mut self, at: usize, name: &str) -> usize {
        if self.fields.get(at).is_some_and(|seen| seen.name == name) {
            return at;
        }
        self.places.get(name).copied().unwrap_or_else(|| {
            let seen = Seen { name: name.to_owned(), samples: 0, none: false, kind: None };
            self.uneven |= self.samples > 0;
            self.fields.push(seen);
            self.places.insert(name.to_owned(), self.fields.len() - 1);
            self.fields.len() - 1
        })
    }

    /// How many samples were taken into account.
    #[must_use]
    pub const fn samples(&self) -> u64 {
        self.samples
    }

    /// How many fields were seen.
    #[must_use]
    pub const fn fields(&self) -> usize {
        self.fields.len()
    }

    /// Whether all samples are already what the schema makes of them, byte for byte, where `mixed` is
    /// what becomes of several types in one field.
    #[cfg(feature = "convert")]
    pub(crate) fn keeps_all(&self, mixed: &FieldType) -> bool {
        let kept = |seen: &Seen| seen.kind.as_ref().is_none_or(|kind| kind.is_kept(mixed));
        !self.uneven && self.fields.iter().all(kept)
    }

    /// What of a schema the samples do not fit, a field a sentence. Fields that it does not have
    /// are passed over when samples are read, so they fit.
    #[must_use]
    pub fn misfits(&self, schema: &Schema) -> Vec<String> {
        schema.fields.iter().filter_map(|field| self.misfit(field)).collect()
    }

    fn misfit(&self, field: &Field) -> Option<String> {
        let seen = self.places.get(&field.name).and_then(|place| self.fields.get(*place));
        let Some(seen) = seen else {
            return (!field.optional).then(|| format!("no sample has {}", field.name));
        };
        let kind = seen.kind.clone().map_or(FieldType::Any, Kind::into_type);
        if seen.kind.as_ref().is_some_and(|kind| !kind.fits(&field.ty)) {
            return Some(format!("{} is {kind} in the samples, not {}", field.name, field.ty));
        }
        let lacking = !field.optional && (seen.none || seen.samples < self.samples);
        lacking.then(|| format!("{} is missing or None in some samples", field.name))
    }

    /// The schema that all of them fit. A field that is missing or None in some is optional; one
    /// that is of several types may be anything.
    #[must_use]
    pub fn schema(&self, name: &str) -> Schema {
        let field = |seen: &Seen| {
            let ty = seen.kind.clone().map_or(FieldType::Any, Kind::into_type);
            let optional = seen.none || seen.samples < self.samples;
            Field { optional, ..Field::new(&seen.name, ty) }
        };
        Schema { fields: self.fields.iter().map(field).collect(), ..Schema::new(name) }
    }
}

/// The name of a type, made of a data set's.
///
/// ```
/// use atdata::infer::type_name;
/// assert_eq!(type_name("training-v1"), "TrainingV1");
/// assert_eq!(type_name("2024 cats"), "Sample2024Cats");
/// ```
#[must_use]
pub fn type_name(dataset: &str) -> String {
    let words = dataset.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.map(capitalised).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("Sample{name}") }
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_ascii_uppercase() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use atdata_format::{DictSample, RecordWriter, Sample, Value};

    fn fields(values: Vec<Value>) -> String {
        let mut inference = Inference::default();
        for value in values {
            let mut payload = Vec::new();
            let sample = DictSample::from([("f", value)]);
            sample.to_record(&mut RecordWriter::new(&mut payload)).unwrap();
            inference.add(&payload).unwrap();
        }
        inference.schema("T").fields[0].to_string()
    }

    fn array(dtype: &[u8; 3]) -> Value {
        Value::Bytes([b"\x03", &dtype[..], b"\x01\x01\0\0\0\0\0\0\0\x07"].concat())
    }

    #[test]
    fn a_schema_that_samples_do_not_fit_is_told_why() {
        let mut inference = Inference::default();
        inference.add(b"\x82\xa1a\x01\xa1b\x91\x01").unwrap();
        inference.add(b"\x82\xa1a\xc0\xa1b\x90").unwrap();
        let schema = |fields: Vec<Field>| Schema { fields, ..Schema::new("T") };
        let floats = FieldType::Float.list();
        let fit = vec![Field::new("a", FieldType::Float).optional(), Field::new("b", floats)];
        assert!(inference.misfits(&schema(fit)).is_empty());
        let others = vec![
            Field::new("a", FieldType::Int),
            Field::new("b", FieldType::Str.list()),
            Field::new("c", FieldType::Map),
        ];
        let told = [
            "a is missing or None in some samples",
            "b is list[int] in the samples, not list[str]",
            "no sample has c",
        ];
        assert_eq!(inference.misfits(&schema(others)), told);
    }

    #[test]
    fn types_fit_all_samples() {
        let text = || Value::Str("a".into());
        let list = |items| Value::List(items);
        let cases = [
            (vec![Value::Int(1), Value::UInt(u64::MAX)], "f: int"),
            (vec![Value::Int(1), Value::Float(0.5), Value::Nil], "f: float | None"),
            (vec![Value::Int(1), text()], "f: any"),
            (vec![Value::Bool(true), Value::Int(1)], "f: any"),
            (vec![Value::Nil], "f: any | None"),
            (vec![array(b"|u1"), array(b"|u1")], "f: array<uint8>"),
            (vec![array(b"|u1"), array(b"|i1")], "f: array"),
            (vec![array(b"|u1"), Value::Bytes(vec![])], "f: bytes"),
            (vec![list(vec![]), list(vec![text()])], "f: list[str]"),
            (vec![list(vec![])], "f: list[any]"),
            (vec![list(vec![Value::Nil, text()])], "f: list[any]"),
            (vec![list(vec![list(vec![Value::Int(1)])])], "f: list[list[int]]"),
            (vec![Value::Map(vec![])], "f: map"),
        ];
        for (values, expected) in cases {
            assert_eq!(fields(values), expected);
        }
    }
}
