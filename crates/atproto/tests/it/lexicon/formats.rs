//! Text with a format.

use super::{CID, said};
use serde_json::json;

/// Formats, with texts that have them, and texts that do not.
const FORMS: [(&str, &[&str], &[&str]); 11] = [
    ("did", &["did:plc:abc", "did:web:example.com"], &["did:plc:", "alice.test"]),
    ("handle", &["alice.test"], &["alice", "did:plc:abc"]),
    ("at-identifier", &["alice.test", "did:plc:abc"], &["@alice.test"]),
    ("nsid", &["com.example.it"], &["com.example", "com.example.it#main"]),
    ("cid", &[CID], &["bafy", ""]),
    ("tid", &["3kabc2345abcd"], &["3kabc2345abc", "zkabc2345abcd"]),
    ("record-key", &["a:1.0.0", "self"], &["a@1", "..", ""]),
    (
        "language",
        &[
            "en",
            "de-CH-1996",
            "zh-Hant-TW",
            "i-klingon",
            "x-own",
            "EN",
            "hy-Latn-IT-arevela",
            "de-u-co-phonebk-x-a",
        ],
        &["", "e", "x", "i", "en_US", "english!", "de-419-DE", "en-", "de-u", "123"],
    ),
    (
        "at-uri",
        &[
            "at://alice.test",
            "at://did:plc:abc/com.example.it",
            "at://did:plc:abc/com.example.it/1",
        ],
        &[
            "at://",
            "at:///a.b.c/1",
            "at://alice.test/a/b",
            "at://alice.test/a.b.c/1#x",
            "http://a.b",
        ],
    ),
    (
        "uri",
        &["https://example.com/a", "s3://bucket/key", "urn:x"],
        &["https://", "no", "https://a b", ":x", "1a:b", "file:///a", "a+b:c"],
    ),
    (
        "datetime",
        &[
            "2026-01-31T12:00:00Z",
            "2024-02-29T23:59:59.123456+02:00",
            "1985-04-12T23:20:50.1-00:30",
        ],
        &[
            "2026-01-31",
            "2026-01-31T12:00:00",
            "2026-01-31t12:00:00Z",
            "2026-01-31T12:00Z",
            "2026-01-31T12:00:00.Z",
            "2026-01-31T12:00:00-00:00",
            "2026-01-31T24:00:00Z",
            "2023-02-29T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-01-31T12:00:00Zulu",
            "2026-01-31T12:00:00+0200",
        ],
    ),
];

#[test]
fn strings_with_a_format() {
    for (format, good, bad) in FORMS {
        let field = json!({"type": "string", "format": format});
        for text in good {
            assert_eq!(said(&field, &json!(text)), "", "{format} {text}");
        }
        for text in bad {
            let expected = format!("x: {text:?} is not ");
            assert!(said(&field, &json!(text)).starts_with(&expected), "{format} {text}");
        }
    }
}
