//! What Hugging Face's `datasets` says of the columns of a file it wrote.
//!
//! Its features are JSON in the file's metadata. Arrow's types tell the rest; these do not:
//! images and the like are `struct<bytes, path>`, and arrays are lists of any length.

use super::column::{Form, array_type};
use super::columns::plain;
use super::leaf::dtype_of;
use super::tensor::Wrong;
use arrow_array::cast::AsArray;
use arrow_array::{Array, GenericListArray, RecordBatch};
use arrow_schema::{DataType, Field as ArrowField, Schema as ArrowSchema};
use atdata_format::Value;
use atdata_format::schema::{Encoding, FieldType, Schema};
use serde_json::Value as Json;
use std::path::Path;
use std::sync::Arc;

/// The features of a file, by column; null for a file that another program wrote.
pub(super) fn features(schema: &ArrowSchema) -> Json {
    let said = schema.metadata().get("huggingface");
    let said: Option<Json> = said.and_then(|said| serde_json::from_str(said).ok());
    said.and_then(|mut said| said.pointer_mut("/info/features").map(Json::take)).unwrap_or_default()
}

/// How a feature's values are made, where its column does not tell.
pub(super) fn form(feature: &Json, column: &ArrowField) -> Option<Form> {
    match feature.get("_type")?.as_str()? {
        "Image" | "Audio" | "Video" | "Pdf" => is_media(column.data_type()).then_some(Form::Media),
        "Array2D" | "Array3D" | "Array4D" | "Array5D" => {
            let shape = feature.get("shape").cloned().unwrap_or_default();
            let dims: Vec<Option<usize>> = serde_json::from_value(shape).ok()?;
            let dtype = dtype_of(leaf(column.data_type()))?.to_owned();
            Some(Form::Nested { dtype, shape: dims.into_iter().collect() })
        }
        _ => None,
    }
}

/// What the files of a feature are, where they can be decoded.
pub(super) fn encoding(feature: &Json) -> Option<Encoding> {
    match feature.get("_type")?.as_str()? {
        "Image" => Some(Encoding::Image),
        "Audio" => Some(Encoding::Audio),
        _ => None,
    }
}

/// What the numbers of class labels stand for, a sentence a column.
pub(super) fn labels(schema: &ArrowSchema) -> Option<String> {
    let features = features(schema);
    let sentence = |(column, feature): (&String, &Json)| {
        let names =
            feature.get("names").filter(|_| feature["_type"] == "ClassLabel")?.as_array()?;
        let names = names.iter().take(MOST_LABELS).enumerate();
        let names: Vec<_> =
            names.filter_map(|(n, name)| Some(format!("{n} is {}", name.as_str()?))).collect();
        Some(format!("In {column}, {}.", names.join(", ")))
    };
    let sentences: Vec<_> = features.as_object()?.iter().filter_map(sentence).collect();
    (!sentences.is_empty()).then(|| sentences.join("\n"))
}

/// Lists of numbers, which are arrays as long as no number is null.
pub(super) struct Vectors(Vec<Option<FieldType>>);

impl Vectors {
    /// The columns of a file that may be such; none where another program wrote it.
    pub(super) fn of(schema: &ArrowSchema) -> Self {
        let own = features(schema).is_object();
        let vector = |field: &Arc<ArrowField>| match field.data_type() {
            DataType::List(items) | DataType::LargeList(items) if own => {
                dtype_of(items.data_type()).map(|dtype| array_type(dtype, None))
            }
            _ => None,
        };
        Self(schema.fields().iter().map(vector).collect())
    }

    /// Looks at the columns of a batch.
    pub(super) fn look(&mut self, batch: &RecordBatch) {
        for (vector, column) in self.0.iter_mut().zip(batch.columns()) {
            let values = column.as_list_opt::<i32>().map(GenericListArray::values);
            let values = values.or_else(|| Some(column.as_list_opt::<i64>()?.values()));
            if values.is_some_and(|values| values.null_count() > 0) {
                *vector = None;
            }
        }
    }

    /// The schema with these columns as arrays.
    pub(super) fn in_schema(self, found: &ArrowSchema, mut schema: Schema) -> Schema {
        for (ty, column) in self.0.into_iter().zip(found.fields()) {
            let field = schema.fields.iter_mut().find(|field| field.name == *column.name());
            if let (Some(ty), Some(field)) = (ty, field) {
                field.ty = ty;
            }
        }
        schema
    }
}

/// Of more labels, the rest is not told.
const MOST_LABELS: usize = 1000;

/// What is in lists in lists.
pub(super) fn leaf(mut found: &DataType) -> &DataType {
    while let DataType::List(items)
    | DataType::LargeList(items)
    | DataType::FixedSizeList(items, _) = found
    {
        found = items.data_type();
    }
    found
}

/// Whether a file beside a saved data set is one that `datasets` keeps results in.
pub(super) fn is_cache(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("cache-") && path.with_file_name("state.json").is_file()
}

/// Whether a folder is one that `Dataset.save_to_disk` or `DatasetDict.save_to_disk` wrote.
pub(in crate::convert) fn is_saved(path: &Path) -> bool {
    let has = |name: &str| path.join(name).is_file();
    has("dataset_dict.json") || (has("dataset_info.json") && has("state.json"))
}

/// `struct<bytes, path>`: the bytes of a file, and where it was.
fn is_media(found: &DataType) -> bool {
    let DataType::Struct(fields) = found else { return false };
    let of = |name: &str| fields.iter().find(|field| field.name() == name);
    of("bytes").is_some_and(|field| {
        matches!(field.data_type(), DataType::Binary | DataType::LargeBinary | DataType::BinaryView)
    }) && of("path").is_some()
}

/// The bytes of files. A path alone is not followed: it may lead anywhere.
pub(super) fn media(column: &dyn Array) -> Result<Vec<Value>, Wrong> {
    let found = column.as_struct();
    let member = |name| found.column_by_name(name).ok_or_else(|| format!("it has no {name}"));
    let (mut bytes, paths) = (plain(&**member("bytes")?)?, member("path")?);
    for (row, value) in bytes.iter_mut().enumerate() {
        if found.is_null(row) {
            *value = Value::Nil;
        } else if *value == Value::Nil && paths.is_valid(row) {
            let message = "a file's path is here, and not its bytes; embed them";
            return Err(format!("{message} (Dataset.save_to_disk does)"));
        }
    }
    Ok(bytes)
}
