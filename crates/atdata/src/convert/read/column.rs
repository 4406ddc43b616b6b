//! What an Arrow column becomes.

use super::hugging_face;
use super::leaf::dtype_of;
use arrow_schema::{DataType, Field as ArrowField, TimeUnit};
use atdata_format::schema::FieldType;
use serde_json::Value as Json;

/// How the values of a column are made.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// Each by itself: numbers, texts, lists, maps.
    Plain,
    /// JSON text, as the export writes what no Arrow type holds.
    Json,
    /// Arrays: nested lists, of a fixed size or not. Where lists alone do not tell the shape, it is
    /// given.
    Nested { dtype: String, shape: Option<Vec<usize>> },
    /// A file's bytes, in a struct with its path.
    Media,
    /// Arrays as one flat list, their shapes in another column.
    Flat { dtype: String, shapes: String },
    /// Arrays as bytes, their shapes and dtypes in other columns.
    Raw { shapes: String, dtypes: String },
}

impl Form {
    /// As the field's metadata say, or its type does; none for a type that no field can have.
    pub(super) fn of(
        field: &ArrowField,
        wanted: Option<&FieldType>,
        feature: &Json,
    ) -> Option<(Self, FieldType)> {
        let said = |name: &str| field.metadata().get(name).cloned();
        if said("atdata.encoding").as_deref() == Some("json") {
            return Some((Self::Json, FieldType::Any));
        }
        match (said("atdata.dtype"), said("atdata.shape_column"), said("atdata.dtype_column")) {
            (_, Some(shapes), Some(dtypes)) => {
                return Some((Self::Raw { shapes, dtypes }, FieldType::array()));
            }
            (Some(dtype), Some(shapes), None) => {
                let ty = array_type(&dtype, None);
                return Some((Self::Flat { dtype, shapes }, ty));
            }
            (Some(dtype), None, _) => {
                let shape = said("atdata.shape").and_then(|shape| dims(&shape));
                let ty = array_type(&dtype, shape.as_deref());
                return Some((Self::Nested { dtype, shape }, ty));
            }
            _ => {}
        }
        match hugging_face::form(feature, field) {
            Some(Self::Nested { dtype, shape }) => {
                let ty = array_type(&dtype, shape.as_deref());
                return Some((Self::Nested { dtype, shape }, ty));
            }
            Some(form) => return Some((form, FieldType::Bytes)),
            None => {}
        }
        let as_list = matches!(wanted, Some(FieldType::List(_)));
        if let Some((dtype, shape)) = fixed(field).filter(|_| !as_list) {
            let ty = array_type(&dtype, Some(&shape));
            return Some((Self::Nested { dtype, shape: Some(shape) }, ty));
        }
        if let Some(dtype) = time_dtype(field.data_type()) {
            let ty = array_type(dtype, Some(&[]));
            return Some((Self::Nested { dtype: dtype.to_owned(), shape: Some(Vec::new()) }, ty));
        }
        if let Some(dtype) = wanted.and_then(|wanted| any_length(field, wanted)) {
            let ty = array_type(&dtype, None);
            return Some((Self::Nested { dtype, shape: None }, ty));
        }
        plain_type(field.data_type()).map(|ty| (Self::Plain, ty))
    }

    /// The columns beside this one.
    pub(super) fn beside(&self) -> Vec<&str> {
        match self {
            Self::Flat { shapes, .. } => vec![shapes],
            Self::Raw { shapes, dtypes } => vec![shapes, dtypes],
            _ => Vec::new(),
        }
    }
}

/// An array of a dtype's text, and of a shape where it is always the same.
pub(super) fn array_type(dtype: &str, shape: Option<&[usize]>) -> FieldType {
    let scalar = atdata_format::dtype::Dtype::parse(dtype).ok().and_then(|dtype| dtype.scalar());
    FieldType::Array {
        dtype: scalar.map(atdata_format::dtype::Scalar::name),
        shape: shape.map(|dims| dims.iter().map(|dim| Some(*dim)).collect()),
        dimension_names: None,
    }
}

/// `[2, 3]`; none where an axis is of no fixed length.
fn dims(text: &str) -> Option<Vec<usize>> {
    let dims: Vec<Option<usize>> = serde_json::from_str(text).ok()?;
    dims.into_iter().collect()
}

/// The dtype and shape of lists of a fixed size of numbers, of Arrow's own tensors too.
fn fixed(field: &ArrowField) -> Option<(String, Vec<usize>)> {
    let (mut shape, mut inner) = (Vec::new(), field.data_type());
    while let DataType::FixedSizeList(items, size) = inner {
        shape.push(usize::try_from(*size).ok()?);
        inner = items.data_type();
    }
    let dtype = dtype_of(inner).filter(|_| !shape.is_empty())?;
    Some((
        dtype.to_owned(),
        tensor_shape(field).filter(|own| same_size(own, &shape)).unwrap_or(shape),
    ))
}

/// The dtype of lists of any length, where an array of just that dtype is wanted.
fn any_length(field: &ArrowField, wanted: &FieldType) -> Option<String> {
    let FieldType::Array { dtype: wanted, .. } = wanted else { return None };
    let leaf = hugging_face::leaf(field.data_type());
    let dtype = dtype_of(leaf).filter(|_| leaf != field.data_type())?;
    let FieldType::Array { dtype: found, .. } = array_type(dtype, None) else { return None };
    (wanted.is_none() || *wanted == found).then(|| dtype.to_owned())
}

fn same_size(one: &[usize], other: &[usize]) -> bool {
    let size = |dims: &[usize]| dims.iter().try_fold(1_usize, |size, dim| size.checked_mul(*dim));
    size(one).is_some() && size(one) == size(other)
}

/// The shape that `arrow.fixed_shape_tensor` keeps in its metadata, unless its axes are permuted.
fn tensor_shape(field: &ArrowField) -> Option<Vec<usize>> {
    let metadata = field.metadata();
    if metadata.get("ARROW:extension:name")? != "arrow.fixed_shape_tensor" {
        return None;
    }
    let said: Json = serde_json::from_str(metadata.get("ARROW:extension:metadata")?).ok()?;
    if said.get("permutation").is_some_and(|axes| !axes.is_null()) {
        return None;
    }
    serde_json::from_value(said.get("shape")?.clone()).ok()
}

/// Times are arrays without axes, so that their type and unit stay.
pub(super) const fn time_dtype(found: &DataType) -> Option<&'static str> {
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    Some(match found {
        DataType::Date32 | DataType::Date64 => "<M8[D]",
        DataType::Timestamp(Second, _) => "<M8[s]",
        DataType::Timestamp(Millisecond, _) => "<M8[ms]",
        DataType::Timestamp(Microsecond, _) => "<M8[us]",
        DataType::Timestamp(Nanosecond, _) => "<M8[ns]",
        DataType::Duration(Second) | DataType::Time32(Second) => "<m8[s]",
        DataType::Duration(Millisecond) | DataType::Time32(Millisecond) => "<m8[ms]",
        DataType::Duration(Microsecond) | DataType::Time64(Microsecond) => "<m8[us]",
        DataType::Duration(Nanosecond) | DataType::Time64(Nanosecond) => "<m8[ns]",
        _ => return None,
    })
}

/// What values of a type are by themselves.
fn plain_type(found: &DataType) -> Option<FieldType> {
    Some(match found {
        DataType::Null => FieldType::Any,
        DataType::Boolean => FieldType::Bool,
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => FieldType::Int,
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => FieldType::Int,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => FieldType::Float,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => FieldType::Str,
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => FieldType::Bytes,
        DataType::Decimal128(_, scale) if *scale <= 0 => FieldType::Int,
        DataType::Decimal128(..) => FieldType::Str,
        DataType::Dictionary(_, values) => plain_type(values)?,
        DataType::List(items) | DataType::LargeList(items) | DataType::FixedSizeList(items, _) => {
            plain_type(items.data_type())?.list()
        }
        DataType::Struct(fields) => {
            fields.iter().try_for_each(|field| plain_type(field.data_type()).map(drop))?;
            FieldType::Map
        }
        DataType::Map(entries, _) => {
            plain_type(entries.data_type())?;
            FieldType::Map
        }
        found => time_dtype(found).map(|dtype| array_type(dtype, Some(&[])))?,
    })
}
