//! What an entry is found by.

use super::rows::{Entry, Query};
use atdata_format::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Longer words, tags and names are kept as a beginning and a hash: databases limit their keys.
const LONGEST: usize = 160;

/// The words, tags, schema and licence that an entry is found by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Facets {
    /// Of its name, description and tags, in lower case.
    pub(crate) words: BTreeSet<String>,
    pub(crate) tags: BTreeSet<String>,
    /// The name of its schema, if the reference says it.
    pub(crate) schema: Option<String>,
    pub(crate) license: Option<String>,
}

/// What a stored term must be to fit a part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Term {
    /// This.
    Exactly(String),
    /// Something that begins so.
    Beginning(String),
}

impl Facets {
    /// What an entry is found by, under the name it bears.
    pub(crate) fn of(entry: &Entry) -> Self {
        let description = text_of(entry, "description").unwrap_or_default();
        let tags: BTreeSet<String> = tags_of(entry).map(str::to_owned).collect();
        let texts = [entry.name.as_str(), description].into_iter();
        Self {
            words: texts.chain(tags.iter().map(String::as_str)).flat_map(words).collect(),
            tags,
            schema: schema_name(&entry.schema_ref).map(str::to_owned),
            license: text_of(entry, "license").map(str::to_owned),
        }
    }

    /// Whether all that a query asks for is here.
    pub(crate) fn fit(&self, query: &Query) -> bool {
        let begins = |start: &String| self.words.iter().any(|word| word.starts_with(start));
        query.words.iter().all(begins)
            && query.tags.iter().all(|tag| self.tags.contains(tag))
            && (query.schema.is_none() || query.schema == self.schema)
            && (query.license.is_none() || query.license == self.license)
    }

    /// The same as a list of terms, for databases: `w:` and a word, `t:` and a tag, `s:` and the
    /// schema's name, `l:` and the licence.
    pub(crate) fn terms(&self) -> BTreeSet<String> {
        let words = self.words.iter().map(|word| cut("w:", word));
        let tags = self.tags.iter().map(|tag| hashed("t:", tag));
        let schema = self.schema.iter().map(|schema| hashed("s:", schema));
        let license = self.license.iter().map(|license| hashed("l:", license));
        words.chain(tags).chain(schema).chain(license).collect()
    }
}

impl Term {
    /// The term, or what it begins with.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Exactly(text) | Self::Beginning(text) => text,
        }
    }
}

/// The terms that an entry needs to fit a query.
pub(crate) fn wanted(query: &Query) -> Vec<Term> {
    let words = query.words.iter().map(|word| Term::Beginning(cut("w:", word)));
    let tags = query.tags.iter().map(|tag| Term::Exactly(hashed("t:", tag)));
    let schema = query.schema.iter().map(|schema| Term::Exactly(hashed("s:", schema)));
    let license = query.license.iter().map(|license| Term::Exactly(hashed("l:", license)));
    words.chain(tags).chain(schema).chain(license).collect()
}

/// The words of a text: its runs of letters and digits, in lower case.
pub(crate) fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let runs = lower.split(|letter: char| !letter.is_alphanumeric());
    runs.filter(|run| !run.is_empty()).map(str::to_owned).collect()
}

/// The name of a schema in a reference to it: `atdata://local/schema/X@1.0.0`,
/// `atdata://local/sampleSchema/X@1.0.0` or `local://schemas/module.X@1.0.0`.
fn schema_name(reference: &str) -> Option<&str> {
    let (scheme, rest) = reference.split_once("://")?;
    let last = rest.rsplit('/').next()?;
    let name = last.rsplit_once('@').map_or(last, |(name, _)| name);
    let name = match scheme {
        "atdata" => name,
        "local" => name.rsplit('.').next()?,
        _ => return None,
    };
    Some(name).filter(|name| !name.is_empty())
}

fn metadata_of<'a>(entry: &'a Entry, wanted: &str) -> Option<&'a Value> {
    let Some(Value::Map(pairs)) = &entry.metadata else { return None };
    let is_wanted = |key: &Value| matches!(key, Value::Str(key) if key == wanted);
    pairs.iter().find(|(key, _)| is_wanted(key)).map(|(_, value)| value)
}

fn text_of<'a>(entry: &'a Entry, key: &str) -> Option<&'a str> {
    match metadata_of(entry, key) {
        Some(Value::Str(text)) => Some(text),
        _ => None,
    }
}

fn tags_of(entry: &Entry) -> impl Iterator<Item = &str> {
    let tags = match metadata_of(entry, "tags") {
        Some(Value::List(tags)) => tags.as_slice(),
        _ => &[],
    };
    tags.iter().filter_map(|tag| match tag {
        Value::Str(tag) => Some(tag.as_str()),
        _ => None,
    })
}

/// A word, without what is beyond the longest beginning that is looked for.
fn cut(kind: &str, word: &str) -> String {
    let end = word.floor_char_boundary(LONGEST);
    format!("{kind}{}", &word[..end])
}

/// A text, or of a long one a beginning and its hash, so that no two become one.
fn hashed(kind: &str, text: &str) -> String {
    // Some databases cannot keep this one character in text.
    let text = text.replace('\0', "\u{fffd}");
    if text.len() <= LONGEST {
        return format!("{kind}{text}");
    }
    let hash = Sha256::digest(text.as_bytes());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}\u{1f}{hash}", cut(kind, &text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let pair = |key: &str, value| (Value::Str(key.into()), value);
        let tags = ["Animal", "wild life"].map(|tag| Value::Str(tag.into()));
        Entry {
            name: "Cats_and-dogs2".into(),
            schema_ref: "atdata://local/schema/Image@1.0.0".into(),
            metadata: Some(Value::Map(vec![
                pair("description", Value::Str("Über ÄPFEL".into())),
                pair("tags", Value::List([&tags[..], &[Value::Int(3)]].concat())),
                pair("license", Value::Str("MIT".into())),
                pair("checksums", Value::Map(vec![])),
            ])),
            ..Entry::default()
        }
    }

    fn fits(query: &Query) -> bool {
        let terms = Facets::of(&entry()).terms();
        let has = |term: &Term| match term {
            Term::Exactly(wanted) => terms.contains(wanted),
            Term::Beginning(start) => terms.iter().any(|term| term.starts_with(start)),
        };
        let by_terms = wanted(query).iter().all(has);
        assert_eq!(by_terms, Facets::of(&entry()).fit(query));
        by_terms
    }

    #[test]
    fn words_are_runs_in_lower_case() {
        let facets = Facets::of(&entry());
        let words: Vec<&str> = facets.words.iter().map(String::as_str).collect();
        assert_eq!(words, ["and", "animal", "cats", "dogs2", "life", "wild", "äpfel", "über"]);
    }

    #[test]
    fn every_facet_is_found() {
        let words = |words: &[&str]| Query {
            words: words.iter().map(ToString::to_string).collect(),
            ..Query::default()
        };
        assert!(fits(&words(&["ca", "üb", "wild"])));
        assert!(!fits(&words(&["ca", "horse"])));
        let tag = |tag: &str| Query { tags: vec![tag.into()], ..Query::default() };
        assert!(fits(&tag("Animal")) && fits(&tag("wild life")) && !fits(&tag("animal")));
        let schema = |name: &str| Query { schema: Some(name.into()), ..Query::default() };
        assert!(fits(&schema("Image")) && !fits(&schema("Imag")));
        let license = |name: &str| Query { license: Some(name.into()), ..Query::default() };
        assert!(fits(&license("MIT")) && !fits(&license("mit")));
    }

    #[test]
    fn references_name_their_schema() {
        let cases = [
            ("atdata://local/sampleSchema/X@1.0.0", Some("X")),
            ("atdata://local/schema/X@1.0.0", Some("X")),
            ("atdata://local/schema/X", Some("X")),
            ("local://schemas/my.module.X@1.0.0", Some("X")),
            ("at://did:plc:abc/ac.foundation.dataset.sampleSchema/3k", None),
            ("X@1.0.0", None),
            ("atdata://local/schema/", None),
        ];
        for (reference, name) in cases {
            assert_eq!(schema_name(reference), name, "{reference}");
        }
    }

    #[test]
    fn long_tags_stay_apart() {
        let tag = |last: &str| hashed("t:", &("x".repeat(5000) + last));
        assert!(tag("a") != tag("b") && tag("a").len() < 300);
        assert!(cut("w:", &"é".repeat(5000)).len() < 200);
    }
}
