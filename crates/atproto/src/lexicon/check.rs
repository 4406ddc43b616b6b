//! Values against schemas.

use super::grapheme;
use super::schema::{Integer, Object, Schema, Text, whole_name};
use crate::value;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::fmt::Display;

/// How deep a record may nest, references included: one that refers to itself ends here.
const MAX_DEPTH: usize = 200;

type Checked = Result<(), String>;

/// One check of one record, and where in it we are.
pub(super) struct Check<'a> {
    definitions: &'a HashMap<String, Schema>,
    path: Vec<String>,
    depth: usize,
}

impl<'a> Check<'a> {
    pub(super) const fn new(definitions: &'a HashMap<String, Schema>) -> Self {
        Self { definitions, path: Vec::new(), depth: 0 }
    }

    /// # Errors
    /// What is wrong, and where.
    pub(super) fn run(mut self, schema: &'a Schema, value: &Value) -> Checked {
        self.value(schema, value).map_err(|message| {
            let place =
                if self.path.is_empty() { String::new() } else { self.path.join(".") + ": " };
            format!("{place}{message}")
        })
    }

    fn value(&mut self, schema: &'a Schema, value: &Value) -> Checked {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("it nests deeper than {MAX_DEPTH}"));
        }
        match schema {
            Schema::Object(object) => self.object(object, value),
            Schema::Array { items, min_length, max_length } => {
                let array = value.as_array().ok_or("it is not an array")?;
                limits("items", array.len(), *min_length, *max_length)?;
                array.iter().enumerate().try_for_each(|(i, item)| self.within(&i, items, item))
            }
            Schema::Ref { r#ref } => self.named(r#ref, value),
            Schema::Union { refs, closed } => self.union(refs, *closed, value),
            other => leaf(other, value),
        }?;
        self.depth -= 1;
        Ok(())
    }

    /// What is wrong below stays in the path.
    fn within(&mut self, step: &dyn Display, schema: &'a Schema, value: &Value) -> Checked {
        self.path.push(step.to_string());
        self.value(schema, value)?;
        self.path.pop();
        Ok(())
    }

    fn object(&mut self, object: &'a Object, value: &Value) -> Checked {
        let fields = fields(value)?;
        if let Some(missing) = object.required.iter().find(|name| !fields.contains_key(*name)) {
            return Err(format!("{missing} is missing"));
        }
        for (name, schema) in &object.properties {
            match fields.get(name) {
                None => {}
                Some(Value::Null) if object.nullable.contains(name) => {}
                Some(value) => self.within(name, schema, value)?,
            }
        }
        Ok(())
    }

    fn named(&mut self, name: &str, value: &Value) -> Checked {
        let definition = self.definitions.get(name);
        let schema = definition.ok_or_else(|| format!("there is no lexicon {name}"))?;
        self.value(schema, value)
    }

    fn union(&mut self, refs: &[String], closed: bool, value: &Value) -> Checked {
        let name = fields(value)?.get("$type").and_then(Value::as_str);
        let name = name.ok_or("it has no $type, which says which of the union it is")?;
        match refs.iter().find(|allowed| **allowed == whole_name(name) && !name.ends_with("#main"))
        {
            Some(known) => self.named(known, value),
            None if closed => Err(format!("its $type {name} is not one of the union")),
            None => Ok(()),
        }
    }
}

fn fields(value: &Value) -> Result<&Map<String, Value>, String> {
    value.as_object().ok_or_else(|| "it is not an object".to_owned())
}

/// Values that have no others in them.
fn leaf(schema: &Schema, value: &Value) -> Checked {
    match schema {
        Schema::String(schema) => text(schema, value),
        Schema::Integer(schema) => integer(schema, value),
        Schema::Boolean { r#const } => {
            let found = value.as_bool().ok_or("it is not true or false")?;
            one_of(&found, r#const.as_slice(), r#const.is_some())
        }
        Schema::Bytes { min_length, max_length } => {
            let bytes = value::as_bytes(value).ok_or("it is not bytes ({\"$bytes\": ...})")?;
            limits("bytes", bytes.len(), *min_length, *max_length)
        }
        Schema::CidLink => {
            value::as_link(value).map(drop).ok_or_else(|| "it is not a link to a CID".to_owned())
        }
        Schema::Blob { accept, max_size } => blob(accept.as_deref(), *max_size, value),
        Schema::Unknown => fields(value).map(drop),
        _ => Err("its lexicon says that it is something that no record has".to_owned()),
    }
}

fn text(schema: &Text, value: &Value) -> Checked {
    let text = value.as_str().ok_or("it is not a string")?;
    limits("bytes", text.len(), schema.min_length, schema.max_length)?;
    if schema.min_graphemes.is_some() || schema.max_graphemes.is_some() {
        limits("characters", grapheme::count(text), schema.min_graphemes, schema.max_graphemes)?;
    }
    let text = text.to_owned();
    one_of(&text, schema.r#enum.as_deref().unwrap_or_default(), schema.r#enum.is_some())?;
    one_of(&text, schema.r#const.as_slice(), schema.r#const.is_some())?;
    schema.format.map_or(Ok(()), |format| format.check(&text))
}

fn integer(schema: &Integer, value: &Value) -> Checked {
    let whole = value.as_i64().ok_or("it is not a whole number of 64 bits")?;
    one_of(&whole, schema.r#enum.as_deref().unwrap_or_default(), schema.r#enum.is_some())?;
    one_of(&whole, schema.r#const.as_slice(), schema.r#const.is_some())?;
    match (schema.minimum, schema.maximum) {
        (Some(least), _) if whole < least => Err(format!("{whole} is less than {least}")),
        (_, Some(most)) if whole > most => Err(format!("{whole} is more than {most}")),
        _ => Ok(()),
    }
}

fn one_of<T: PartialEq + Display>(found: &T, allowed: &[T], limited: bool) -> Checked {
    if !limited || allowed.contains(found) {
        return Ok(());
    }
    let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
    let shown: String = found.to_string().chars().take(100).collect();
    Err(format!("it is {shown}, allowed is {}", allowed.join(", ")))
}

fn limits<N: PartialOrd + Copy + Display>(
    what: &str,
    count: N,
    least: Option<N>,
    most: Option<N>,
) -> Checked {
    match (least, most) {
        (Some(least), _) if count < least => {
            Err(format!("it has {count} {what}, at least {least} are needed"))
        }
        (_, Some(most)) if count > most => {
            Err(format!("it has {count} {what}, at most {most} are allowed"))
        }
        _ => Ok(()),
    }
}

fn blob(accept: Option<&[String]>, max_size: Option<u64>, value: &Value) -> Checked {
    let is_blob = value["$type"] == "blob" && value::as_link(&value["ref"]).is_some();
    let (Some(mime), Some(size), true) =
        (value["mimeType"].as_str(), value["size"].as_u64(), is_blob)
    else {
        return Err("it is not a blob ($type, ref, mimeType, size)".to_owned());
    };
    limits("bytes", size, None, max_size)?;
    let accepts = |pattern: &String| match pattern.strip_suffix('*') {
        Some("*/") => true,
        Some(start) => mime.starts_with(start),
        None => mime == pattern,
    };
    match accept {
        Some(patterns) if !patterns.iter().any(accepts) => {
            Err(format!("a blob of type {mime} is not allowed, but {}", patterns.join(", ")))
        }
        _ => Ok(()),
    }
}
