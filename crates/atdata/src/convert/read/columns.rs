//! Record batches as records.

use super::column::{Form, time_dtype};
use super::hugging_face;
use super::tensor::{self, Wrong};
use crate::convert::input::{At, Row};
use crate::convert::json_value::parse as parse_json;
use crate::error::Result;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch, downcast_dictionary_array};
use arrow_schema::{DataType, Schema as ArrowSchema};
use atdata_format::Value;
use atdata_format::schema::{Field, Schema};
use serde_json::Value as Json;

/// How the columns of a file become fields.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    columns: Vec<(Field, Form, usize)>,
    description: Option<String>,
}

impl Columns {
    /// By an Arrow schema; a wanted one says which lists are not arrays.
    pub(super) fn new(found: &ArrowSchema, wanted: Option<&Schema>, at: &At) -> Result<Self> {
        let mut columns: Vec<(Field, Form, usize)> = Vec::new();
        let features = hugging_face::features(found);
        for (index, field) in found.fields().iter().enumerate() {
            let name = field.name();
            let asked = wanted.and_then(|wanted| wanted.field(name));
            if wanted.is_some() && asked.is_none() {
                // Its values are never made, but that it is there is told.
                columns.push((
                    Field::new(name, atdata_format::schema::FieldType::Any),
                    Form::Plain,
                    usize::MAX,
                ));
                continue;
            }
            let feature = features.get(name).unwrap_or(&Json::Null);
            let form = Form::of(field, asked.map(|field| &field.ty), feature);
            let (form, ty) = form.ok_or_else(|| {
                let message = format!(
                    "values of the Arrow type {} are not read; cast or leave out the column",
                    field.data_type()
                );
                at.wrong(Some(name), message)
            })?;
            if name.is_empty() {
                return Err(at.wrong(None, "a column has no name; every field needs one"));
            }
            if columns.iter().any(|(known, _, _)| known.name == *name) {
                return Err(at.wrong(Some(name), "two columns have this name; give each its own"));
            }
            let encoding = (form == Form::Media).then(|| hugging_face::encoding(feature)).flatten();
            let own = Field { optional: field.is_nullable(), encoding, ..Field::new(name, ty) };
            columns.push((own, form, index));
        }
        let beside: Vec<String> =
            columns.iter().flat_map(|(_, form, _)| form.beside()).map(str::to_owned).collect();
        columns.retain(|(field, _, _)| !beside.contains(&field.name));
        Ok(Self { columns, description: hugging_face::labels(found) })
    }

    /// The schema, with what is known of nulls: a field is only optional if some may be.
    /// Of files it matters whether their bytes are there, not their paths.
    pub(super) fn schema(&self, has_nulls: impl Fn(usize, Option<&str>) -> bool) -> Schema {
        let field = |(field, form, index): &(Field, Form, usize)| {
            let member = (*form == Form::Media).then_some("bytes");
            let optional = field.optional && has_nulls(*index, member);
            Field { optional, ..field.clone() }
        };
        let fields = self.columns.iter().map(field).collect();
        Schema { fields, description: self.description.clone(), ..Schema::default() }
    }

    /// The values of a batch, by column.
    pub(super) fn values(&self, batch: &RecordBatch, at: &At) -> Result<Batch> {
        let mut columns = Vec::with_capacity(self.columns.len());
        for (field, form, index) in &self.columns {
            let values = match batch.columns().get(*index) {
                Some(column) => values(column, form, batch)
                    .map_err(|message| at.wrong(Some(&field.name), message))?,
                None => vec![Value::Nil; batch.num_rows()],
            };
            columns.push((field.name.clone(), values.into_iter()));
        }
        Ok(Batch { columns, rows: batch.num_rows() })
    }
}

/// The rows of a record batch that were not taken yet.
#[derive(Debug, Default)]
pub(super) struct Batch {
    columns: Vec<(String, std::vec::IntoIter<Value>)>,
    rows: usize,
}

impl Batch {
    /// Takes the next row; false at the end.
    pub(super) fn next(&mut self, row: &mut Row) -> bool {
        let Some(left) = self.rows.checked_sub(1) else { return false };
        self.rows = left;
        for (name, values) in &mut self.columns {
            row.fields.push((name.clone(), values.next().unwrap_or(Value::Nil)));
        }
        true
    }
}

fn values(
    column: &ArrayRef,
    form: &Form,
    batch: &RecordBatch,
) -> std::result::Result<Vec<Value>, Wrong> {
    let beside = |name: &str| {
        batch.column_by_name(name).ok_or_else(|| format!("the column {name} beside it is missing"))
    };
    match form {
        Form::Plain => plain(&**column),
        Form::Json => json(&**column),
        Form::Media => hugging_face::media(&**column),
        Form::Nested { dtype, shape } => tensor::nested(column, dtype, shape.as_deref()),
        Form::Flat { dtype, shapes } => tensor::flat(column, dtype, beside(shapes)?),
        Form::Raw { shapes, dtypes } => tensor::raw(column, beside(shapes)?, beside(dtypes)?),
    }
}

fn json(column: &dyn Array) -> std::result::Result<Vec<Value>, Wrong> {
    let texts = column.as_string_opt::<i32>().ok_or("this is no column of JSON texts")?;
    let one = |text: Option<&str>| match text {
        None => Ok(Value::Nil),
        Some(text) => parse_json(text.as_bytes()).map_err(|error| format!("no JSON: {error}")),
    };
    texts.iter().map(one).collect()
}

/// Values by themselves.
pub(super) fn plain(column: &dyn Array) -> std::result::Result<Vec<Value>, Wrong> {
    macro_rules! numbers {
        ($type:ty, $make:expr) => {
            column.as_primitive::<$type>().iter().map(|v| v.map_or(Value::Nil, $make)).collect()
        };
    }
    macro_rules! all {
        ($values:expr, $make:expr) => {
            $values.iter().map(|value| value.map_or(Value::Nil, $make)).collect()
        };
    }
    let text = |text: &str| Value::Str(text.to_owned());
    let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    Ok(match column.data_type() {
        DataType::Null => vec![Value::Nil; column.len()],
        DataType::Boolean => all!(column.as_boolean(), Value::Bool),
        DataType::Int8 => numbers!(Int8Type, |v| Value::Int(v.into())),
        DataType::Int16 => numbers!(Int16Type, |v| Value::Int(v.into())),
        DataType::Int32 => numbers!(Int32Type, |v| Value::Int(v.into())),
        DataType::Int64 => numbers!(Int64Type, Value::Int),
        DataType::UInt8 => numbers!(UInt8Type, |v| Value::Int(v.into())),
        DataType::UInt16 => numbers!(UInt16Type, |v| Value::Int(v.into())),
        DataType::UInt32 => numbers!(UInt32Type, |v| Value::Int(v.into())),
        DataType::UInt64 => numbers!(UInt64Type, unsigned),
        DataType::Float16 => numbers!(Float16Type, |v| Value::Float(v.to_f64())),
        DataType::Float32 => numbers!(Float32Type, |v| Value::Float(v.into())),
        DataType::Float64 => numbers!(Float64Type, Value::Float),
        DataType::Utf8 => all!(column.as_string::<i32>(), text),
        DataType::LargeUtf8 => all!(column.as_string::<i64>(), text),
        DataType::Utf8View => all!(column.as_string_view(), text),
        DataType::Binary => all!(column.as_binary::<i32>(), bytes),
        DataType::LargeBinary => all!(column.as_binary::<i64>(), bytes),
        DataType::BinaryView => all!(column.as_binary_view(), bytes),
        DataType::FixedSizeBinary(_) => all!(column.as_fixed_size_binary(), bytes),
        DataType::Decimal128(_, scale) => decimals(column, *scale)?,
        DataType::Dictionary(..) => dictionary(column)?,
        DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => lists(column)?,
        DataType::Struct(_) => structs(column)?,
        DataType::Map(..) => maps(column)?,
        found => match time_dtype(found) {
            Some(dtype) => {
                tensor::nested(&arrow_array::make_array(column.to_data()), dtype, Some(&[]))?
            }
            None => return Err(format!("values of the Arrow type {found} are not read")),
        },
    })
}

fn unsigned(value: u64) -> Value {
    i64::try_from(value).map_or(Value::UInt(value), Value::Int)
}

/// Whole ones as integers, others as text, so that no digit is lost.
fn decimals(column: &dyn Array, scale: i8) -> std::result::Result<Vec<Value>, Wrong> {
    let values = column.as_primitive::<Decimal128Type>();
    let one = |row: usize| {
        if values.is_null(row) {
            return Ok(Value::Nil);
        }
        if scale > 0 {
            return Ok(Value::Str(values.value_as_string(row)));
        }
        let zeros = 10_i128.checked_pow(u32::from(scale.unsigned_abs()));
        let whole = zeros.and_then(|zeros| values.value(row).checked_mul(zeros));
        let signed = whole.and_then(|whole| i64::try_from(whole).ok()).map(Value::Int);
        let found = signed.or_else(|| Some(Value::UInt(u64::try_from(whole?).ok()?)));
        found.ok_or_else(|| format!("{} is beyond 64 bits", values.value_as_string(row)))
    };
    (0..values.len()).map(one).collect()
}

fn dictionary(column: &dyn Array) -> std::result::Result<Vec<Value>, Wrong> {
    fn decode<K: ArrowDictionaryKeyType>(
        column: &arrow_array::DictionaryArray<K>,
    ) -> std::result::Result<Vec<Value>, Wrong> {
        let values = plain(&**column.values())?;
        let one = |row| column.key(row).and_then(|key| values.get(key)).cloned();
        Ok((0..column.len()).map(|row| one(row).unwrap_or(Value::Nil)).collect())
    }
    downcast_dictionary_array! {
        column => decode(column),
        found => Err(format!("values of the Arrow type {found} are not read"))
    }
}

/// Items of lists, given out list by list.
fn lists(column: &dyn Array) -> std::result::Result<Vec<Value>, Wrong> {
    let (offsets, values): (Vec<usize>, &ArrayRef) = match column.data_type() {
        DataType::List(_) => {
            let list = column.as_list::<i32>();
            (list.value_offsets().iter().map(|end| *end as usize).collect(), list.values())
        }
        DataType::LargeList(_) => {
            let list = column.as_list::<i64>();
            (list.value_offsets().iter().map(|end| *end as usize).collect(), list.values())
        }
        _ => {
            let list = column.as_fixed_size_list();
            let size = usize::try_from(list.value_length()).unwrap_or_default();
            let first = list.value_offset_at(0);
            ((0..=list.len()).map(|row| first + row * size).collect(), list.values())
        }
    };
    let (first, last) = (offsets.first().copied(), offsets.last().copied());
    let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
    let mut items = plain(&*values.slice(first, last - first))?.into_iter();
    let list = |(row, pair): (usize, &[usize])| {
        let length = pair[1] - pair[0];
        let own: Vec<Value> = items.by_ref().take(length).collect();
        if column.is_null(row) { Value::Nil } else { Value::List(own) }
    };
    Ok(offsets.windows(2).enumerate().map(list).collect())
}

fn structs(column: &dyn Array) -> std::result::Result<Vec<Value>, Wrong> {
    let found = column.as_struct();
    let mut members = Vec::new();
    for (name, values) in found.column_names().into_iter().zip(found.columns()) {
        members.push((name, plain(&**values)?.into_iter()));
    }
    let mut rows = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        let pairs = members.iter_mut().map(|(name, values)| {
            (Value::Str((*name).to_owned()), values.next().unwrap_or(Value::Nil))
        });
        let pairs: Vec<_> = pairs.collect();
        rows.push(if column.is_null(row) { Value::Nil } else { Value::Map(pairs) });
    }
    Ok(rows)
}

fn maps(column: &dyn Array) -> std::result::Result<Vec<Value>, Wrong> {
    let found = column.as_map();
    let (keys, values) = (plain(&**found.keys())?, plain(&**found.values())?);
    let offsets = found.value_offsets();
    let one = |row: usize| {
        if found.is_null(row) {
            return Value::Nil;
        }
        let range = offsets[row] as usize..offsets[row + 1] as usize;
        let pairs = range.filter_map(|at| Some((keys.get(at)?.clone(), values.get(at)?.clone())));
        Value::Map(pairs.collect())
    };
    Ok((0..found.len()).map(one).collect())
}
