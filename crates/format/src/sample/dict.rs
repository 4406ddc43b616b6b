//! Samples of any type.

use super::{Record, RecordWriter, Sample};
use crate::error::Result;
use crate::schema::Schema;
use crate::value::Value;

/// A sample of any type: its fields by name, in the order they were written. Arrays are bytes.
///
/// ```
/// use atdata_format::{DictSample, Sample, Value};
/// let sample = DictSample::from([("label", Value::Int(7))]);
/// let back = DictSample::from_bytes(&sample.to_bytes()?)?;
/// assert_eq!(back.get("label"), Some(&Value::Int(7)));
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DictSample {
    fields: Vec<(String, Value)>,
}

impl DictSample {
    /// A field's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// All fields, in order.
    #[must_use]
    pub fn fields(&self) -> &[(String, Value)] {
        &self.fields
    }
}

impl<N: Into<String>, const COUNT: usize> From<[(N, Value); COUNT]> for DictSample {
    fn from(fields: [(N, Value); COUNT]) -> Self {
        fields.into_iter().collect()
    }
}

impl<N: Into<String>> FromIterator<(N, Value)> for DictSample {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(fields: I) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self { fields }
    }
}

impl IntoIterator for DictSample {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    /// The fields, in order.
    fn into_iter(self) -> Self::IntoIter {
        self.fields.into_iter()
    }
}

impl Sample for DictSample {
    /// A schema without fields: any are taken.
    fn schema() -> Schema {
        Schema::new("DictSample")
    }

    fn from_record(record: &mut Record<'_>) -> Result<Self> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        while let Some(name) = record.next_field()? {
            if fields.iter().any(|(known, _)| known == name) {
                return Err(record.twice(name));
            }
            fields.push((name.to_owned(), record.read(name)?));
        }
        Ok(Self { fields })
    }

    fn to_record(&self, record: &mut RecordWriter<'_>) -> Result<()> {
        record.start(self.fields.len())?;
        self.fields.iter().try_for_each(|(name, value)| record.field(name, value))
    }
}
