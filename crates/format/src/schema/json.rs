//! Schema documents: the JSON that index databases hold, and the fields of published records.

use serde_json::{Map, Value, json};

use super::{Encoding, Field, FieldType, Schema};
use crate::array::MAX_NDIM;
use crate::error::{Error, Kind, Result};
use crate::key::quote;

/// What comes before `#primitive` and its like in an index database.
pub const LOCAL: &str = "local";

/// How deep lists of lists may be nested.
const MAX_NESTING: usize = 32;

/// The dtype of an array field that names none, as the original writes it.
const DEFAULT_DTYPE: &str = "float32";

impl Schema {
    /// The document of this schema for an index database. `created_at` is a time as text.
    ///
    /// ```
    /// use atdata_format::schema::{Field, FieldType, Schema};
    /// let schema = Schema {
    ///     name: "Text".into(),
    ///     version: Some("1.0.0".into()),
    ///     description: None,
    ///     fields: vec![Field::new("text", FieldType::Str)],
    /// };
    /// let document = schema.to_json("2026-01-01T00:00:00+00:00");
    /// assert_eq!(document["fields"][0]["fieldType"]["$type"], "local#primitive");
    /// assert_eq!(Schema::from_json(&document)?, schema);
    /// # Ok::<(), atdata_format::Error>(())
    /// ```
    #[must_use]
    pub fn to_json(&self, created_at: &str) -> Value {
        json!({
            "name": self.name,
            "version": self.version,
            "fields": self.fields_to_json(LOCAL),
            "description": self.description,
            "createdAt": created_at,
        })
    }

    /// The fields alone. `namespace` comes before the `#` of every `$type`: [`LOCAL`], or the
    /// lexicon of a published record.
    #[must_use]
    pub fn fields_to_json(&self, namespace: &str) -> Value {
        self.fields.iter().map(|field| field.to_json(namespace)).collect()
    }

    /// Reads a document or a record; members that it does not know are passed over.
    ///
    /// # Errors
    /// [`Kind::BadSchema`], naming the field.
    pub fn from_json(document: &Value) -> Result<Self> {
        let map = object(document, "a schema")?;
        let items = map.get("fields").and_then(Value::as_array);
        let items = items.ok_or_else(|| bad("a schema needs a list of fields".into()))?;
        let mut fields: Vec<Field> = Vec::with_capacity(items.len());
        let mut names = std::collections::HashSet::new();
        for item in items {
            let field = Field::from_json(item)?;
            if !names.insert(field.name.clone()) {
                return Err(bad(format!("field {} twice", quote(&field.name))));
            }
            fields.push(field);
        }
        Ok(Self {
            name: text(map, "name")?.ok_or_else(|| bad("a schema needs a name".into()))?,
            version: text(map, "version")?,
            description: text(map, "description")?,
            fields,
        })
    }
}

impl Field {
    fn to_json(&self, namespace: &str) -> Value {
        let mut map = Map::new();
        map.insert("name".into(), self.name.as_str().into());
        map.insert("fieldType".into(), self.ty.to_json(namespace));
        map.insert("optional".into(), self.optional.into());
        if let Some(description) = &self.description {
            map.insert("description".into(), description.as_str().into());
        }
        if let Some(encoding) = self.encoding {
            map.insert("encoding".into(), encoding.as_str().into());
        }
        Value::Object(map)
    }

    fn from_json(value: &Value) -> Result<Self> {
        let map = object(value, "a field")?;
        let name = text(map, "name")?.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| bad("a field needs a name".into()))?;
        let inner = || {
            let ty = map.get("fieldType").ok_or_else(|| bad("a field needs a fieldType".into()))?;
            let optional = match map.get("optional") {
                None | Some(Value::Null) => false,
                Some(Value::Bool(optional)) => *optional,
                Some(_) => return Err(bad("optional is true or false".into())),
            };
            Ok((FieldType::from_json(ty)?, optional, text(map, "description")?))
        };
        let (ty, optional, description) = inner().map_err(|error: Error| error.in_field(&name))?;
        // A hint: of whatever else stands there, nothing is known.
        let encoding = map.get("encoding").and_then(Value::as_str).and_then(Encoding::named);
        Ok(Self { name, ty, optional, has_default: false, description, encoding })
    }
}

impl FieldType {
    /// The `fieldType` of a document. `namespace` comes before the `#` of every `$type`.
    #[must_use]
    pub fn to_json(&self, namespace: &str) -> Value {
        let kind = |kind: &str| format!("{namespace}#{kind}");
        match self {
            Self::Str | Self::Int | Self::Float | Self::Bool | Self::Bytes => {
                json!({"$type": kind("primitive"), "primitive": self.to_string()})
            }
            Self::Array { dtype, shape, dimension_names } => {
                let mut array = Map::new();
                array.insert("$type".into(), kind("ndarray").into());
                array.insert("dtype".into(), dtype.as_deref().unwrap_or(DEFAULT_DTYPE).into());
                array.extend(shape.as_ref().map(|shape| ("shape".into(), json!(shape))));
                let names = dimension_names.as_ref();
                array.extend(names.map(|names| ("dimensionNames".into(), json!(names))));
                Value::Object(array)
            }
            Self::List(items) => json!({"$type": kind("array"), "items": items.to_json(namespace)}),
            Self::Map => json!({"$type": kind("map")}),
            Self::Ref(target) => json!({"$type": kind("ref"), "ref": target}),
            Self::Any => json!({"$type": kind("any")}),
        }
    }

    /// Reads a `fieldType`, of any namespace, or of the older form with `kind`.
    ///
    /// # Errors
    /// [`Kind::BadSchema`].
    pub fn from_json(value: &Value) -> Result<Self> {
        Self::nested(value, 0)
    }

    fn nested(value: &Value, depth: usize) -> Result<Self> {
        if depth > MAX_NESTING {
            return Err(bad(format!("lists are more than {MAX_NESTING} deep")));
        }
        let map = object(value, "a fieldType")?;
        let kind = match text(map, "$type")? {
            Some(kind) => kind.rsplit_once('#').map(|(_, kind)| kind.to_owned()).unwrap_or(kind),
            None => text(map, "kind")?.ok_or_else(|| bad("a fieldType needs a $type".into()))?,
        };
        match kind.as_str() {
            "primitive" => primitive(&text(map, "primitive")?.unwrap_or_default()),
            "ndarray" => array(map),
            "array" => match map.get("items") {
                Some(items) => Self::nested(items, depth + 1).map(Self::list),
                None => Err(bad("an array needs items".into())),
            },
            "map" => Ok(Self::Map),
            "ref" => {
                text(map, "ref")?.map(Self::Ref).ok_or_else(|| bad("a ref needs a ref".into()))
            }
            "any" => Ok(Self::Any),
            _ => Err(bad(format!("unknown fieldType {}", quote(&kind)))),
        }
    }
}

fn primitive(name: &str) -> Result<FieldType> {
    match name {
        "str" => Ok(FieldType::Str),
        "int" => Ok(FieldType::Int),
        "float" => Ok(FieldType::Float),
        "bool" => Ok(FieldType::Bool),
        "bytes" => Ok(FieldType::Bytes),
        _ => Err(bad(format!("unknown primitive {}", quote(name)))),
    }
}

fn array(map: &Map<String, Value>) -> Result<FieldType> {
    let dim = |value: &Value| match value {
        Value::Null => Some(None),
        value => value.as_u64().and_then(|dim| usize::try_from(dim).ok()).map(Some),
    };
    Ok(FieldType::Array {
        dtype: text(map, "dtype")?,
        shape: list(map, "shape", dim)?,
        dimension_names: list(map, "dimensionNames", |name| name.as_str().map(str::to_owned))?,
    })
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>> {
    value.as_object().ok_or_else(|| bad(format!("{what} is a JSON object")))
}

/// A member that is text, if it is there and not null.
fn text(map: &Map<String, Value>, key: &str) -> Result<Option<String>> {
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(bad(format!("{key} is a text"))),
    }
}

/// A member that is a list with an item for each dimension.
fn list<T>(
    map: &Map<String, Value>,
    key: &str,
    item: impl Fn(&Value) -> Option<T>,
) -> Result<Option<Vec<T>>> {
    let wrong = || bad(format!("{key} is a list of at most {MAX_NDIM} items of one kind"));
    match map.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) if items.len() <= MAX_NDIM => {
            items.iter().map(item).collect::<Option<_>>().map(Some).ok_or_else(wrong)
        }
        Some(_) => Err(wrong()),
    }
}

fn bad(message: String) -> Error {
    Error::new(Kind::BadSchema, message)
}

#[cfg(test)]
mod tests;
