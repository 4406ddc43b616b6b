//! Results on stdout: lines, tables, sizes, colours, and text of others made harmless.

use crate::args::When;
use crate::error::Failure;
use std::env;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Lines are made for this many columns, on a terminal and in a file alike.
pub(crate) const WIDTH: usize = 80;

/// Standard output. A reader that has gone away, as `| head -1` does, is no failure: the rest is
/// not written, and whoever produces it can stop.
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    failed: Option<io::Error>,
    terminal: bool,
    pub(crate) style: Style,
}

impl Output {
    /// Standard output, locked until the command is done.
    pub(crate) fn stdout(color: When) -> Self {
        let out = BufWriter::new(io::stdout().lock());
        let terminal = io::stdout().is_terminal();
        Self { out, failed: None, terminal, style: Style::new(color, terminal) }
    }

    /// Writes a line.
    pub(crate) fn line(&mut self, text: impl Display) {
        if self.failed.is_none() {
            self.failed = writeln!(self.out, "{text}").err();
        }
    }

    /// Writes bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.out.write_all(bytes).err();
        }
    }

    /// Whether a person reads this, who would not want bytes.
    pub(crate) const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether anyone still reads.
    pub(crate) const fn is_open(&self) -> bool {
        self.failed.is_none()
    }

    /// Writes out what is left.
    ///
    /// # Errors
    /// A full disk, say; not a reader that has gone.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let flushed = self.out.flush().err();
        match self.failed.or(flushed) {
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::output(&error))
            }
            _ => Ok(()),
        }
    }
}

/// Whether text is coloured, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    on: bool,
}

impl Style {
    fn new(color: When, terminal: bool) -> Self {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let on = match color {
            When::Auto => terminal && !set("NO_COLOR") && !dumb,
            When::Always => true,
            When::Never => false,
        };
        Self { on }
    }

    /// The style of standard error.
    pub(crate) fn stderr(color: When) -> Self {
        Self::new(color, io::stderr().is_terminal())
    }

    /// Headings and keys.
    pub(crate) fn bold(self, text: &str) -> String {
        self.painted("1", text)
    }

    /// What goes without saying.
    pub(crate) fn dim(self, text: &str) -> String {
        self.painted("2", text)
    }

    pub(crate) fn error(self, text: &str) -> String {
        self.painted("1;31", text)
    }

    pub(crate) fn warning(self, text: &str) -> String {
        self.painted("1;33", text)
    }

    pub(crate) fn hint(self, text: &str) -> String {
        self.painted("1;36", text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.painted("1;32", text)
    }

    fn painted(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Text of others, with what would steer a terminal or hide in it written out.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push_visible(c, &mut out);
    }
    out
}

/// Appends a character as [`visible`] shows it.
pub(crate) fn push_visible(c: char, out: &mut String) {
    let hidden = c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{e0000}'..='\u{e007f}');
    if hidden { out.extend(c.escape_default()) } else { out.push(c) }
}

/// How many columns text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The start of a text that fits so many columns, with a mark where it was cut.
pub(crate) fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    fitting(text.chars(), room.saturating_sub(1)).collect::<String>() + "…"
}

/// The end of a path that fits so many columns, with a mark where it was cut.
pub(crate) fn cut_start(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let end: Vec<char> = fitting(text.chars().rev(), room.saturating_sub(1)).collect();
    std::iter::once('…').chain(end.into_iter().rev()).collect()
}

fn fitting(chars: impl Iterator<Item = char>, room: usize) -> impl Iterator<Item = char> {
    let mut used = 0;
    chars.take_while(move |c| {
        used += c.width().unwrap_or(0);
        used <= room
    })
}

/// The text, filled up to so many columns.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// A number with commas between thousands.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number with its noun, in the plural where it must be.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = match (number, noun) {
        (1, _) => "",
        (_, "index") => "es",
        _ => "s",
    };
    format!("{} {noun}{plural}", count(number))
}

/// A number of bytes as people say it.
pub(crate) fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut number = bytes as f64 / 1024.0;
    if number < 1.0 {
        return format!("{bytes} B");
    }
    for unit in units {
        // What would be printed as 1024.0 is one of the next unit.
        if number < 1023.95 {
            return format!("{number:.1} {unit}");
        }
        number /= 1024.0;
    }
    format!("{bytes} B")
}

/// Text as lines of so many columns, broken at spaces where there are some.
pub(crate) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let (mut lines, mut rest) = (Vec::new(), text);
    loop {
        let fits: usize = fitting(rest.chars(), room.max(2)).map(char::len_utf8).sum();
        let (line, more) = rest.split_at(fits);
        if more.is_empty() {
            lines.push(line.to_owned());
            return lines;
        }
        let end = line.rfind(' ').map(|at| at + 1).filter(|end| *end > fits / 2).unwrap_or(fits);
        let (line, more) = rest.split_at(end);
        lines.push(line.trim_end().to_owned());
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_counts() {
        let sizes = [0, 1023, 1024, 1_048_575, 1_048_576, u64::MAX].map(size);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 KiB", "1.0 MiB", "1.0 MiB", "16.0 EiB"]);
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            (counted(1, "index"), counted(2, "index")),
            ("1 index".into(), "2 indexes".into())
        );
    }

    #[test]
    fn cutting_counts_columns() {
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut_start("a/b/漢字.tar", 8), "…漢.tar".replace("漢", "字"));
        assert_eq!((cut("abc", 3).as_str(), cut("abcd", 3).as_str()), ("abc", "ab…"));
    }

    #[test]
    fn lines_break_at_spaces_or_anywhere() {
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("a bcdefghijkl", 6), ["a bcde", "fghijk", "l"]);
        assert_eq!(wrapped("漢字漢字", 1), ["漢", "字", "漢", "字"]);
        assert_eq!(wrapped("", 8), [""]);
    }

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        assert_eq!(visible("a\x1b[31m\u{202e}b\né🎉"), "a\\u{1b}[31m\\u{202e}b\\né🎉");
    }
}
