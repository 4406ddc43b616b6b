use super::*;
use proptest::prelude::*;

fn image(major: u8, text: &[u8]) -> Vec<u8> {
    let mut out = [MAGIC, &[major, 0][..]].concat();
    let len = (text.len() as u32).to_le_bytes();
    out.extend(if major == 1 { &len[..2] } else { &len[..] });
    out.extend(text);
    out
}

fn parse(text: &str) -> Result<NpyHeader> {
    let bytes = image(1, text.as_bytes());
    NpyHeader::parse(&bytes).map(|header| header.unwrap().0)
}

fn with_descr(descr: &str) -> Result<NpyHeader> {
    parse(&format!("{{'descr': {descr}, 'fortran_order': False, 'shape': ()}}"))
}

#[test]
fn headers_in_any_order_and_spelling() {
    let header = parse("{\"shape\":(2L, 3 ),'fortran_order':True,'descr':'>f8',}  \n").unwrap();
    assert_eq!(
        (header.dtype.as_str(), &header.shape[..], header.fortran),
        (">f8", &[2, 3][..], true)
    );
    for major in [2, 3] {
        let text = "{'descr': '<i4', 'fortran_order': False, 'shape': (), }";
        let bytes = image(major, text.as_bytes());
        let (header, offset) = NpyHeader::parse(&bytes).unwrap().unwrap();
        assert_eq!((header.shape.len(), offset), (0, bytes.len()));
    }
}

#[test]
fn structured_types_keep_their_text_and_size() {
    let cases = [
        ("[('a', '<i4'), ('b', '>f8', (2, 3))]", 52),
        ("[('a', '|i1'), ('', '|V7'), ('b', '<f8')]", 16),
        ("[(('t', 'n'), '<i2'), ('s', [('x', '<U3'), ('y', '|S2')])]", 16),
        ("'|V8'", 8),
        ("[('it\\'s', '<M8[ns]',)]", 8),
    ];
    for (descr, size) in cases {
        let dtype = with_descr(descr).unwrap().dtype;
        assert_eq!((dtype.descr(), dtype.item_size()), (Some(descr), size));
        assert_eq!(dtype.as_str(), format!("|V{size}"));
    }
}

#[test]
fn what_is_not_a_header_is_refused() {
    for descr in ["'|O'", "[('a', '|O')]", "[('a', [('b', '<O8')])]"] {
        assert_eq!(with_descr(descr).unwrap_err().kind(), Kind::ObjectArray, "{descr}");
    }
    let deep = format!("{}'<i4'{}", "[('a', ".repeat(17), ")]".repeat(17));
    let bomb = "[('a', ".repeat(10_000);
    let descrs = [
        "'<f3'",
        "'|V'",
        "'|V0'",
        "[]",
        "[('a',)]",
        "['a']",
        "('<i4', (2,))",
        "1",
        "'<i4",
        "[('a', '<i4', (2,), 0)]",
        "[(('a',), '<i4')]",
        "[('a', '|V99999999999999999999')]",
        "[('a', '<i4', (9223372036854775807, 9223372036854775807))]",
        "[('a', '|V2147483648')]",
        &deep,
        &bomb,
    ];
    for descr in descrs {
        assert_eq!(with_descr(descr).unwrap_err().kind(), Kind::BadArray, "{descr:.60}");
    }
    let dims = "1,".repeat(65);
    let texts = [
        "",
        "{}",
        "{'descr': '<i4', 'shape': ()}",
        "__import__('os')",
        "{'descr': '<i4', 'fortran_order': 0, 'shape': ()}",
        "{'descr': '<i4', 'fortran_order': True, 'shape': (-1,)}",
        "{'descr': '<i4', 'fortran_order': True, 'shape': (18446744073709551616,)}",
        "{'descr': '<i4', 'fortran_order': True, 'shape': (), 'x': 1}",
        "{'descr': '<i4', 'fortran_order': True, 'shape': (), 'shape': ()}",
        "{'descr': '<i4', 'fortran_order': True, 'shape': ()} x",
        &format!("{{'descr': '<i4', 'fortran_order': True, 'shape': ({dims})}}"),
    ];
    for text in texts {
        assert_eq!(parse(text).unwrap_err().kind(), Kind::BadArray, "{text}");
    }
    let error = NpyHeader::parse(b"\x93NUMPY\x04\x00\x10\x00").unwrap_err();
    assert_eq!(error.kind(), Kind::BadArray);
    let error = NpyHeader::parse(b"\x93NUMPY\x02\x00\xff\xff\xff\xff").unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    assert_eq!(NpyHeader::parse(&image(3, b"{'\xff")).unwrap_err().kind(), Kind::BadArray);
}

#[test]
fn written_headers_are_read_again() {
    let long = format!("[{}]", "('a_rather_long_name', '<f8'), ".repeat(4000));
    for (descr, major) in [("[('a', '<i4')]", 1), (long.as_str(), 2), ("[('é', '<i4')]", 3)] {
        for shape in [&[][..], &[3], &[0, 5], &[2, 3, 4]] {
            let mut out = Vec::new();
            write_header(descr, shape, &mut out).unwrap();
            assert_eq!((out[6], out.len() % 64, out.last()), (major, 0, Some(&b'\n')));
            let (header, offset) = NpyHeader::parse(&out).unwrap().unwrap();
            assert_eq!((header.dtype.descr(), offset), (Some(descr), out.len()));
            assert_eq!(&header.shape[..], shape);
        }
    }
    let mut out = Vec::new();
    assert!(write_header("[('a', '|O')]", &[], &mut out).is_err());
    assert!(write_header("[('a', '<i4')], 'x': 1", &[], &mut out).is_err());
    assert!(out.is_empty());
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "[{}()\\[\\]',:a-z0-9<|V\\\\ é-]{0,60}", major in 0..5_u8) {
        let _ = NpyHeader::parse(&image(major, text.as_bytes()));
        let _ = with_descr(&text);
    }
}
