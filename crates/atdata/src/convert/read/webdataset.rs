//! Tar archives whose members share a key: each suffix is a field.

use crate::convert::arrays::array_bytes;
use crate::convert::files::{Chain, SourceFile, by_split};
use crate::convert::format::Format;
use crate::convert::input::{At, Input, LARGEST, MOST_FIELDS, Records, Row, short, too_many};
use crate::convert::json_value::parse as parse_json;
use crate::convert::suffix::{Kind, field_of};
use crate::error::{Error, Result};
use atdata_format::Value;
use atdata_format::array::ArrayView;
use atdata_format::key::split_name;
use atdata_format::schema::{FieldType, Schema};
use atdata_format::tar::{MemberReader, Streamed};
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::BufRead;
use std::path::Path;

/// The archives at a path.
pub(super) fn open(path: &Path) -> Result<Vec<(String, Box<dyn Input>)>> {
    let splits = by_split(path, &[".tar", ".tar.gz", ".tgz"])?;
    debug_assert_eq!(Format::WebDataset.endings(), [".tar"], "those are what is looked for");
    let place = path.display().to_string();
    let input = |files| Box::new(WebDataset { files, place: place.clone() }) as Box<dyn Input>;
    Ok(splits.into_iter().map(|(split, files)| (split, input(files))).collect())
}

struct WebDataset {
    files: Vec<SourceFile>,
    place: String,
}

impl Input for WebDataset {
    fn told(&self) -> Result<Option<Schema>> {
        Ok(None)
    }

    fn mixed(&self) -> FieldType {
        FieldType::Any
    }

    /// Without a schema only types are asked for, so bytes are passed over.
    fn records(&self, schema: Option<&Schema>) -> Result<Box<dyn Records>> {
        let looking = schema.is_none();
        Ok(Chain::boxed(&self.files, move |file| Ok(Box::new(Samples::open(file, looking)?))))
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

/// The samples of one archive.
struct Samples {
    reader: MemberReader<Streamed<Box<dyn BufRead + Send>>>,
    looking: bool,
    at: At,
    file: SourceFile,
    /// The keys so far, as hashes that nobody outside can foresee.
    seen: HashSet<u64>,
    hasher: RandomState,
    /// Whether the reader is at a member that was not used yet.
    held: bool,
    bytes: Vec<u8>,
    /// The bytes of the current sample so far.
    taken: u64,
}

impl Samples {
    fn open(file: &SourceFile, looking: bool) -> Result<Self> {
        let (stream, _) = file.stream()?;
        let packed = file.path.ends_with("gz");
        let reader = MemberReader::new(Streamed(stream), (!packed).then_some(file.bytes));
        Ok(Self {
            reader,
            looking,
            at: At::start(&file.path, ""),
            file: file.clone(),
            seen: HashSet::new(),
            hasher: RandomState::new(),
            held: false,
            bytes: Vec::new(),
            taken: 0,
        })
    }

    /// Goes to the next member that is one of a sample.
    fn advance(&mut self) -> Result<bool> {
        if std::mem::take(&mut self.held) {
            return Ok(true);
        }
        while self.reader.advance().map_err(|error| self.broken(error))? {
            if is_of_sample(self.reader.name()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn broken(&self, error: atdata_format::Error) -> Error {
        error.in_shard(self.file.path.as_str()).into()
    }

    /// Takes the current member in.
    fn take(&mut self, name: &str, row: &mut Row) -> Result<()> {
        let (_, suffix) = split_name(name);
        let (field, kind) = field_of(suffix);
        let wrong =
            |message: &str| self.at.wrong(Some(field), format!("{}: {message}", short(name)));
        if row.fields.iter().any(|(known, _)| known == field) {
            return Err(wrong("another member of this sample becomes the same field; rename one"));
        }
        self.taken += self.reader.size();
        if self.taken > LARGEST {
            return Err(wrong("a sample of over 1 GiB is not read"));
        }
        if row.fields.len() >= MOST_FIELDS {
            return Err(too_many(&self.at));
        }
        self.bytes.clear();
        if !(self.looking && kind == Kind::Bytes) {
            let read = self.reader.append_to(&mut self.bytes);
            read.map_err(|error| error.in_shard(self.file.path.as_str()))?;
        }
        let value = decode(kind, &mut self.bytes)
            .map_err(|message| self.at.wrong(Some(field), format!("{}: {message}", short(name))))?;
        row.fields.push((field.to_owned(), value));
        Ok(())
    }
}

/// Whether a member is part of a sample: hidden files and those without a suffix are not.
fn is_of_sample(name: &str) -> bool {
    let base = name.rsplit('/').next().unwrap_or_default();
    !base.starts_with('.') && base.contains('.')
}

fn key_of(name: &str) -> &str {
    let key = split_name(name).0;
    key.strip_prefix("./").unwrap_or(key)
}

impl Records for Samples {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        if !self.advance()? {
            return Ok(false);
        }
        let key = key_of(self.reader.name()).to_owned();
        self.taken = 0;
        self.at = At { file: self.file.path.as_str().into(), unit: "", number: 0 };
        self.at.file = format!("{}, key {}", self.file.path, short(&key)).into();
        row.at = self.at.clone();
        if !self.seen.insert(self.hasher.hash_one(&key)) {
            let message = "the members of this sample are not next to each other; make the tar again \
                           from names in order (tar --sort=name)";
            return Err(self.at.wrong(None, message));
        }
        loop {
            let name = self.reader.name().to_owned();
            self.take(&name, row)?;
            if !self.advance()? {
                break;
            }
            if key_of(self.reader.name()) != key {
                self.held = true;
                break;
            }
        }
        row.key = Some(key);
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.reader.position().min(self.file.bytes)
    }
}

/// The value of a member's bytes, or what is wrong with them.
fn decode(kind: Kind, bytes: &mut Vec<u8>) -> std::result::Result<Value, String> {
    let text = |bytes: &[u8]| {
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| "this is not UTF-8".to_owned())
    };
    Ok(match kind {
        Kind::Bytes => Value::Bytes(std::mem::take(bytes)),
        Kind::Text => Value::Str(text(bytes)?),
        Kind::Int => {
            let text = text(bytes)?;
            let number = text.trim().parse().map(Value::Int);
            let number = number.or_else(|_| text.trim().parse().map(Value::UInt));
            number.map_err(|_| format!("{:?} is no whole number", short(&text)))?
        }
        Kind::Json => parse_json(bytes).map_err(|error| format!("no JSON: {error}"))?,
        Kind::Array => {
            let compact = ArrayView::parse(bytes).and_then(|array| {
                let dtype = &array.header.dtype;
                let dtype = dtype.descr().unwrap_or(dtype.as_str());
                array_bytes(dtype, &array.header.shape, &array.to_c_order())
            });
            Value::Bytes(compact.map_err(|error| error.message().to_owned())?)
        }
    })
}
