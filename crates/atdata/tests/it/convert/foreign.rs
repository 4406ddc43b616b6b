//! Files as others write them.

use super::{into, samples, text};
use atdata::convert::{ConvertOptions, Format, from_path};
use atdata::format::schema::{Field, FieldType, Schema};
use atdata::format::tar::TarWriter;
use atdata::{DictSample, Value};
use std::fs;

fn str(text: &str) -> Value {
    Value::Str(text.into())
}

#[test]
fn types_are_found_in_all_rows() {
    let csv = "id,n,x,word,flag,empty\n1,1,2,a,true,\n2,,2.5,3,False,\n";
    let (fields, samples) = text("a.csv", csv).unwrap();
    assert_eq!(
        fields,
        "id: int, n: int | None, x: float, word: str, flag: bool, empty: str | None"
    );
    assert_eq!(samples[0].get("x"), Some(&Value::Float(2.0)));
    assert_eq!(samples[1].get("word"), Some(&str("3")));

    let lines = "\u{feff}{\"a\": 1, \"b\": [1]}\n\n{\"a\": 1.5, \"c\": {\"d\": null}}\r\n";
    let (fields, samples) = text("a.jsonl", lines).unwrap();
    assert_eq!(fields, "a: float, b: list[int] | None, c: map | None");
    assert_eq!(samples[0].get("a"), Some(&Value::Float(1.0)));
    assert_eq!(samples[1].get("b"), Some(&Value::Nil));
    assert_eq!(text("a.json", "[ {\"a\": \"],}\"}, {\"a\": \"\\\"\"} ]").unwrap().1.len(), 2);
}

#[test]
fn compressed_text_is_unpacked() {
    let mut gz = Vec::new();
    let mut encoder = flate2::write::GzEncoder::new(&mut gz, flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, b"a\n1\n").unwrap();
    encoder.finish().unwrap();
    assert_eq!(text("a.csv.gz", gz).unwrap().0, "a: int");
}

#[test]
fn a_schema_is_held_against_values() {
    let folder = tempfile::tempdir().unwrap();
    let (path, target) = (folder.path().join("a.csv"), folder.path().join("a.tar"));
    fs::write(&path, "n,v,left\n1,\"[1, 2]\",x\n2,\"[3.5, 4]\",y\n").unwrap();
    let array =
        FieldType::Array { dtype: Some("float32".into()), shape: None, dimension_names: None };
    let fields = vec![Field::new("n", FieldType::Float), Field::new("v", array)];
    let schema = Schema { fields, ..Schema::new("Row") };
    let options = ConvertOptions::new().schema(schema.clone());
    let converted = from_path(&path, &target, options).unwrap();
    assert_eq!(converted.left_out, ["left"]);
    let found = samples(converted.paths());
    let array = found[1].get("v").unwrap().as_array().unwrap();
    assert_eq!(array.to_ndarray::<f32>().unwrap().as_slice().unwrap(), [3.5, 4.0]);
    assert_eq!(found[1].get("n"), Some(&Value::Float(2.0)));

    let again = from_path(&path, &target, ConvertOptions::new().schema(schema.clone()));
    assert_eq!(again.unwrap_err().kind(), "conflict");
    fs::write(&path, "n,v\n1,[1]\nmany,[1]\n").unwrap();
    let again = from_path(&path, &target, ConvertOptions::new().schema(schema).overwrite(true));
    let told = again.unwrap_err().to_string();
    assert!(told.ends_with("a.csv, line 3, column n: \"many\" is no float"), "{told}");
}

#[test]
fn splits_become_shards_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    for (name, rows) in [("test", "1\n"), ("train", "1\n2.5\n")] {
        fs::write(folder.path().join(format!("{name}.csv")), format!("n\n{rows}")).unwrap();
    }
    let target = folder.path().join("out.tar");
    let converted = from_path(folder.path(), &target, ConvertOptions::new()).unwrap();
    let splits: Vec<_> =
        converted.splits.iter().map(|(split, w)| (split.as_str(), w.progress.samples)).collect();
    assert_eq!(splits, [("train", 2), ("test", 1)]);
    assert_eq!(samples([folder.path().join("out-test.tar")])[0].get("n"), Some(&Value::Float(1.0)));
}

#[test]
fn folders_of_images() {
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    for (split, class) in [("train", "cat"), ("train", "dog"), ("val", "cat")] {
        let class = photos.join(split).join(class);
        fs::create_dir_all(&class).unwrap();
        fs::write(class.join("1.JPG"), split).unwrap();
        fs::write(class.join("notes.txt"), "no image").unwrap();
    }
    let (converted, found) = into(&photos, None).unwrap();
    assert_eq!(
        converted.splits.iter().map(|(s, _)| s.as_str()).collect::<Vec<_>>(),
        ["train", "validation"]
    );
    let expected = DictSample::from([
        ("image", Value::Bytes(b"train".to_vec())),
        ("label", str("dog")),
        ("path", str("train/dog/1.JPG")),
    ]);
    assert_eq!((found.len(), &found[1]), (3, &expected));
}

type Member<'a> = (&'a str, &'a [u8]);

fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut writer = TarWriter::new(Vec::new());
    for (name, bytes) in members {
        writer.append(name.as_bytes(), bytes).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn members_become_fields() {
    let members: [(&str, &[u8]); 8] = [
        ("./a/1.jpg", b"\xff\xd8\xff"),
        ("./a/1.cls", b"7\n"),
        ("./a/1.json", b"{\"x\": [1]}"),
        ("./a/1.seg.png", b"png"),
        ("./._1.jpg", b"junk"),
        ("./a/2.jpg", b"\xff"),
        ("./a/2.cls", b"8"),
        ("./a/2.caption.txt", "é".as_bytes()),
    ];
    let (fields, samples) = text("a.tar", tar(&members)).unwrap();
    assert_eq!(
        fields,
        "jpg: bytes, cls: int, json: map | None, seg: bytes | None, caption: str | None"
    );
    assert_eq!(samples[1].get("caption"), Some(&str("é")));
    assert_eq!(samples[0].get("seg"), Some(&Value::Bytes(b"png".to_vec())));
}

#[test]
fn what_is_wrong_with_an_archive_names_the_sample() {
    let cases: [(&[Member<'_>], &str); 6] = [
        (
            &[("a.txt", b"1"), ("b.txt", b"2"), ("a.cls", b"1")],
            "a.tar, key a: the members of this sample are not next",
        ),
        (&[("a.cls", b"x")], "a.tar, key a, column cls: a.cls: \"x\" is no whole number"),
        (&[("a.txt", b"\xff")], "column txt: a.txt: this is not UTF-8"),
        (&[("../etc/a.txt", b"1")], "a.tar, key ../etc/a: key \"../etc/a\": readers cut a key"),
        (&[("a.x.jpg", b"1"), ("a.x.png", b"1")], "column x: a.x.png: another member"),
        (&[("a.npy", &objects())], "Python objects"),
    ];
    for (members, expected) in cases {
        let told = text("a.tar", tar(members)).unwrap_err();
        assert!(told.starts_with("bad_input: ") && told.contains(expected), "{told}");
    }
}

/// A `.npy` image of Python objects.
fn objects() -> Vec<u8> {
    let text = "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n";
    [b"\x93NUMPY\x01\0", &[text.len() as u8, 0][..], text.as_bytes()].concat()
}

/// A `.npy` image of numbers.
fn npy(dtype: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let mut image = Vec::new();
    atdata::format::npy::write_header(&format!("'{dtype}'"), shape, &mut image).unwrap();
    image.extend_from_slice(data);
    image
}

fn npz(members: &[(&str, Vec<u8>)], deflated: bool) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let method =
        if deflated { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        zip.start_file(*name, options).unwrap();
        std::io::Write::write_all(&mut zip, bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn arrays_become_samples_row_by_row() {
    let members = [
        ("x.npy", npy("<f4", &[2, 2], &[1.0_f32, 2.0, 3.0, 4.0].map(f32::to_le_bytes).concat())),
        ("label.npy", npy("|u1", &[2], &[7, 9])),
        ("name.npy", npy("<U2", &[2], b"a\0\0\0b\0\0\0c\0\0\0\0\0\0\0")),
        ("day.npy", npy("<M8[D]", &[2], &[0; 16])),
    ];
    for deflated in [false, true] {
        let (fields, samples) = text("a.npz", npz(&members, deflated)).unwrap();
        assert_eq!(fields, "x: array<float32>[2], label: int, name: str, day: array<<M8[D]>[]");
        assert_eq!((samples.len(), samples[1].get("label")), (2, Some(&Value::Int(9))));
        assert_eq!(samples[1].get("name"), Some(&str("c")));
        let x = samples[1].get("x").unwrap().as_array().unwrap().to_ndarray::<f32>().unwrap();
        assert_eq!(x.as_slice().unwrap(), [3.0, 4.0]);
    }
    assert_eq!(text("a.npy", &members[1].1).unwrap().0, "array: int");
    let short = [members[1].clone(), ("y.npy", npy("|u1", &[3], &[1, 2, 3]))];
    let told = text("a.npz", npz(&short, true)).unwrap_err();
    assert!(told.contains("column y: its first axis is 3 long, that of label 2"), "{told}");
    let told = text("a.npz", npz(&[("o.npy", objects())], true)).unwrap_err();
    assert!(told.contains("column o") && told.contains("Python objects"), "{told}");
}

#[test]
fn formats_are_seen_by_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        Format::of_input(&path).map_err(|error| error.to_string())
    };
    assert_eq!(write("a.tar", &tar(&[("a.jpg", b"1")])), Ok(Format::WebDataset));
    assert_eq!(write("b.tar", &tar(&[("a.msgpack", b"\x80")])), Ok(Format::Shards));
    assert_eq!(write("c", b"PAR1"), Ok(Format::Parquet));
    assert_eq!(write("d.csv", b"a\n"), Ok(Format::Csv));
    assert_eq!(write("e.NDJSON", b"{}"), Ok(Format::Jsonl));
    assert!(
        write("f.xyz", b"hello").unwrap_err().contains("say which of shards, imagefolder, csv")
    );
    let told = Format::of_input(folder.path()).unwrap_err().to_string();
    assert!(told.contains("several formats"), "{told}");
}
