//! The fields of samples whose type no one has told, as far as the samples show.

use crate::array::{self, dtype_word};
use crate::output::visible;
use atdata::format::array::ArrayHeader;
use atdata::{DictSample, Value};
use serde_json::{Value as Json, json};

/// What was seen in a number of samples.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    samples: u64,
    fields: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    name: String,
    samples: u64,
    seen: Seen,
}

/// The types that one field, or one list's items, were seen to have.
#[derive(Debug, Default, Clone, PartialEq)]
struct Seen {
    none: bool,
    types: Vec<Type>,
}

#[derive(Debug, Clone, PartialEq)]
enum Type {
    Bool,
    Int,
    Float,
    Str,
    Bytes,
    /// Its dtype, and its dimensions; `None` for what varies.
    Array(String, Option<Vec<Option<usize>>>),
    List(Seen),
    Map,
}

impl Fields {
    /// Takes a sample into account.
    pub(crate) fn add(&mut self, sample: &DictSample) {
        self.samples += 1;
        for (name, value) in sample.fields() {
            let known = self.fields.iter().position(|field| field.name == *name);
            let at = known.unwrap_or_else(|| {
                let (name, seen) = (name.clone(), Seen::default());
                self.fields.push(Field { name, samples: 0, seen });
                self.fields.len() - 1
            });
            if let Some(field) = self.fields.get_mut(at) {
                field.samples += 1;
                field.seen.add(value);
            }
        }
    }

    /// How many samples were looked at.
    pub(crate) const fn samples(&self) -> u64 {
        self.samples
    }

    /// Names, types, and what there is to say about where they are missing.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (String, String, Option<String>)> {
        self.fields.iter().map(|field| {
            let missing = field.samples < self.samples;
            let note = missing.then(|| format!("in {} of {}", field.samples, self.samples));
            (visible(&field.name), field.seen.words(), note)
        })
    }

    /// The same for programs.
    pub(crate) fn to_json(&self) -> Json {
        let fields = self.fields.iter().map(|field| {
            let optional = field.seen.none || field.samples < self.samples;
            let (name, words, samples) = (&field.name, field.seen.words(), field.samples);
            let mut json = json!({
                "name": name, "type": words, "optional": optional, "samples": samples,
            });
            if let [Type::Array(dtype, shape)] = &field.seen.types[..] {
                json["dtype"] = json!(dtype);
                json["shape"] = json!(shape);
            }
            json
        });
        fields.collect()
    }
}

impl Seen {
    fn add(&mut self, value: &Value) {
        let ty = match value {
            Value::Nil => {
                self.none = true;
                return;
            }
            Value::Bool(_) => Type::Bool,
            Value::Int(_) | Value::UInt(_) => Type::Int,
            Value::Float(_) => Type::Float,
            Value::Str(_) => Type::Str,
            Value::Bytes(bytes) => {
                array::parse(bytes).map_or(Type::Bytes, |array| of(&array.header))
            }
            Value::List(items) => {
                let mut seen = Self::default();
                items.iter().for_each(|item| seen.add(item));
                Type::List(seen)
            }
            Value::Map(_) => Type::Map,
        };
        self.merge(ty);
    }

    fn merge(&mut self, new: Type) {
        let is_array = |ty: &Type| matches!(ty, Type::Array(..));
        // Where one bin is no array, the others only look like one.
        match new {
            Type::Array(..) if self.types.contains(&Type::Bytes) => return,
            Type::Bytes => self.types.retain(|ty| !is_array(ty)),
            _ => {}
        }
        for known in &mut self.types {
            match (known, &new) {
                (Type::List(known), Type::List(new)) => return known.join(new),
                (Type::Array(known, dims), Type::Array(dtype, new)) if known == dtype => {
                    *dims = common(dims.as_deref(), new.as_deref());
                    return;
                }
                (known, new) if known == new => return,
                _ => {}
            }
        }
        self.types.push(new);
    }

    fn join(&mut self, other: &Self) {
        self.none |= other.none;
        other.types.iter().for_each(|ty| self.merge(ty.clone()));
    }

    fn words(&self) -> String {
        let mut words: Vec<String> = self.types.iter().map(Type::words).collect();
        if self.none {
            words.push("None".to_owned());
        }
        words.join(" | ")
    }
}

impl Type {
    fn words(&self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Int => "int".to_owned(),
            Self::Float => "float".to_owned(),
            Self::Str => "str".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::Array(dtype, None) => format!("array? {dtype} [...]"),
            Self::Array(dtype, Some(dims)) => {
                let dim = |dim: &Option<usize>| dim.map_or("*".to_owned(), |dim| dim.to_string());
                let dims: Vec<String> = dims.iter().map(dim).collect();
                format!("array? {dtype} [{}]", dims.join(", "))
            }
            Self::List(items) => match items.words().as_str() {
                "" => "list".to_owned(),
                items => format!("list[{items}]"),
            },
            Self::Map => "map".to_owned(),
        }
    }
}

fn of(header: &ArrayHeader) -> Type {
    let dims = header.shape.iter().copied().map(Some).collect();
    Type::Array(dtype_word(&header.dtype), Some(dims))
}

/// The dimensions that two shapes share; none when they have different numbers of them.
fn common(
    one: Option<&[Option<usize>]>,
    other: Option<&[Option<usize>]>,
) -> Option<Vec<Option<usize>>> {
    let (one, other) = one.zip(other).filter(|(one, other)| one.len() == other.len())?;
    Some(one.iter().zip(other).map(|(a, b)| if a == b { *a } else { None }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(values: &[Value]) -> String {
        let mut fields = Fields::default();
        for value in values {
            fields.add(&DictSample::from([("f", value.clone())]));
        }
        fields.rows().next().unwrap_or_default().1
    }

    fn array(shape: &[u8]) -> Value {
        let mut bytes = b"\x03|u1".to_vec();
        bytes.push(shape.len() as u8);
        shape.iter().for_each(|dim| bytes.extend(i64::from(*dim).to_le_bytes()));
        bytes.resize(bytes.len() + usize::from(shape.iter().product::<u8>()), 7);
        Value::Bytes(bytes)
    }

    #[test]
    fn types_are_named_as_in_schemas() {
        let (int, float, text) = (Value::Int(1), Value::Float(1.0), Value::Str("a".into()));
        assert_eq!(words(&[int.clone(), Value::UInt(u64::MAX)]), "int");
        assert_eq!(words(&[Value::Nil, text.clone()]), "str | None");
        assert_eq!(words(&[int.clone(), float.clone(), Value::Nil]), "int | float | None");
        assert_eq!(words(&[Value::Nil]), "None");
        assert_eq!(words(&[Value::List(vec![])]), "list");
        let lists = [Value::List(vec![]), Value::List(vec![int, Value::Nil, float])];
        assert_eq!(words(&lists), "list[int | float | None]");
    }

    #[test]
    fn shapes_of_arrays_are_joined() {
        assert_eq!(words(&[array(&[2, 3]), array(&[2, 3])]), "array? uint8 [2, 3]");
        assert_eq!(words(&[array(&[2, 3]), array(&[4, 3])]), "array? uint8 [*, 3]");
        assert_eq!(words(&[array(&[2, 3]), array(&[]), array(&[2, 3])]), "array? uint8 [...]");
        let plain = Value::Bytes(b"plain".to_vec());
        assert_eq!(words(&[array(&[1]), plain.clone()]), "bytes");
        assert_eq!(words(&[plain, array(&[1])]), "bytes");
    }
}
