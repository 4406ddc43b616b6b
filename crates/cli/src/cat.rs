//! `atdata cat`: one sample by its key.

use crate::args::{Bytes, Cat, Common};
use crate::error::{self, Failure, OK, message};
use crate::output::{Output, count};
use crate::progress::Progress;
use crate::samples::Found;
use crate::target::{Target, size_of};
use crate::{array, head, json, show};
use atdata::format::array::ArrayView;
use atdata::format::npy::write_header;
use atdata::format::similar::similar;
use atdata::format::tar::RawSample;
use atdata::format::{self, ShardIndex};
use atdata::plan::Position;
use atdata::source::shown;
use atdata::{DictSample, Error, Sample, Shards, Value};
use std::sync::Arc;

/// How many lines a field has at most, unless it is asked for alone.
const LINES: usize = 6;

/// How many keys a hint names.
const HINTED: usize = 3;

/// Shows the first sample of that key, or what is there instead.
pub(crate) fn run(options: &Cat, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let data = |error| Failure::data(&error, &options.target);
    let shards = Arc::new(Target::find(&options.target, common)?.shards());
    let search = Search::of(&shards, &options.key).map_err(data)?;
    let Some(&first) = search.places.first() else { return Err(search.nothing(options)) };
    let found = read(&shards, first).map_err(data)?;
    let several = shards.names().map_err(data)?.len() > 1;
    show(options, &found, (common.json, several), out)?;
    if search.places.len() > 1 {
        let all = count(search.places.len() as u64);
        error::note(&format!("{all} samples have the key {}; this is the first", options.key));
    }
    Ok(OK)
}

/// Where the samples of a key are, and what could not be looked through.
struct Search {
    places: Vec<Position>,
    indexes: Vec<Arc<ShardIndex>>,
    problems: Vec<Error>,
}

impl Search {
    fn of(shards: &Shards, key: &str) -> atdata::Result<Self> {
        let mut search = Self { places: Vec::new(), indexes: Vec::new(), problems: Vec::new() };
        let bar = Progress::bytes("Reading indexes", shards.bytes().ok().flatten());
        for (shard, name) in shards.names()?.iter().enumerate() {
            match shards.survey(shard) {
                Ok((index, met)) => {
                    let same = (0..index.len()).filter(|sample| index.key(*sample) == key);
                    let place = |sample| Position { shard, sample: sample as u64 };
                    search.places.extend(same.map(place));
                    search.indexes.push(index);
                    search.problems.extend(met);
                }
                Err(error) => search.problems.push(error),
            }
            bar.add(size_of(&**shards.source(), name));
        }
        Ok(search)
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        let keys = |index: &'_ Arc<ShardIndex>| 0..index.len();
        self.indexes.iter().flat_map(move |index| keys(index).map(|sample| index.key(sample)))
    }

    /// No sample has the key: others have one like it, or a part of the data cannot be read.
    fn nothing(&self, options: &Cat) -> Failure {
        let Cat { target, key, .. } = options;
        let place = shown(target);
        if let Some(problem) = self.problems.first() {
            if self.indexes.is_empty() {
                return Failure::data(problem, target);
            }
            let problem = message(problem);
            let text = format!("no sample found has the key {key}, and some are lost: {problem}");
            let hint = format!("atdata verify {place} lists what cannot be read");
            return Failure::unreadable(text).hint(hint);
        }
        let failure = Failure::not_found(format!("no sample in {place} has the key {key}"));
        match (&similar(key, self.keys(), HINTED)[..], self.keys().next()) {
            ([], None) => failure.hint("there are no samples at all"),
            ([], Some(first)) => failure
                .hint(format!("the first key is {first}; atdata ls --keys {place} lists all")),
            ([one], _) => failure.hint(format!("did you mean {one}?")),
            ([most @ .., last], _) => {
                failure.hint(format!("did you mean {} or {last}?", most.join(", ")))
            }
        }
    }
}

fn read(shards: &Arc<Shards>, place: Position) -> atdata::Result<Found> {
    let mut raw = RawSample::default();
    shards.read_at(place, &mut raw)?;
    let shard = shards.names()?.get(place.shard).cloned().unwrap_or_default();
    let placed = |error: format::Error| {
        error.shifted(raw.extent.offset).in_key(raw.key.as_str()).in_shard(shard.as_str())
    };
    let sample = DictSample::from_bytes(&raw.payload).map_err(placed)?;
    Ok(Found { key: raw.key, shard: shown(&shard), sample })
}

fn show(
    options: &Cat,
    found: &Found,
    (json, several): (bool, bool),
    out: &mut Output,
) -> Result<(), Failure> {
    let fields = found.sample.fields().iter().map(|(name, value)| (name.as_str(), value));
    let wanted = |name: &str| options.field.as_ref().is_none_or(|field| field == name);
    let fields: Vec<_> = fields.filter(|(name, _)| wanted(name)).collect();
    if let (Some(field), []) = (&options.field, &fields[..]) {
        return Err(no_field(field, found));
    }
    match (options.bytes, &fields[..]) {
        (Some(bytes), [(name, value), ..]) => return write_bytes(bytes, name, value, out),
        _ if json => out.line(json::sample(found, fields.into_iter(), options.full)),
        _ => {
            head::heading(found, several, out);
            let lines = if options.field.is_some() { usize::MAX } else { LINES };
            show::long_fields(fields.into_iter(), lines, out);
        }
    }
    Ok(())
}

fn no_field(field: &str, found: &Found) -> Failure {
    let names: Vec<_> = found.sample.fields().iter().map(|(name, _)| name.as_str()).collect();
    Failure::usage(format!("sample {} has no field {field}", found.key))
        .hint(format!("the fields are {}", names.join(", ")))
}

fn write_bytes(bytes: Bytes, name: &str, value: &Value, out: &mut Output) -> Result<(), Failure> {
    let content = match (bytes, value) {
        (Bytes::Raw, Value::Str(text)) => {
            out.bytes(text.as_bytes());
            return Ok(());
        }
        (Bytes::Raw, Value::Bytes(bytes)) => bytes.clone(),
        (Bytes::Raw, _) => {
            let text = format!("field {name} is neither text nor bytes");
            return Err(Failure::usage(text).hint("--json writes values of every type"));
        }
        (Bytes::Npy, Value::Bytes(bytes)) => match array::parse(bytes) {
            Some(array) => npy(&array)?,
            None => return Err(no_array(name).hint("--raw writes bytes as they are")),
        },
        (Bytes::Npy, _) => return Err(no_array(name).hint("--json writes values of every type")),
    };
    if out.is_terminal() {
        let hint = "send them to a file with > or to a program with |";
        return Err(Failure::usage("these bytes are not for a terminal").hint(hint));
    }
    out.bytes(&content);
    Ok(())
}

fn no_array(name: &str) -> Failure {
    Failure::usage(format!("field {name} is no array"))
}

/// An array as numpy saves one.
fn npy(array: &ArrayView<'_>) -> Result<Vec<u8>, Failure> {
    let dtype = &array.header.dtype;
    let descr = dtype.descr().map_or_else(|| format!("'{}'", dtype.as_str()), str::to_owned);
    let mut file = Vec::new();
    write_header(&descr, &array.header.shape, &mut file)
        .map_err(|error| Failure::unreadable(error.message()))?;
    file.extend_from_slice(&array.to_c_order());
    Ok(file)
}
