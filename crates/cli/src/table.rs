//! Results in columns.

use crate::output::{Output, padded, width};

/// The heading of a column, which says how its rows are set.
#[derive(Clone, Copy)]
pub(crate) enum Column {
    Text(&'static str),
    Number(&'static str),
}

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Number(name) => name,
        }
    }

    fn set(self, text: &str, columns: usize) -> String {
        match self {
            Self::Text(_) => padded(text, columns),
            Self::Number(_) => " ".repeat(columns.saturating_sub(width(text))) + text,
        }
    }
}

/// Rows below a row of headings.
pub(crate) fn table<const N: usize>(rows: &[[String; N]], heading: [Column; N], out: &mut Output) {
    let names = heading.map(|column| column.name().to_owned());
    let mut widths = names.each_ref().map(|name| width(name));
    for row in rows {
        for (widest, text) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(text));
        }
    }
    let line = |row: &[String; N]| {
        let cells = heading.iter().zip(row).zip(widths);
        let cells = cells.map(|((column, text), widest)| column.set(text, widest));
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
    };
    out.line(out.style.dim(&line(&names)));
    for row in rows {
        out.line(line(row));
    }
}
