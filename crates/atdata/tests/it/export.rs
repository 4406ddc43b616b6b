//! Samples as Arrow and Parquet.

use crate::{fixtures, numbers};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int64Type, UInt64Type};
use arrow_array::{Array, RecordBatch, RecordBatchReader};
use arrow_schema::{DataType, SchemaRef};
use atdata::export::{
    Compression, ExportReader, ExportSource, ParquetOptions, arrow_array, arrow_schema, read_all,
    write_parquet,
};
use atdata::format::array::encode_ndarray;
use atdata::ndarray::ArrayD;
use atdata::{Dataset, DictSample, Sample, Value, WriteOptions, write_samples};
use std::fs;
use std::path::Path;

fn table(source: &mut ExportSource) -> (SchemaRef, Vec<RecordBatch>) {
    let reader = read_all(source).unwrap();
    (reader.schema(), reader.map(Result::unwrap).collect())
}

/// A data set of one field `x` with these values.
fn values(folder: &Path, values: Vec<Value>) -> Dataset<DictSample> {
    let samples = values.into_iter().map(|value| DictSample::from([("x", value)]));
    write_samples(samples, folder.join("values.tar"), WriteOptions::new()).unwrap()
}

fn type_of(samples: Vec<Value>) -> DataType {
    let folder = tempfile::tempdir().unwrap();
    let dataset = values(folder.path(), samples);
    table(&mut dataset.ordered().into()).0.field(0).data_type().clone()
}

/// So many values that they take several batches, then a last one.
fn then(many: &Value, last: Value) -> Vec<Value> {
    let mut values = vec![many.clone(); 10_000];
    values.push(last);
    values
}

#[test]
fn the_narrowest_type_that_holds_all_is_found_wherever_the_odd_one_is() {
    let (int, big) = (Value::Int(-1), Value::UInt(u64::MAX));
    assert_eq!(type_of(vec![int.clone()]), DataType::Int64);
    assert_eq!(type_of(then(&Value::Int(1), big.clone())), DataType::UInt64);
    assert_eq!(type_of(then(&int, big.clone())), DataType::Decimal128(20, 0));
    assert_eq!(type_of(then(&int, Value::Float(0.5))), DataType::Float64);
    assert_eq!(type_of(then(&big, Value::Float(0.5))), DataType::Utf8);
    assert_eq!(type_of(then(&int, Value::Str("a".into()))), DataType::Utf8);
    assert_eq!(type_of(then(&Value::Nil, Value::Bool(true))), DataType::Boolean);
    assert_eq!(type_of(vec![Value::Nil]), DataType::Null);
    let list = |item| Value::List(vec![item]);
    let nested = type_of(then(&list(Value::Nil), list(Value::Float(0.5))));
    assert_eq!(nested.to_string(), "List(Float64, field: 'element')");
    assert_eq!(type_of(then(&list(int), list(Value::Bool(true)))), DataType::Utf8);
}

#[test]
fn large_numbers_are_exact() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = values(folder.path(), vec![Value::Int(1 << 53), Value::UInt(u64::MAX)]);
    let (_, batches) = table(&mut dataset.ordered().into());
    let column = batches[0].column(0).as_primitive::<UInt64Type>().clone();
    assert_eq!(column.values()[..], [1 << 53, u64::MAX]);
}

#[test]
fn json_says_what_it_cannot_say_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let map = Value::Map(vec![(Value::Int(1), Value::Bytes(b"\x00\xff".to_vec()))]);
    let all = vec![Value::Str("\"\n".into()), Value::Float(f64::NAN), map, Value::Nil];
    let (schema, batches) = table(&mut values(folder.path(), all).ordered().into());
    assert_eq!(schema.field(0).metadata()["atdata.encoding"], "json");
    let texts: Vec<_> = batches[0].column(0).as_string::<i32>().iter().collect();
    let wanted = [
        Some(r#""\"\u000a""#),
        Some(r#"{"$float": "nan"}"#),
        Some(r#"{"$map": [[1, {"$bytes": "AP8="}]]}"#),
        None,
    ];
    assert_eq!(texts, wanted);
}

#[derive(Sample)]
struct Image {
    pixels: ArrayD<f32>,
}

fn images(folder: &Path, shapes: &[&[usize]]) -> Dataset<Image> {
    let image = |shape: &&[usize]| Image { pixels: ArrayD::from_elem(*shape, 0.5) };
    let samples: Vec<_> = shapes.iter().map(image).collect();
    write_samples(samples, folder.join("images.tar"), WriteOptions::new()).unwrap()
}

fn columns(shapes: &[&[usize]]) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let (schema, batches) = table(&mut images(folder.path(), shapes).ordered().into());
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), shapes.len());
    let described = |field: &std::sync::Arc<arrow_schema::Field>| {
        let shape = field.metadata().get("atdata.shape").cloned();
        (field.name().clone(), shape.unwrap_or_else(|| field.data_type().to_string()))
    };
    schema.fields().iter().map(described).collect()
}

#[test]
fn arrays_are_nested_as_far_as_their_shapes_agree() {
    let one = |shape: &str| vec![("pixels".to_owned(), shape.to_owned())];
    assert_eq!(columns(&[&[2, 3], &[2, 3]]), one("[2, 3]"));
    assert_eq!(columns(&[&[], &[]]), one("[]"));
    assert_eq!(columns(&[&[0, 3], &[0, 3]]), one("[0, 3]"));
    assert_eq!(columns(&[&[2, 3], &[2, 4]]), one("[null, null]"));
    let several = columns(&[&[2, 3], &[6]]);
    assert_eq!((several.len(), several[1].0.as_str()), (2, "pixels.shape"));
    // Of a list without items nobody knows how long those would be.
    assert_eq!(columns(&[&[0, 3], &[0, 4]]).len(), 2);
}

#[test]
fn elements_come_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (_, batches) = table(&mut images(folder.path(), &[&[2, 3], &[2, 3]]).ordered().into());
    let inner = batches[0].column(0).as_fixed_size_list().values().as_fixed_size_list().values();
    assert_eq!(inner.as_primitive::<Float32Type>().values()[..], [0.5; 12]);
}

#[test]
fn a_stream_knows_its_types_before_its_first_batch() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = values(folder.path(), then(&Value::Int(1), Value::Float(0.5)));
    let reader = ExportReader::new(&mut dataset.ordered().into()).unwrap();
    assert_eq!(reader.schema().field(0).data_type(), &DataType::Float64);
    assert_eq!(reader.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 10_001);
}

#[test]
fn samples_that_change_between_passes_are_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = values(folder.path(), then(&Value::Int(1), Value::Int(2)));
    let reader = ExportReader::new(&mut dataset.ordered().into()).unwrap();
    values(folder.path(), then(&Value::Int(1), Value::Str("now text".into())));
    assert!(reader.collect::<Result<Vec<_>, _>>().is_err());
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn files_are_numbered_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = numbers(folder.path(), 10, 4);
    let out = folder.path().join("out");
    let options = ParquetOptions::new().max_count(4).compression(Compression::Zstd);
    let written = write_parquet(&mut dataset.ordered().into(), &out.join("n.parquet"), options);
    assert_eq!(written.unwrap().len(), 3);
    assert_eq!(names(&out), ["n-000000.parquet", "n-000001.parquet", "n-000002.parquet"]);
}

#[test]
fn a_failed_export_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dataset = Dataset::<DictSample>::open(
        fixtures().join("bad/truncated_in_payload.tar").to_string_lossy().into_owned(),
    );
    let path = folder.path().join("n.parquet");
    let mut source = dataset.unwrap().ordered().into();
    assert!(write_parquet(&mut source, &path, ParquetOptions::new()).is_err());
    assert_eq!(names(folder.path()), [""; 0]);
    let none = ParquetOptions::new().max_count(0);
    assert_eq!(write_parquet(&mut source, &path, none).unwrap_err().kind(), "invalid_argument");
    let url = Path::new("s3://bucket/n.parquet");
    let refused = write_parquet(&mut source, url, ParquetOptions::new()).unwrap_err();
    assert_eq!(refused.kind(), "unsupported");
}

#[test]
fn batches_are_small_where_samples_are_large() {
    let folder = tempfile::tempdir().unwrap();
    let shape: &[usize] = &[512, 512];
    let (_, batches) = table(&mut images(folder.path(), &[shape; 20]).ordered().into());
    assert!(batches.iter().all(|batch| batch.num_rows() <= 4), "{}", batches.len());
}

#[test]
fn a_field_that_comes_late_is_none_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = Vec::new();
    encode_ndarray(&ArrayD::<f32>::zeros(vec![2]), &mut bytes).unwrap();
    let samples = (0..5000).map(|n| match n {
        4999 => DictSample::from([("late", Value::Bytes(bytes.clone())), ("n", Value::Int(n))]),
        _ => DictSample::from([("n", Value::Int(n))]),
    });
    let path = folder.path().join("late.tar");
    let dataset = write_samples(samples.collect::<Vec<_>>(), path, WriteOptions::new()).unwrap();
    let (schema, batches) = table(&mut dataset.ordered().into());
    assert_eq!(schema.field(1).name(), "late");
    let nulls = |batch: &RecordBatch| batch.column(1).null_count();
    assert_eq!(batches.iter().map(nulls).sum::<usize>(), 4999);
    let last = batches.last().unwrap().column(0).as_primitive::<Int64Type>();
    assert_eq!(last.values().last(), Some(&4999));
}
