//! A column of files.

use atdata_format::batch::Column;
use atdata_format::{Error, Kind, Value};

/// The files of a column; `None` where there is none.
pub(super) fn files<'a>(
    column: &'a Column,
    what: &str,
    errors: &mut Vec<(usize, Error)>,
) -> Vec<Option<&'a [u8]>> {
    let mut wrong = |row, found: &str| {
        let message = format!("the field is not the bytes of {what} but {found}");
        errors.push((row, Error::new(Kind::WrongType, message)));
        None
    };
    match column {
        Column::Bytes(packed) => packed.bytes().map(Some).collect(),
        Column::Values(values) => {
            let file = |(row, value): (usize, &'a Value)| match value {
                Value::Nil => None,
                Value::Bytes(bytes) => Some(bytes.as_slice()),
                _ => wrong(row, "a value of another type"),
            };
            values.iter().enumerate().map(file).collect()
        }
        other => (0..other.len()).map(|row| wrong(row, other.describe())).collect(),
    }
}
