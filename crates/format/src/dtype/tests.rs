use super::*;
use proptest::prelude::*;

#[test]
fn texts_as_numpy_prints_them() {
    let pairs = [
        ("<f4", "<f4", 4),
        (">i8", ">i8", 8),
        ("|u1", "|u1", 1),
        ("<u1", "|u1", 1),
        (">b1", "|b1", 1),
        ("=f8", "<f8", 8),
        ("|f4", "<f4", 4),
        ("<c8", "<c8", 8),
        ("<f16", "<f16", 16),
        (">c32", ">c32", 32),
        ("<f2", "<f2", 2),
        ("<U7", "<U7", 28),
        (">U1", ">U1", 4),
        ("|U3", "<U3", 12),
        (">S5", "|S5", 5),
        ("|S1", "|S1", 1),
        ("<M8", "<M8", 8),
        ("<M8[generic]", "<M8", 8),
        ("<m8[s]", "<m8[s]", 8),
        ("<M8[25s]", "<M8[25s]", 8),
        (">m8[1as]", ">m8[as]", 8),
        ("<m8[2147483647as]", "<m8[2147483647as]", 8),
        ("|S2147483647", "|S2147483647", 2147483647),
    ];
    for (text, canonical, size) in pairs {
        let dtype = Dtype::parse(text).unwrap();
        assert_eq!((dtype.as_str(), dtype.item_size()), (canonical, size), "{text}");
        assert_eq!(Dtype::parse(canonical).unwrap(), dtype);
    }
}

#[test]
fn anything_else_is_refused() {
    let bad = [
        "",
        "<",
        "f4",
        "<f",
        "<f3",
        "<f12",
        "<i16",
        "<u+1",
        "<f 4",
        "<b2",
        "<c4",
        "|V8",
        "<S",
        "|S0",
        "<U0",
        "|S2147483648",
        "<U536870912",
        "<U99999999999",
        "<M4",
        "<M8[]",
        "<M8[0s]",
        "<M8[5]",
        "<M8[ns",
        "<M8[ns]x",
        "<M8[5generic]",
        "<M8[ns/25]",
        "<M8[2147483648s]",
        "|T16",
        "!f4",
        "<é4",
        "<f\u{664}",
    ];
    for text in bad {
        assert_eq!(Dtype::parse(text).unwrap_err().kind(), Kind::BadArray, "{text}");
    }
    for text in ["|O", "|O8", "<O"] {
        assert_eq!(Dtype::parse(text).unwrap_err().kind(), Kind::ObjectArray);
    }
}

proptest! {
    #[test]
    fn parsing_never_panics_and_is_canonical(text in "[<>|=][a-zA-Z][0-9]{0,3}(\\[[0-9a-z]{0,4}\\])?") {
        if let Ok(dtype) = Dtype::parse(&text) {
            prop_assert_eq!(Dtype::parse(dtype.as_str()).unwrap(), dtype);
        }
    }
}
