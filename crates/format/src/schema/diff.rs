//! How two schemas differ.

use std::fmt;

use super::{Field, FieldType, Schema};

/// The dimensions that a schema names.
type Dims = Option<Vec<Option<usize>>>;

/// One difference between two schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldChange {
    /// Only the second has this field.
    Added(Field),
    /// Only the first has this field.
    Removed(Field),
    /// Both have it, with other types or only one optional.
    Changed {
        /// The field in the first.
        from: Field,
        /// The field in the second.
        to: Field,
    },
}

impl FieldChange {
    /// Whether data of the first schema cannot be read as the second, or readers of the first miss
    /// something: everything but a new field that is optional or has a default.
    #[must_use]
    pub const fn breaks(&self) -> bool {
        match self {
            Self::Added(field) => !field.optional && !field.has_default,
            Self::Removed(_) | Self::Changed { .. } => true,
        }
    }
}

impl fmt::Display for FieldChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(field) => write!(f, "+ {field}"),
            Self::Removed(field) => write!(f, "- {field}"),
            Self::Changed { from, to } => write!(f, "~ {from} -> {to}"),
        }
    }
}

impl Schema {
    /// What changes from one schema to the other, in field order, added fields last.
    ///
    /// Names, types and optionality count. An array's dtype and dimension names are hints and never
    /// a difference; neither are order, descriptions and defaults.
    ///
    /// ```
    /// use atdata_format::schema::{Field, FieldType, Schema};
    /// let old = Schema { fields: vec![Field::new("a", FieldType::Int)], ..Schema::default() };
    /// let new = Schema { fields: vec![Field::new("a", FieldType::Str)], ..Schema::default() };
    /// assert_eq!(Schema::diff(&old, &new)[0].to_string(), "~ a: int -> a: str");
    /// ```
    #[must_use]
    pub fn diff(from: &Self, to: &Self) -> Vec<FieldChange> {
        let kept = from.fields.iter().filter_map(|field| match to.field(&field.name) {
            None => Some(FieldChange::Removed(field.clone())),
            Some(other) if field.optional == other.optional && field.ty.same(&other.ty) => None,
            Some(other) => Some(FieldChange::Changed { from: field.clone(), to: other.clone() }),
        });
        let added = to.fields.iter().filter(|field| from.field(&field.name).is_none());
        kept.chain(added.cloned().map(FieldChange::Added)).collect()
    }

    /// Whether data of `other` can be read as this type: every field is in `other`, with the same
    /// type, and optional there only if it is so here. What an array field leaves open here (its
    /// shape, a dimension) may be anything there.
    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.fields.iter().all(|field| {
            other.field(&field.name).is_some_and(|found| {
                (field.optional || !found.optional) && field.ty.accepts(&found.ty)
            })
        })
    }
}

impl FieldType {
    /// The same type, hints aside.
    fn same(&self, other: &Self) -> bool {
        self.compare(other, |a, b| a == b)
    }

    /// The same type, or an array type that says less.
    fn accepts(&self, other: &Self) -> bool {
        self.compare(other, shape_accepts)
    }

    fn compare(&self, other: &Self, shapes: fn(&Dims, &Dims) -> bool) -> bool {
        match (self, other) {
            (Self::Array { shape: a, .. }, Self::Array { shape: b, .. }) => shapes(a, b),
            (Self::List(a), Self::List(b)) => a.compare(b, shapes),
            _ => self == other,
        }
    }
}

fn shape_accepts(wanted: &Dims, found: &Dims) -> bool {
    match (wanted, found) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(a), Some(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_none() || a == b)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(fields: &[(&str, FieldType)]) -> Schema {
        let fields = fields.iter().map(|(name, ty)| Field::new(*name, ty.clone())).collect();
        Schema { fields, ..Schema::default() }
    }

    fn array(dtype: &str, shape: Option<&[Option<usize>]>) -> FieldType {
        let (dtype, shape) = (Some(dtype.to_owned()), shape.map(<[_]>::to_vec));
        FieldType::Array { dtype, shape, dimension_names: None }
    }

    #[test]
    fn differences_in_words() {
        let a = schema(&[("x", FieldType::Int), ("y", FieldType::Str), ("z", FieldType::Map)]);
        let mut b =
            schema(&[("z", FieldType::Map), ("y", FieldType::Str), ("w", FieldType::Str.list())]);
        b.fields[1].optional = true;
        let changes: Vec<String> = Schema::diff(&a, &b).iter().map(ToString::to_string).collect();
        assert_eq!(changes, ["- x: int", "~ y: str -> y: str | None", "+ w: list[str]"]);
        assert!(Schema::diff(&a, &a).is_empty());
    }

    #[test]
    fn a_dtype_is_a_hint_and_an_open_shape_takes_all() {
        let any = schema(&[("a", FieldType::array().list())]);
        let of = |dtype, shape| schema(&[("a", array(dtype, shape).list())]);
        assert!(Schema::diff(&any, &of("uint8", None)).is_empty());
        let (square, tall) =
            (of("u1", Some(&[Some(2), Some(2)])), of("f4", Some(&[None, Some(2)])));
        assert_eq!(Schema::diff(&any, &square).len(), 1);
        assert!(any.is_subset_of(&square) && tall.is_subset_of(&square));
        assert!(!square.is_subset_of(&tall) && !square.is_subset_of(&any));
    }

    #[test]
    fn subsets() {
        let all = schema(&[("x", FieldType::Int), ("y", FieldType::Str)]);
        let mut part = schema(&[("y", FieldType::Str)]);
        assert!(part.is_subset_of(&all) && !all.is_subset_of(&part));
        part.fields[0].optional = true;
        assert!(part.is_subset_of(&all));
        let whole =
            Schema { fields: vec![part.fields[0].clone(), all.fields[0].clone()], ..all.clone() };
        assert!(!all.is_subset_of(&whole));
        assert!(!schema(&[("y", FieldType::Bytes)]).is_subset_of(&all));
    }
}
