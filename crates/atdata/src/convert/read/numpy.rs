//! `NumPy`'s `.npz` and `.npy`: arrays with a common first axis, a sample a row.

use super::npz::{self, Place};
use super::scalar::single;
use crate::convert::arrays::array_bytes;
use crate::convert::files::{SourceFile, by_split};
use crate::convert::format::Format;
use crate::convert::input::{At, Input, LARGEST, Records, Row};
use crate::error::{Error, Result};
use atdata_format::Value;
use atdata_format::dtype::{Class, Scalar};
use atdata_format::npy::NpyHeader;
use atdata_format::schema::{Field, FieldType, Schema};
use std::io::Read;
use std::path::Path;

/// An array in Fortran order is turned round in memory, so it may not be larger than this.
const TURNED: usize = 64 << 20;

/// The files at a path; each becomes samples by itself, one after the other.
pub(super) fn open(path: &Path) -> Result<Vec<(String, Box<dyn Input>)>> {
    let mut inputs: Vec<(String, Box<dyn Input>)> = Vec::new();
    for (split, files) in by_split(path, Format::Numpy.endings())? {
        let opened = files.into_iter().map(Arrays::open).collect::<Result<Vec<_>>>()?;
        inputs.push((split, Box::new(Numpy { files: opened, place: path.display().to_string() })));
    }
    Ok(inputs)
}

struct Numpy {
    files: Vec<Arrays>,
    place: String,
}

/// The arrays of one file.
#[derive(Debug, Clone)]
struct Arrays {
    file: SourceFile,
    rows: usize,
    arrays: Vec<Array>,
}

#[derive(Debug, Clone)]
struct Array {
    name: String,
    place: Place,
    header: NpyHeader,
    data_offset: usize,
}

impl Arrays {
    fn open(file: SourceFile) -> Result<Self> {
        let at = At::start(&file.path, "");
        let mut arrays = Vec::new();
        for (name, place) in npz::members(&file)? {
            let mut stream = place.open(&file)?;
            let (header, data_offset) = header(&mut *stream, &at, &name, &file)?;
            arrays.push(Array { name, place, header, data_offset });
        }
        let mut rows = None;
        for array in &arrays {
            let wrong = |message: String| at.wrong(Some(&array.name), message);
            let Some(first) = array.header.shape.first() else {
                return Err(wrong("a single value has no first axis to take samples from".into()));
            };
            if rows.is_some_and(|rows| rows != *first) {
                let message = format!(
                    "its first axis is {first} long, that of {} {}; all must be as long",
                    arrays.first().map_or("", |array| array.name.as_str()),
                    rows.unwrap_or_default()
                );
                return Err(wrong(message));
            }
            rows = Some(*first);
        }
        let Some(rows) = rows else { return Err(at.wrong(None, "there are no arrays in it")) };
        // Rows of no bytes come without end, however short the file is.
        if rows as u64 > file.bytes && arrays.iter().all(|array| array.row_bytes() == Some(0)) {
            let message = format!("it says that it has {rows} rows, and there is nothing in them");
            return Err(at.wrong(None, message));
        }
        Ok(Self { file, rows, arrays })
    }
}

/// Reads so much of a stream as its header takes.
fn header(
    stream: &mut dyn Read,
    at: &At,
    name: &str,
    file: &SourceFile,
) -> Result<(NpyHeader, usize)> {
    let mut prefix = Vec::new();
    loop {
        let parsed = NpyHeader::parse(&prefix);
        let parsed = parsed.map_err(|error| at.wrong(Some(name), error.message().to_owned()))?;
        if let Some(found) = parsed {
            return Ok(found);
        }
        let before = prefix.len();
        let more = stream.take(before.max(64) as u64).read_to_end(&mut prefix);
        more.map_err(|error| file.failed(error))?;
        if prefix.len() == before {
            return Err(at.wrong(Some(name), "the file ends inside of the array's header"));
        }
    }
}

impl Array {
    fn item_shape(&self) -> &[usize] {
        self.header.shape.get(1..).unwrap_or_default()
    }

    /// The bytes of one row; none where that is more than memory has addresses.
    fn row_bytes(&self) -> Option<usize> {
        let size = self.header.dtype.item_size();
        self.item_shape().iter().try_fold(size, |bytes, dim| bytes.checked_mul(*dim))
    }

    fn scalar(&self) -> Option<Scalar> {
        self.header.dtype.scalar().filter(|_| self.item_shape().is_empty())
    }

    fn field(&self) -> Field {
        let array = || {
            let shape = self.item_shape().iter().map(|dim| Some(*dim)).collect();
            let dtype = self.header.dtype.scalar().map(Scalar::name);
            FieldType::Array { dtype, shape: Some(shape), dimension_names: None }
        };
        let ty = match self.scalar().map(Scalar::class) {
            Some(Class::Bool) => FieldType::Bool,
            Some(Class::Int | Class::Uint) => FieldType::Int,
            Some(Class::Float) if self.header.dtype.item_size() <= 8 => FieldType::Float,
            Some(Class::Unicode) => FieldType::Str,
            Some(Class::Bytes) => FieldType::Bytes,
            _ => array(),
        };
        Field::new(&self.name, ty)
    }

    /// The value of a row's bytes.
    fn value(&self, data: &[u8]) -> Option<Value> {
        let (dtype, shape) = (&self.header.dtype, self.item_shape());
        match self.scalar().and_then(|scalar| single(dtype, scalar, data)) {
            Some(value) => Some(value),
            None => {
                let text = dtype.descr().unwrap_or(dtype.as_str());
                array_bytes(text, shape, data).ok().map(Value::Bytes)
            }
        }
    }
}

impl Input for Numpy {
    fn told(&self) -> Result<Option<Schema>> {
        let fields = |file: &Arrays| file.arrays.iter().map(Array::field).collect::<Vec<_>>();
        let first = self.files.first().map(fields).unwrap_or_default();
        let same = self.files.iter().all(|file| fields(file) == first);
        Ok(same.then(|| Schema { fields: first, ..Schema::default() }))
    }

    fn mixed(&self) -> FieldType {
        FieldType::Any
    }

    fn records(&self, _: Option<&Schema>) -> Result<Box<dyn Records>> {
        Ok(Box::new(Rows { files: self.files.clone().into_iter(), open: None, finished: 0 }))
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.file.bytes).sum()
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

struct Rows {
    files: std::vec::IntoIter<Arrays>,
    open: Option<Open>,
    finished: u64,
}

/// A file whose arrays are read side by side.
struct Open {
    arrays: Arrays,
    streams: Vec<Box<dyn Read + Send>>,
    at: At,
    buffer: Vec<u8>,
}

impl Open {
    fn new(arrays: Arrays) -> Result<Self> {
        let at = At::start(&arrays.file.path, "row");
        let mut streams = Vec::new();
        for array in &arrays.arrays {
            let mut stream = array.place.open(&arrays.file)?;
            let mut header = vec![0; array.data_offset];
            stream.read_exact(&mut header).map_err(|error| arrays.file.failed(error))?;
            let turned =
                array.header.fortran && array.header.shape.iter().filter(|d| **d > 1).count() > 1;
            streams.push(if turned { in_c_order(array, stream, &at)? } else { stream });
        }
        Ok(Self { arrays, streams, at, buffer: Vec::new() })
    }

    fn read(&mut self, row: &mut Row) -> Result<bool> {
        if self.at.number as usize >= self.arrays.rows {
            return Ok(false);
        }
        self.at.number += 1;
        row.at = self.at.clone();
        for (array, stream) in self.arrays.arrays.iter().zip(&mut self.streams) {
            let wrong = |message: &str| row.at.wrong(Some(&array.name), message);
            let bytes = array.row_bytes().filter(|bytes| *bytes as u64 <= LARGEST);
            let bytes = bytes.ok_or_else(|| wrong("a row of over 1 GiB is not read"))?;
            self.buffer.clear();
            let read = stream.take(bytes as u64).read_to_end(&mut self.buffer);
            read.map_err(|error| row.at.wrong(Some(&array.name), error.to_string()))?;
            if self.buffer.len() < bytes {
                return Err(wrong(
                    "the array ends before its shape says so; the file is cut short",
                ));
            }
            let value =
                array.value(&self.buffer).ok_or_else(|| wrong("the text is not Unicode"))?;
            row.fields.push((array.name.clone(), value));
        }
        Ok(true)
    }
}

/// An array in Fortran order, turned round in memory.
fn in_c_order(
    array: &Array,
    stream: Box<dyn Read + Send>,
    at: &At,
) -> Result<Box<dyn Read + Send>> {
    let wrong = |message: &str| at.wrong(Some(&array.name), message);
    let size = array.row_bytes().and_then(|bytes| bytes.checked_mul(*array.header.shape.first()?));
    let Some(size) = size.filter(|size| *size <= TURNED) else {
        let message = "it is in Fortran order and over 64 MiB; save numpy.ascontiguousarray of it";
        return Err(wrong(message));
    };
    let mut data = Vec::new();
    stream.take(size as u64).read_to_end(&mut data).map_err(|error| wrong(&error.to_string()))?;
    if data.len() < size {
        return Err(wrong("the array ends before its shape says so; the file is cut short"));
    }
    let header = atdata_format::array::ArrayHeader {
        dtype: array.header.dtype.clone(),
        shape: array.header.shape.clone(),
        fortran: true,
        data_offset: 0,
        data_len: size,
    };
    let view = atdata_format::array::ArrayView { header, data: &data };
    Ok(Box::new(std::io::Cursor::new(view.to_c_order().into_owned())))
}

impl Records for Rows {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        loop {
            if let Some(open) = &mut self.open {
                if open.read(row)? {
                    return Ok(true);
                }
                self.finished += open.arrays.file.bytes;
                self.open = None;
            }
            let Some(arrays) = self.files.next() else { return Ok(false) };
            self.open = Some(Open::new(arrays)?);
        }
    }

    fn done(&self) -> u64 {
        let current = self.open.as_ref().map_or(0.0, |open| {
            let part = open.at.number as f64 / open.arrays.rows.max(1) as f64;
            part * open.arrays.file.bytes as f64
        });
        self.finished + current as u64
    }
}

/// The error of a file that is not of either kind.
pub(super) fn not_numpy(file: &SourceFile) -> Error {
    At::start(&file.path, "").wrong(None, "this is neither a .npy nor a .npz file")
}
