//! Records checked against lexicons, the protocol's schemas (version 1 of the lexicon language).
//!
//! A lexicon says what must be there and how. What it does not name is allowed, so that a record may
//! have more than its readers know of.

mod check;
mod format;
mod grapheme;
mod schema;

use crate::error::{Error, Result};
use crate::syntax::Nsid;
use check::Check;
use schema::{Document, Schema};
use serde_json::Value;
use std::collections::HashMap;

/// Lexicons that records are checked against.
///
/// ```
/// use atdata_atproto::{Nsid, lexicon::Lexicons};
/// use serde_json::json;
/// let lexicon = r#"{"lexicon": 1, "id": "com.example.note", "defs": {"main": {
///     "type": "record", "key": "tid", "record": {"type": "object", "required": ["text"],
///     "properties": {"text": {"type": "string", "maxLength": 5}}}}}}"#;
/// let lexicons = Lexicons::parse([lexicon])?;
/// let note = Nsid::parse("com.example.note")?;
/// lexicons.validate(&note, &json!({"$type": "com.example.note", "text": "hello", "more": 1}))?;
/// let long = lexicons.validate(&note, &json!({"$type": "com.example.note", "text": "hello!"}));
/// assert_eq!(long.unwrap_err().to_string(), "com.example.note: text: it has 6 bytes, at most 5 are allowed");
/// # Ok::<(), atdata_atproto::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Lexicons {
    /// By their whole names, `com.example.note#main`.
    definitions: HashMap<String, Schema>,
}

impl Lexicons {
    /// Reads lexicon files.
    ///
    /// # Errors
    /// [`Error::Syntax`] for what is no lexicon of version 1, for types and formats of strings that
    /// the language does not have, and for a name that is defined twice.
    pub fn parse<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Result<Self> {
        let mut lexicons = Self::default();
        for text in texts {
            lexicons.add(&Document::parse(text.as_ref())?)?;
        }
        Ok(lexicons)
    }

    fn add(&mut self, document: &Document) -> Result<()> {
        for (name, schema) in document.definitions()? {
            if self.definitions.insert(name.clone(), schema).is_some() {
                return Err(Error::Syntax(format!("the lexicon {name} is there twice")));
            }
        }
        Ok(())
    }

    /// Whether there is a record type of this name.
    #[must_use]
    pub fn contains(&self, collection: &Nsid) -> bool {
        matches!(self.definitions.get(&format!("{collection}#main")), Some(Schema::Record { .. }))
    }

    /// Checks a record in its JSON form.
    ///
    /// # Errors
    /// [`Error::BadRecord`], which names the place in the record and what is wrong there;
    /// [`Error::NotFound`] if there is no lexicon for the collection.
    pub fn validate(&self, collection: &Nsid, record: &Value) -> Result<()> {
        let Some(Schema::Record { record: schema }) =
            self.definitions.get(&format!("{collection}#main"))
        else {
            return Err(Error::NotFound(format!("there is no lexicon of records {collection}")));
        };
        let wrong = |message| Error::BadRecord(format!("{collection}: {message}"));
        if record.get("$type").and_then(Value::as_str) != Some(collection.as_str()) {
            return Err(wrong("its $type is another".to_owned()));
        }
        Check::new(&self.definitions).run(schema, record).map_err(wrong)
    }
}
