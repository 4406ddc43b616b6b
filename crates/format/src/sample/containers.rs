//! Lists, options, arrays and maps.

use super::field::{FieldValue, expect};
use crate::array::{ArrayView, encode_ndarray};
use crate::dtype::Element;
use crate::error::{Error, Kind, Result};
use crate::msgpack::{self, Token, Walker};
use crate::schema::FieldType;
use ndarray::{Array, Dimension};
use std::collections::{BTreeMap, HashMap};

impl<T: FieldValue> FieldValue for Vec<T> {
    fn field_type() -> FieldType {
        T::vec_type()
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        T::read_vec(walker)
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        T::write_vec(self, out)
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    const OPTIONAL: bool = true;

    fn field_type() -> FieldType {
        T::field_type()
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        let mut ahead = walker.clone();
        if ahead.token()? == Token::Nil {
            *walker = ahead;
            return Ok(None);
        }
        T::read(walker).map(Some)
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Some(value) => value.write(out),
            None => {
                msgpack::write_nil(out);
                Ok(())
            }
        }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Element, D: Dimension> FieldValue for Array<T, D> {
    fn field_type() -> FieldType {
        let dtype = Some(T::SCALAR.name());
        FieldType::Array { dtype, shape: None, dimension_names: None }
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        let at = walker.position() as u64;
        let bytes = expect(walker, "an array", |token| match token {
            Token::Bin(bytes) => Some(bytes),
            _ => None,
        })?;
        let array = ArrayView::parse(bytes).and_then(|view| view.to_ndarray::<T>());
        let array = array.map_err(|error| error.shifted(at))?;
        let shape = array.shape().to_vec();
        array.into_dimensionality::<D>().map_err(|_| {
            let message = format!("an array of shape {shape:?} has another number of axes");
            Error::new(Kind::WrongType, message).at(at)
        })
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        let mut bytes = Vec::new();
        encode_ndarray(self, &mut bytes)?;
        msgpack::write_bin(&bytes, out)
    }
}

impl<V: FieldValue> FieldValue for BTreeMap<String, V> {
    fn field_type() -> FieldType {
        FieldType::Map
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        let pairs = expect(walker, "a map", |token| match token {
            Token::Map(pairs) => Some(pairs),
            _ => None,
        })?;
        (0..pairs).map(|_| Ok((String::read(walker)?, V::read(walker)?))).collect()
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_map_header(self.len(), out)?;
        self.iter().try_for_each(|(key, value)| {
            key.write(out)?;
            value.write(out)
        })
    }
}

impl<V: FieldValue, H: std::hash::BuildHasher + Default> FieldValue for HashMap<String, V, H> {
    fn field_type() -> FieldType {
        FieldType::Map
    }

    fn read(walker: &mut Walker<'_>) -> Result<Self> {
        BTreeMap::read(walker).map(|sorted| sorted.into_iter().collect())
    }

    /// Writes the pairs in the order of their keys, so that equal maps give equal bytes.
    fn write(&self, out: &mut Vec<u8>) -> Result<()> {
        msgpack::write_map_header(self.len(), out)?;
        let mut keys: Vec<&String> = self.keys().collect();
        keys.sort();
        keys.into_iter().try_for_each(|key| {
            key.write(out)?;
            self.get(key).map_or(Ok(()), |value| value.write(out))
        })
    }
}
