//! Input that means no good: an error that names the place, in bounded memory.

use super::{into, text};
use atdata::convert::Format;
use atdata::format::array::encode_ndarray;
use atdata::{DictSample, Value, ndarray};
use proptest::prelude::any;
use proptest::test_runner::{Config, TestRunner};
use std::fs;
use std::path::Path;

#[test]
fn what_does_not_follow_its_format_is_named() {
    let deep = format!("{{\"a\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
    let cases: [(&str, &[u8], &str); 16] = [
        ("a.csv", b"a,b\n1,2\n3\n", "a.csv, line 3: the line has 1 columns, the header 2"),
        ("a.csv", b"a,a\n1,2\n", "a.csv, line 1, column a: two columns have this name"),
        ("a.csv", b",a\n1,2\n", "a.csv, line 1, column 1: this column has no name"),
        ("a.csv", b"a,b\n1,\xff\n", "a.csv, line 2, column b: the text is not UTF-8"),
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"a,b\n", "there are no records"),
        (
            "a.jsonl",
            b"{\"a\": 1}\n{\"a\": }\n",
            "a.jsonl, line 2: no JSON: expected value, at character 7",
        ),
        ("a.jsonl", b"[1]\n", "a.jsonl, item 1: each record must be a JSON object"),
        ("a.jsonl", b"1\n", "a.jsonl, line 1: each record must be a JSON object"),
        ("a.jsonl", b"{\"a\": 1, \"a\": 2}\n", "column a: the object has this member twice"),
        ("a.jsonl", b"{\"\": 1}\n", "a member has no name"),
        ("a.jsonl", deep.as_bytes(), "a.jsonl, line 1: no JSON: recursion limit exceeded"),
        ("a.json", b"[{\"a\": 1}", "the file ends inside of the array"),
        ("a.parquet", b"PAR1 and no more", "a.parquet: the Parquet file is broken"),
        ("a.arrow", b"ARROW1 and no more than that", "a.arrow: the Arrow file is broken"),
        ("a.npz", b"PK\x03\x04 and no more", "a.npz: the zip is broken"),
    ];
    for (name, bytes, expected) in cases {
        let told = text(name, bytes).unwrap_err();
        assert!(told.starts_with("bad_input: ") && told.contains(expected), "{name}: {told}");
    }
}

#[test]
fn a_row_without_end_is_refused_before_it_fills_memory() {
    // A gzip of 300 MB of one letter is 300 KB.
    for (name, start) in [("a.csv.gz", "a\n\""), ("a.jsonl.gz", "{\"a\": \"")] {
        let mut gz = Vec::new();
        let mut encoder = flate2::write::GzEncoder::new(&mut gz, flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, start.as_bytes()).unwrap();
        for _ in 0..300 {
            std::io::Write::write_all(&mut encoder, &[b'x'; 1 << 20]).unwrap();
        }
        encoder.finish().unwrap();
        let told = text(name, gz).unwrap_err();
        assert!(told.contains("a row of over 256 MiB is not read"), "{told}");
    }
}

#[test]
fn fields_without_end_are_refused() {
    let many = |make: fn(usize) -> String, between: &str| {
        (0..10_001).map(make).collect::<Vec<_>>().join(between)
    };
    let object = format!("{{{}}}", many(|n| format!("\"{n}\": 1"), ","));
    let lines = many(|n| format!("{{\"{n}\": 1}}"), "\n");
    for (name, text_in) in
        [("a.csv", many(|n| format!("c{n}"), ",")), ("a.jsonl", object), ("b.jsonl", lines)]
    {
        let told = text(name, text_in).unwrap_err();
        assert!(told.contains("more than 10000 fields"), "{told}");
    }
}

#[test]
fn a_row_that_only_its_header_claims_is_refused() {
    let mut image = Vec::new();
    atdata::format::npy::write_header("'|u1'", &[2, 5 << 30], &mut image).unwrap();
    let told = text("a.npy", image).unwrap_err();
    assert!(told.contains("a.npy, row 1, column array: a row of over 1 GiB"), "{told}");
}

/// A good file of each format.
fn good(format: Format, folder: &Path) -> Vec<u8> {
    let row = |n: i64| {
        let mut array = Vec::new();
        encode_ndarray(&ndarray::arr2(&[[n, 1], [2, 3]]), &mut array).unwrap();
        DictSample::from([
            ("n", Value::Int(n)),
            ("text", Value::Str(format!("row {n}"))),
            ("array", Value::Bytes(array)),
            ("list", Value::List(vec![Value::Float(0.5); n as usize % 3])),
        ])
    };
    let samples: Vec<_> = (0..20).map(row).collect();
    fs::read(&super::out(&samples, folder, format, None)[0]).unwrap()
}

#[test]
fn files_with_broken_bytes_are_errors_or_other_values_but_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Parquet, Format::Arrow, Format::ArrowStream, Format::WebDataset] {
        let whole = good(format, folder.path());
        let path = folder.path().join(format!("broken{}", format.endings()[0]));
        let mut runner = TestRunner::new(Config { cases: 200, ..Config::default() });
        let changes = (0..whole.len(), any::<u8>(), 0..4_u8);
        let ran = runner.run(&changes, |(at, byte, way)| {
            let mut bytes = whole.clone();
            match way {
                0 => bytes.truncate(at),
                // The ends of files, where the places of everything are, are most worth breaking.
                1 => {
                    let at = whole.len() - 1 - at % 600.min(whole.len());
                    bytes[at] = byte;
                }
                _ => bytes[at] = byte,
            }
            fs::write(&path, bytes).unwrap();
            let _ = into(&path, Some(format));
            Ok(())
        });
        ran.unwrap();
    }
}
