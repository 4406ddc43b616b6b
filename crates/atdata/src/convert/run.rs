//! The passes over an input, and the shards that come of it.

use super::conform::Conform;
use super::format::Format;
use super::input::{Input, Row};
use super::look::{self, OFTEN, Watched, next};
use super::options::ConvertOptions;
use super::read;
use crate::error::{Error, Result};
use crate::export::files::numbered;
use crate::infer::type_name;
use crate::write::{ShardSet, Written};
use atdata_format::key::{check_key, rename_dots};
use atdata_format::schema::{Field, FieldType, Schema};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What has become of an input.
#[derive(Debug, Clone)]
pub struct Converted {
    /// The schema that all samples fit.
    pub schema: Schema,
    /// The shards of each split; where the input has no splits, of `train`.
    pub splits: Vec<(String, Written)>,
    /// Columns that the given schema does not have.
    pub left_out: Vec<String>,
}

impl Converted {
    /// How many samples there are in all splits.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.splits.iter().map(|(_, written)| written.progress.samples).sum()
    }

    /// How many bytes the shards have.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.splits.iter().map(|(_, written)| written.progress.bytes).sum()
    }

    /// All shards in order.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.splits.iter().flat_map(|(_, written)| &written.paths)
    }
}

/// Converts a file, a folder, a glob or a brace pattern into shards at `target`.
///
/// Where the input has splits by name (`train.csv` and `test.csv`, or such folders), each has its own
/// shards: `{stem}-{split}.tar`. Nothing is visible before all is written.
///
/// # Errors
/// [`Error::Input`] for what does not follow its format or the schema, [`Error::Conflict`] for shards
/// that are there already, [`Error::Invalid`] for a format that cannot be told; what writing meets.
pub fn from_path(input: &Path, target: &Path, options: ConvertOptions) -> Result<Converted> {
    let format = match options.format {
        Some(format) => format,
        None => Format::of_input(input)?,
    };
    let inputs = read::open(format, input, options.delimiter)?;
    from_inputs(&wanted(inputs, &options)?, target, options)
}

type Splits = Vec<(String, Box<dyn Input>)>;

/// The splits that are asked for.
fn wanted(mut inputs: Splits, options: &ConvertOptions) -> Result<Splits> {
    let available: Vec<String> = inputs.iter().map(|(split, _)| split.clone()).collect();
    if let Some(wanted) = &options.split {
        inputs.retain(|(split, _)| split == wanted);
        if inputs.is_empty() {
            return Err(Error::SplitNotFound { wanted: wanted.clone(), available });
        }
    } else if options.one_split && inputs.len() > 1 {
        let splits = available.join(" and ");
        return Err(Error::Invalid(format!(
            "there are the splits {splits}; say which with split="
        )));
    }
    Ok(inputs)
}

/// The same for inputs of any kind, by the split that each is.
///
/// ```
/// use atdata::convert::{ConvertOptions, Input, Records, Row, from_inputs};
/// use atdata::schema::{FieldType, Schema};
/// use atdata::{Result, Value};
///
/// struct Squares(i64);
///
/// impl Input for Squares {
///     fn told(&self) -> Result<Option<Schema>> {
///         Ok(None)
///     }
///     fn mixed(&self) -> FieldType {
///         FieldType::Any
///     }
///     fn records(&self, _: Option<&Schema>) -> Result<Box<dyn Records>> {
///         Ok(Box::new(Counting { next: 0, end: self.0 }))
///     }
///     fn bytes(&self) -> u64 {
///         self.0 as u64
///     }
///     fn place(&self) -> String {
///         "squares".to_owned()
///     }
/// }
///
/// struct Counting {
///     next: i64,
///     end: i64,
/// }
///
/// impl Records for Counting {
///     fn next(&mut self, row: &mut Row) -> Result<bool> {
///         row.fields.push(("square".to_owned(), Value::Int(self.next.pow(2))));
///         self.next += 1;
///         Ok(self.next <= self.end)
///     }
///     fn done(&self) -> u64 {
///         self.next as u64
///     }
/// }
///
/// # let folder = tempfile::tempdir().unwrap();
/// let inputs: [(String, Box<dyn Input>); 1] = [("train".to_owned(), Box::new(Squares(5)))];
/// let target = folder.path().join("squares.tar");
/// let converted = from_inputs(&inputs, &target, ConvertOptions::new())?;
/// assert_eq!((converted.samples(), converted.schema.name.as_str()), (5, "Squares"));
/// # Ok::<(), atdata::Error>(())
/// ```
///
/// # Errors
/// As [`from_path`].
pub fn from_inputs(
    inputs: &[(String, Box<dyn Input>)],
    target: &Path,
    mut options: ConvertOptions,
) -> Result<Converted> {
    let targets = targets(inputs, target);
    if !options.overwrite {
        targets.iter().try_for_each(|target| check_free(target))?;
    }
    let given = options.schema.take();
    let told = if given.is_some() { None } else { look::told(inputs)? };
    let is_open = |field: &Field| field.ty == FieldType::Any;
    let known =
        given.is_some() || told.as_ref().is_some_and(|told| !told.fields.iter().any(is_open));
    let bytes: u64 = inputs.iter().map(|(_, input)| input.bytes()).sum();
    let total = if known { bytes } else { bytes * 2 };
    let mut watched = Watched { watch: options.watch.take(), base: 0, total };
    let mut schema = match (given, told) {
        (Some(schema), _) => schema,
        (None, Some(told)) if known => told,
        (None, told) => look::look(inputs, told, &mut watched)?,
    };
    if schema.name.is_empty() {
        let stem = target.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        schema.name = options.name.clone().unwrap_or_else(|| type_name(&stem));
    }
    let mut conform = Conform::new(&schema);
    let mut sets = Vec::new();
    for ((split, input), target) in inputs.iter().zip(&targets) {
        let set = write(&**input, target, &options, (&schema, &mut conform), &mut watched)?;
        sets.push((split.clone(), set));
    }
    let left_out = conform.into_left_out();
    let commit = |(split, set): (String, ShardSet)| Ok((split, set.commit()?));
    let splits = sets.into_iter().map(commit).collect::<Result<Vec<_>>>()?;
    Ok(Converted { schema, splits, left_out })
}

/// Where each split goes.
fn targets(inputs: &[(String, Box<dyn Input>)], target: &Path) -> Vec<PathBuf> {
    let named = |split: &str| {
        let mut name = OsString::from(target.file_stem().unwrap_or_default());
        name.push(format!("-{split}"));
        if let Some(extension) = target.extension() {
            name.push(".");
            name.push(extension);
        }
        target.with_file_name(name)
    };
    match inputs {
        [_] => vec![target.to_owned()],
        several => several.iter().map(|(split, _)| named(split)).collect(),
    }
}

fn check_free(target: &Path) -> Result<()> {
    let taken = [target.to_owned(), numbered(target, 0)].into_iter().find(|path| path.is_file());
    taken.map_or(Ok(()), |path| {
        let path = path.display();
        Err(Error::Conflict(format!("{path} is there already; remove it, or ask to overwrite it")))
    })
}

fn write(
    input: &dyn Input,
    target: &Path,
    options: &ConvertOptions,
    (schema, conform): (&Schema, &mut Conform<'_>),
    watched: &mut Watched,
) -> Result<ShardSet> {
    let mut set = ShardSet::create(target, options.max_count, options.max_size)?;
    let mut records = input.records(Some(schema))?;
    let (mut row, mut payload) = (Row::default(), Vec::new());
    while next(&mut *records, &mut row)? {
        payload.clear();
        conform.encode(&mut row, &mut payload)?;
        let key = row.key.take().map(|key| checked(&key, &row, options.rename_dots)).transpose()?;
        set.append(key.as_deref(), &payload)?;
        if set.progress().samples.is_multiple_of(OFTEN) {
            watched.tell(false, records.done(), set.progress().samples)?;
        }
    }
    watched.base += input.bytes();
    watched.tell(false, 0, set.progress().samples)?;
    if set.progress().samples == 0 {
        return Err(look::empty(input));
    }
    Ok(set)
}

fn checked(key: &str, row: &Row, rename: bool) -> Result<String> {
    let key = if rename { rename_dots(key) } else { key.to_owned() };
    check_key(&key).map_err(|error| row.at.wrong(None, error.message()))?;
    Ok(key)
}
