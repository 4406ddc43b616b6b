//! Folders that programs of others wrote (see `python/compat/write_foreign.py`), and streams.

use super::samples;
use atdata::convert::{At, ConvertOptions, Format, Input, Once, Records, Row};
use atdata::convert::{from_inputs, from_path};
use atdata::format::schema::{Field, FieldType, Schema};
use atdata::{Result, Value};
use std::path::{Path, PathBuf};

fn foreign(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/foreign").join(name)
}

#[test]
fn a_saved_data_set_of_hugging_face() {
    let folder = tempfile::tempdir().unwrap();
    let source = foreign("hf");
    assert_eq!(Format::of_input(&source).unwrap(), Format::Arrow);
    let target = folder.path().join("a.tar");
    let converted = from_path(&source, &target, ConvertOptions::new()).unwrap();
    let fields: Vec<_> = converted.schema.fields.iter().map(ToString::to_string).collect();
    let wanted = [
        "matrix: array<float32>[2, 3]",
        "ragged: array<uint8>",
        "vector: array<float32>",
        "image: bytes",
        "label: int",
        "boxes: list[map]",
        "note: str | None",
    ];
    assert_eq!(fields, wanted);
    let image = converted.schema.field("image").unwrap();
    assert_eq!(image.encoding, Some(atdata::schema::Encoding::Image));
    assert_eq!(converted.schema.description.as_deref(), Some("In label, 0 is cat, 1 is dog."));
    let found = samples(converted.paths());
    assert_eq!(found[2].get("image"), Some(&Value::Bytes(b"\x89PNG and so on".to_vec())));
}

#[test]
fn folders_that_only_python_reads_say_so() {
    for (name, function) in [("mds", "from_mds"), ("litdata", "from_litdata")] {
        let error = Format::of_input(&foreign(name)).unwrap_err();
        assert_eq!(error.kind(), "invalid_argument");
        assert!(error.to_string().ends_with(&format!("atdata.{function}")), "{error}");
    }
}

/// Rows that cannot be started again; every second has a key.
struct Stream(u64);

impl Records for Stream {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        if self.0 == 5 {
            return Ok(false);
        }
        row.key = self.0.is_multiple_of(2).then(|| format!("é{}", self.0));
        let value = if self.0 == 4 { Value::Float(0.5) } else { Value::Int(self.0 as i64) };
        row.fields.push(("n".to_owned(), value));
        self.0 += 1;
        row.at = At { number: self.0, ..At::start("stream", "row") };
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.0
    }
}

fn streamed(options: ConvertOptions) -> Result<Vec<atdata::DictSample>> {
    let folder = tempfile::tempdir().unwrap();
    let once: Box<dyn Input> = Box::new(Once::new(Box::new(Stream(0)), "stream", None));
    let inputs = [("train".to_owned(), once)];
    let converted = from_inputs(&inputs, &folder.path().join("a.tar"), options)?;
    Ok(samples(converted.paths()))
}

#[test]
fn a_stream_is_kept_until_its_types_are_known() {
    let found = streamed(ConvertOptions::new()).unwrap();
    let numbers: Vec<_> = found.iter().map(|sample| sample.get("n").cloned()).collect();
    let floats = [0.0, 1.0, 2.0, 3.0, 0.5].map(|n| Some(Value::Float(n)));
    assert_eq!(numbers, floats);
}

#[test]
fn a_stream_with_a_type_is_held_against_it() {
    let schema = |ty| Schema { fields: vec![Field::new("n", ty)], ..Schema::new("N") };
    assert_eq!(streamed(ConvertOptions::new().schema(schema(FieldType::Float))).unwrap().len(), 5);
    let error = streamed(ConvertOptions::new().schema(schema(FieldType::Int))).unwrap_err();
    assert_eq!(error.to_string(), "stream, row 5, column n: int is wanted, this is the float 0.5");
}
