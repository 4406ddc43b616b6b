//! The passes over an input, and the shards that come of it.

use super::conform::Conform;
use super::draft::Targets;
use super::format::Format;
use super::input::{Input, Records, Row};
use super::look::{self, OFTEN, Watched, empty, next};
use super::options::ConvertOptions;
use super::read;
use crate::error::{Error, Result};
use crate::export::files::numbered;
use crate::infer::type_name;
use crate::write::{ShardSet, Written};
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

type Split = (String, Box<dyn Input>);
type Splits = Vec<Split>;

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
    let paths = targets(inputs, target);
    if !options.overwrite {
        paths.iter().try_for_each(|path| check_free(path))?;
    }
    let mut watched = Watched::new(options.watch.take(), inputs);
    let given = options.schema.take();
    let targets = Targets { paths: &paths, options: &options };
    let told = if given.is_some() { None } else { look::told(inputs)? };
    let is_open = |field: &Field| field.ty == FieldType::Any;
    let (mut schema, draft) = match (given, told) {
        (Some(schema), _) => (schema, None),
        (None, Some(told)) if !told.fields.iter().any(is_open) => (told, None),
        (None, told) => look::look(inputs, told, targets, &mut watched)?,
    };
    if schema.name.is_empty() {
        let stem = target.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        schema.name = options.name.clone().unwrap_or_else(|| type_name(&stem));
    }
    let (sets, left_out) = match draft {
        Some(sets) => (sets, Vec::new()),
        None => write_all(inputs, targets, &schema, &mut watched)?,
    };
    let without = inputs.iter().zip(&sets).find(|(_, set)| set.progress().samples == 0);
    if let Some(((_, input), _)) = without {
        return Err(empty(&**input));
    }
    let commit = |((split, _), set): (&Split, ShardSet)| Ok((split.clone(), set.commit()?));
    let splits = inputs.iter().zip(sets).map(commit).collect::<Result<Vec<_>>>()?;
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

/// The shards of all splits, and the columns that the schema leaves out.
fn write_all(
    inputs: &[(String, Box<dyn Input>)],
    targets: Targets<'_>,
    schema: &Schema,
    watched: &mut Watched,
) -> Result<(Vec<ShardSet>, Vec<String>)> {
    let mut conform = Conform::new(schema);
    let mut sets = Vec::new();
    for ((_, input), path) in inputs.iter().zip(targets.paths) {
        let mut set = targets.shards(path)?;
        write(&mut *input.records(Some(schema))?, &mut set, targets, &mut conform, watched)?;
        watched.base += input.bytes();
        watched.tell(false, 0, set.progress().samples)?;
        sets.push(set);
    }
    Ok((sets, conform.into_left_out()))
}

fn write(
    records: &mut dyn Records,
    set: &mut ShardSet,
    targets: Targets<'_>,
    conform: &mut Conform<'_>,
    watched: &mut Watched,
) -> Result<()> {
    let (mut row, mut payload) = (Row::default(), Vec::new());
    while next(records, &mut row)? {
        payload.clear();
        conform.encode(&mut row, &mut payload)?;
        targets.append(set, &mut row, &payload)?;
        if set.progress().samples.is_multiple_of(OFTEN) {
            watched.tell(false, records.done(), set.progress().samples)?;
        }
    }
    Ok(())
}
