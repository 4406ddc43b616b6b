//! A sample for the eye: one line a field, long values cut, with their sizes.

use crate::array;
use crate::output::{
    Output, WIDTH, count, counted, cut, padded, push_visible, size, visible, width, wrapped,
};
use atdata::Value;
use atdata::media::describe;

/// The widest that the column of names becomes.
const NAMES: usize = 24;

/// Writes fields below each other, their names in a column.
pub(crate) fn fields<'a>(fields: impl Iterator<Item = (&'a str, &'a Value)>, out: &mut Output) {
    let fields: Vec<(String, &Value)> =
        fields.map(|(name, value)| (cut(&visible(name), NAMES), value)).collect();
    let column = fields.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    for (name, shown) in fields {
        out.line(format!("  {}  {}", padded(&name, column), value(shown, WIDTH - column - 4)));
    }
}

/// Writes fields below each other, each in so many lines at most.
pub(crate) fn long_fields<'a>(
    fields: impl Iterator<Item = (&'a str, &'a Value)>,
    lines: usize,
    out: &mut Output,
) {
    let fields: Vec<(String, &Value)> =
        fields.map(|(name, value)| (cut(&visible(name), NAMES), value)).collect();
    let column = fields.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let room = WIDTH - column - 4;
    for (name, shown) in fields {
        for (at, line) in value_lines(shown, room, lines).iter().enumerate() {
            let name = if at == 0 { name.as_str() } else { "" };
            out.line(format!("  {}  {line}", padded(name, column)));
        }
    }
}

/// A value in so many columns and lines.
fn value_lines(shown: &Value, room: usize, lines: usize) -> Vec<String> {
    let mut all = room.saturating_mul(lines);
    loop {
        let set = wrapped(&value(shown, all), room);
        // Lines that end early, at spaces, leave some over.
        let over: usize = set.iter().skip(lines).map(|line| width(line).max(1)).sum();
        if over == 0 {
            return set;
        }
        all = all.saturating_sub(over);
    }
}

/// A value in so many columns.
pub(crate) fn value(value: &Value, room: usize) -> String {
    if let Value::Bytes(bytes) = value {
        return blob(bytes, room);
    }
    let (text, complete) = written(value, room.saturating_add(1));
    if complete && width(&text) <= room {
        return text;
    }
    let note = match value {
        Value::Str(text) => format!(" ({})", counted(text.chars().count() as u64, "character")),
        Value::List(items) => format!(" ({})", counted(items.len() as u64, "item")),
        Value::Map(pairs) => format!(" ({})", counted(pairs.len() as u64, "key")),
        _ => String::new(),
    };
    cut(&(text + "…"), room.saturating_sub(width(&note))) + &note
}

/// Bytes: an array, an image or a recording if they are one, else their number and the first of
/// them.
fn blob(bytes: &[u8], room: usize) -> String {
    let Some(array) = array::parse(bytes) else {
        let length = size(bytes.len() as u64);
        if bytes.is_empty() {
            return length;
        }
        let text = describe(bytes).map_or_else(
            || {
                let first = bytes.iter().take(room).map(|byte| format!("{byte:02x}"));
                format!("{length}: {}", first.collect::<Vec<_>>().join(" "))
            },
            |file| format!("{}, {length}", visible(&file)),
        );
        return cut(&text, room);
    };
    let mut text = array::type_words(&array.header);
    if let Some(range) = array::range(&array) {
        text += &format!(", {range}");
    }
    let (elements, all) = array::first_elements(&array);
    if !elements.is_empty() {
        let more = if all { "" } else { ", …" };
        text += &format!(": {}{more}", elements.join(", "));
    }
    cut(&text, room)
}

/// The start of a value, in the words of Python, and whether it is all of it.
fn written(value: &Value, room: usize) -> (String, bool) {
    let mut line = Line { text: String::new(), room };
    line.value(value);
    let complete = !line.is_full();
    (line.text, complete)
}

/// A text that takes nothing more once it is long enough, however long the value.
struct Line {
    text: String,
    room: usize,
}

impl Line {
    /// Characters have 4 bytes at most, so this is more than fits the room.
    fn is_full(&self) -> bool {
        self.text.len() > self.room.saturating_mul(4)
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Nil => self.text += "None",
            Value::Bool(true) => self.text += "True",
            Value::Bool(false) => self.text += "False",
            Value::Int(number) => self.text += &number.to_string(),
            Value::UInt(number) => self.text += &number.to_string(),
            Value::Float(number) if number.is_nan() => self.text += "nan",
            Value::Float(number) => self.text += &format!("{number:?}"),
            Value::Str(text) => self.quoted(text),
            Value::Bytes(bytes) => self.text += &nested_blob(bytes),
            Value::List(items) => self.list(items),
            Value::Map(pairs) => self.map(pairs),
        }
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            if self.is_full() {
                return;
            }
            if matches!(c, '"' | '\\') {
                self.text.push('\\');
            }
            push_visible(c, &mut self.text);
        }
        self.text.push('"');
    }

    fn list(&mut self, items: &[Value]) {
        self.text.push('[');
        for (at, item) in items.iter().enumerate() {
            if self.is_full() {
                return;
            }
            self.separate(at);
            self.value(item);
        }
        self.text.push(']');
    }

    fn map(&mut self, pairs: &[(Value, Value)]) {
        self.text.push('{');
        for (at, (key, value)) in pairs.iter().enumerate() {
            if self.is_full() {
                return;
            }
            self.separate(at);
            self.value(key);
            self.text += ": ";
            self.value(value);
        }
        self.text.push('}');
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.text += ", ";
        }
    }
}

/// Bytes within a list or map: what they are, not what they hold.
fn nested_blob(bytes: &[u8]) -> String {
    let length = count(bytes.len() as u64);
    match array::parse(bytes) {
        Some(array) => format!("<{}>", array::type_words(&array.header)),
        None => match describe(bytes) {
            Some(file) => format!("<{}, {length} bytes>", visible(&file)),
            None => format!("<{length} bytes>"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atdata::media::Pixels;

    #[test]
    fn long_values_are_cut_with_their_sizes() {
        let text = Value::Str("é\"\n".repeat(1000));
        assert_eq!(value(&text, 30), "\"é\\\"\\né\\\"\\… (3,000 characters)".to_owned());
        let list = Value::List(vec![Value::Float(0.5); 1000]);
        assert_eq!(value(&list, 30), "[0.5, 0.5, 0.5,… (1,000 items)");
        assert_eq!(value(&Value::Bytes(vec![255; 2048]), 20), "2.0 KiB: ff ff ff f…");
        let map = Value::Map(vec![(Value::Int(1), Value::Bytes(b"abc".to_vec()))]);
        assert_eq!(value(&map, 30), "{1: <3 bytes>}");
    }

    #[test]
    fn images_are_told_by_what_they_are() {
        let pixels = Pixels { height: 28, width: 30, channels: 1, data: vec![7; 28 * 30] };
        let Ok(png) = pixels.to_png() else { panic!("a PNG is made") };
        let (length, cut_off) = (png.len(), png[..20].to_vec());
        let file = Value::Bytes(png);
        assert_eq!(value(&file, 80), format!("image/png 30x28, {length} B"));
        let list = Value::List(vec![Value::Nil, file]);
        assert_eq!(value(&list, 80), format!("[None, <image/png 30x28, {length} bytes>]"));
        let told = value(&Value::Bytes(cut_off), 200);
        assert!(told.starts_with("image/png: the image cannot be decoded: "), "{told}");
        assert!(told.ends_with(", 20 B"), "{told}");
    }

    #[test]
    fn long_values_have_lines_enough_and_no_more() {
        let text = Value::Str("four words of text ".repeat(40));
        let cut = value_lines(&text, 20, 3);
        assert_eq!(cut.len(), 3);
        assert!(cut.iter().all(|line| width(line) <= 20));
        assert!(cut.join(" ").ends_with("… (760 characters)"), "{cut:?}");
        let whole = value_lines(&text, 20, usize::MAX);
        assert_eq!(whole.len(), 40);
        assert_eq!(value_lines(&Value::Nil, 20, 3), ["None"]);
    }

    #[test]
    fn arrays_are_told_by_type_range_and_first_elements() {
        let bytes = b"\x03<f4\x01\x03\0\0\0\0\0\0\0\0\0\x80\x3f\0\0\xc0\x7f\xcd\xcc\xcc\x3d";
        let shown = value(&Value::Bytes(bytes.to_vec()), 80);
        assert_eq!(shown, "array? float32 [3], min 0.1, max 1.0, 1 nan: 1.0, nan, 0.1");
    }
}
