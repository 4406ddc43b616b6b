//! What the suffix of a `WebDataset` member says of a field, and back.
//!
//! The last part of a suffix is the kind; what stands before it is the field's name. A suffix of one
//! part is both: `jpg` is a field `jpg`, `image.jpg` is a field `image`.

/// Suffixes whose members are values, not bytes.
const VALUES: [&str; 5] = ["txt", "text", "cls", "json", "npy"];

/// Suffixes of bytes that say what the bytes are and nothing else.
const BYTES: [&str; 20] = [
    "bin", "jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "ppm", "pgm", "pbm", "wav",
    "flac", "mp3", "ogg", "m4a", "mp4", "webm", "avi",
];

/// What a member's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Json,
    Array,
    Bytes,
}

/// The field of a suffix, and what its bytes are.
pub(super) fn field_of(suffix: &str) -> (&str, Kind) {
    let (name, last) = suffix.rsplit_once('.').unwrap_or(("", suffix));
    let last_lower = last.to_ascii_lowercase();
    let kind = match last_lower.as_str() {
        "txt" | "text" => Kind::Text,
        "cls" => Kind::Int,
        "json" => Kind::Json,
        "npy" => Kind::Array,
        _ => Kind::Bytes,
    };
    let says_kind = kind != Kind::Bytes || BYTES.contains(&last_lower.as_str());
    (if says_kind && !name.is_empty() { name } else { suffix }, kind)
}

/// The suffix of a field whose value is of a kind: a field `txt` of text is `txt`, others
/// `{name}.txt`.
pub(super) fn named(name: &str, kind: &str) -> String {
    if name == kind { name.to_owned() } else { format!("{name}.{kind}") }
}

/// The suffix of a field of bytes: a field `jpg` is `jpg`, others end in what the bytes are.
pub(super) fn of_bytes(name: &str, bytes: &[u8]) -> String {
    let plain = BYTES.contains(&name) && !VALUES.contains(&name);
    if plain { name.to_owned() } else { format!("{name}.{}", sniffed(bytes)) }
}

fn sniffed(bytes: &[u8]) -> &'static str {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => "jpg",
        [0x89, b'P', b'N', b'G', ..] => "png",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => "wav",
        [b'G', b'I', b'F', b'8', ..] => "gif",
        [b'f', b'L', b'a', b'C', ..] => "flac",
        [b'O', b'g', b'g', b'S', ..] => "ogg",
        [b'I', b'D', b'3', ..] => "mp3",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "mp4",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn suffixes_of_others() {
        for (suffix, expected) in [
            ("jpg", ("jpg", Kind::Bytes)),
            ("seg.png", ("seg", Kind::Bytes)),
            ("JPG", ("JPG", Kind::Bytes)),
            ("cls", ("cls", Kind::Int)),
            ("label.CLS", ("label", Kind::Int)),
            ("a.b.json", ("a.b", Kind::Json)),
            ("tar.gz", ("tar.gz", Kind::Bytes)),
            ("msgpack", ("msgpack", Kind::Bytes)),
            (".npy", (".npy", Kind::Array)),
        ] {
            assert_eq!(field_of(suffix), expected, "{suffix}");
        }
    }

    fn known() -> impl Strategy<Value = String> {
        let all = VALUES.iter().chain(&BYTES).map(|suffix| (*suffix).to_owned());
        prop::sample::select(all.collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn a_field_comes_back_under_its_name(
            name in prop_oneof!["[a-z.A-Z]{1,6}", known()],
            bytes in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            prop_assume!(!name.starts_with('.'));
            let suffix = of_bytes(&name, &bytes);
            prop_assert_eq!(field_of(&suffix), (name.as_str(), Kind::Bytes));
            for (kind, found) in [("txt", Kind::Text), ("cls", Kind::Int), ("json", Kind::Json), ("npy", Kind::Array)] {
                let suffix = named(&name, kind);
                prop_assert_eq!(field_of(&suffix), (name.as_str(), found));
            }
        }
    }
}
