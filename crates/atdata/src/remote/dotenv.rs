//! Files of `NAME=value` lines, as `.env` files are.

use crate::error::{Error, Result};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The values in such a file. Empty lines and comments are passed over, `export` before a name and
/// quotes around a value are left out.
///
/// # Errors
/// A file that cannot be read; a line that is no `NAME=value`, whose text is not shown.
pub(super) fn read(path: &Path) -> Result<HashMap<String, String>> {
    let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
    let mut values = HashMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = pair(line) else {
            let (path, number) = (path.display(), number + 1);
            let message = format!("{path}: line {number} is not NAME=value");
            return Err(Error::Invalid(message));
        };
        values.insert(name.to_owned(), value.to_owned());
    }
    Ok(values)
}

fn pair(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=')?;
    Some((name.trim(), unquoted(value.trim())))
}

/// A value without its quotes, or without the comment after it.
fn unquoted(value: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some((inside, _)) = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote))
        {
            return inside;
        }
    }
    value.split(" #").next().unwrap_or_default().trim_end()
}
