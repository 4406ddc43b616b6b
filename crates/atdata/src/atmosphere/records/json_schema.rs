//! Sample types as JSON Schema, the way of `science.alt.dataset.schema`.

use super::members::{Members, bad};
use crate::error::Result;
use atdata_format::schema::{Encoding, Field, FieldType, Schema};
use serde_json::{Map, Value, json};

const DRAFT: &str = "http://json-schema.org/draft-07/schema#";
const FORMAT: &str = "science.alt.dataset.schema#jsonSchemaFormat";
/// JSON Schema's own word for what encoded bytes are.
const MEDIA: &str = "contentMediaType";
const ARRAY_VERSION: &str = "1.1.0";
/// What a reference to the definition of an array begins with; a version and `#/$defs/ndarray` follow.
const ARRAYS: &str = "https://alt.science/schemas/atdata-ndarray-bytes/";
/// How deep lists of lists may be nested.
const MAX_NESTING: usize = 32;

/// The JSON Schema of a sample type.
pub(super) fn write(schema: &Schema) -> Value {
    let property = |field: &Field| (field.name.clone(), property(field));
    let properties: Map<String, Value> = schema.fields.iter().map(property).collect();
    let needed = schema.fields.iter().filter(|field| !field.optional);
    let required: Vec<&str> = needed.map(|field| field.name.as_str()).collect();
    json!({
        "$type": FORMAT,
        "$schema": DRAFT,
        "type": "object",
        "properties": properties,
        "required": required,
        "arrayFormatVersions": {"ndarrayBytes": ARRAY_VERSION},
    })
}

fn property(field: &Field) -> Value {
    let mut property = type_of(&field.ty);
    if let (Some(map), Some(description)) = (property.as_object_mut(), &field.description) {
        map.insert("description".to_owned(), description.as_str().into());
    }
    if let (Some(map), Some(encoding)) = (property.as_object_mut(), field.encoding) {
        map.insert(MEDIA.to_owned(), format!("{}/*", encoding.as_str()).into());
    }
    property
}

fn type_of(ty: &FieldType) -> Value {
    match ty {
        FieldType::Str => json!({"type": "string"}),
        FieldType::Int => json!({"type": "integer"}),
        FieldType::Float => json!({"type": "number"}),
        FieldType::Bool => json!({"type": "boolean"}),
        FieldType::Bytes => {
            json!({"type": "string", "format": "byte", "contentEncoding": "base64"})
        }
        FieldType::Array { dtype, shape, dimension_names } => {
            let mut array = Map::new();
            array.insert(
                "$ref".to_owned(),
                format!("{ARRAYS}{ARRAY_VERSION}#/$defs/ndarray").into(),
            );
            array.extend(dtype.as_ref().map(|dtype| ("dtype".to_owned(), json!(dtype))));
            array.extend(shape.as_ref().map(|shape| ("shape".to_owned(), json!(shape))));
            let names = dimension_names.as_ref();
            array.extend(names.map(|names| ("dimensionNames".to_owned(), json!(names))));
            Value::Object(array)
        }
        FieldType::List(items) => json!({"type": "array", "items": type_of(items)}),
        FieldType::Map => json!({"type": "object"}),
        FieldType::Ref(target) => json!({"$ref": target}),
        FieldType::Any => json!({}),
    }
}

/// The fields of a JSON Schema; the name and the version are elsewhere. Properties come in the order
/// of `required`, then the others: a record sorts its keys, a list it leaves alone.
pub(super) fn read(value: &Value) -> Result<Schema> {
    let schema = Members::of("a schema", value)?;
    let wrong = || bad("a schema", "its properties are not an object");
    let properties = schema.get("properties").and_then(Value::as_object).ok_or_else(wrong)?;
    let required = schema.texts("required")?;
    let mut fields = Vec::with_capacity(properties.len());
    for name in required.iter().filter(|name| properties.contains_key(*name)) {
        fields.push(field(name, &properties[name.as_str()], false)?);
    }
    for (name, property) in properties.iter().filter(|(name, _)| !required.contains(name)) {
        fields.push(field(name, property, true)?);
    }
    Ok(Schema { fields, ..Schema::default() })
}

fn field(name: &str, property: &Value, optional: bool) -> Result<Field> {
    let members = Members::of("a schema", property)?;
    let (ty, nullable) = read_type(name, property, 0)?;
    let mut field = Field::new(name, ty);
    field.optional = optional || nullable;
    field.description = members.owned("description")?;
    let media = members.text(MEDIA)?.and_then(|media| media.split_once('/'));
    field.encoding = media.and_then(|(kind, _)| Encoding::named(kind));
    Ok(field)
}

/// A type, and whether null is one too.
fn read_type(name: &str, property: &Value, depth: usize) -> Result<(FieldType, bool)> {
    let wrong = |why: &str| bad("a schema", &format!("field {name}: {why}"));
    if depth > MAX_NESTING {
        return Err(wrong("lists are nested too deep"));
    }
    let members = Members::of("a schema", property)?;
    if let Some(either) = members.list("anyOf")?.or(members.list("oneOf")?) {
        return one_of(name, either, depth);
    }
    if let Some(target) = members.text("$ref")? {
        return Ok((reference(target, members)?, false));
    }
    let (kind, nullable) = match members.get("type") {
        None => return Ok((FieldType::Any, false)),
        Some(Value::String(kind)) => (kind.as_str(), false),
        Some(Value::Array(kinds)) => {
            let mut others = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
            (others.next().unwrap_or("null"), kinds.iter().any(|kind| kind == "null"))
        }
        Some(_) => return Err(wrong("its type is not a text")),
    };
    let ty = match kind {
        "string" if is_bytes(members)? => FieldType::Bytes,
        "string" => FieldType::Str,
        "integer" => FieldType::Int,
        "number" => FieldType::Float,
        "boolean" => FieldType::Bool,
        "object" => FieldType::Map,
        "array" => match members.get("items") {
            Some(items) => read_type(name, items, depth + 1)?.0.list(),
            None => FieldType::Any.list(),
        },
        _ => return Err(wrong(&format!("there is no type {kind:.40}"))),
    };
    Ok((ty, nullable))
}

fn is_bytes(members: Members<'_>) -> Result<bool> {
    let binary = matches!(members.text("format")?, Some("byte" | "binary"));
    Ok(binary || members.text("contentEncoding")?.is_some())
}

/// `anyOf` a type and null.
fn one_of(name: &str, either: &[Value], depth: usize) -> Result<(FieldType, bool)> {
    let is_null = |value: &&Value| value.get("type").is_some_and(|kind| kind == "null");
    let nullable = either.iter().any(|value| is_null(&value));
    let mut others = either.iter().filter(|value| !is_null(value));
    match (others.next(), others.next()) {
        (Some(only), None) => Ok((read_type(name, only, depth + 1)?.0, nullable)),
        _ => Ok((FieldType::Any, nullable)),
    }
}

/// What a reference means: the definition of an array, or another schema.
fn reference(target: &str, members: Members<'_>) -> Result<FieldType> {
    let is_array = target.starts_with(ARRAYS) || target.ends_with("/ndarray");
    if !is_array {
        return Ok(FieldType::Ref(target.to_owned()));
    }
    let shape = members.list("shape")?.map(|dims| {
        let dim = |dim: &Value| dim.as_u64().and_then(|dim| usize::try_from(dim).ok());
        dims.iter().map(dim).collect()
    });
    let names =
        members.get("dimensionNames").map(|_| members.texts("dimensionNames")).transpose()?;
    Ok(FieldType::Array { dtype: members.owned("dtype")?, shape, dimension_names: names })
}
