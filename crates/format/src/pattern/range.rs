//! Ranges of numbers or letters: `1..9`, `09..0..3`, `a..e`.

/// A range, both ends included, in either direction.
pub(super) struct Range {
    first: i128,
    last: i128,
    step: i128,
    form: Form,
}

#[derive(Clone, Copy)]
enum Form {
    /// A decimal number of at least so many characters.
    Number {
        width: usize,
    },
    Letter,
}

/// No range is longer: three numbers of 64 bits and their dots. Keeps zeros from making it wider.
const MAX_LEN: usize = 64;

impl Range {
    /// The range between two braces, if it is one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LEN {
            return None;
        }
        let mut parts = text.split("..");
        let (first, last, step) = (parts.next()?, parts.next()?, parts.next());
        if parts.next().is_some() {
            return None;
        }
        let (first, last, form) = letters(first, last).or_else(|| numbers(first, last))?;
        // A step's sign says nothing (the ends give the direction) and a step of 0 is 1, as in bash.
        let step = step.map_or(Ok(1), str::parse::<i64>).ok()?;
        let step = i128::from(step.unsigned_abs().max(1));
        Some(Self { first, last, step, form })
    }

    /// How many texts there are, at least 1.
    pub(super) fn count(&self) -> u64 {
        let steps = (self.last - self.first).abs() / self.step;
        u64::try_from(steps + 1).unwrap_or(u64::MAX)
    }

    /// The bytes of the longest text.
    pub(super) fn widest(&self) -> u64 {
        self.text(self.first).len().max(self.text(self.last).len()) as u64
    }

    /// All texts, in order.
    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        let step = if self.last < self.first { -self.step } else { self.step };
        (0..self.count()).map(move |i| self.text(self.first + i128::from(i) * step))
    }

    fn text(&self, value: i128) -> String {
        match self.form {
            Form::Number { width } => format!("{value:0width$}"),
            Form::Letter => u8::try_from(value).map_or('?', char::from).to_string(),
        }
    }
}

fn letters(first: &str, last: &str) -> Option<(i128, i128, Form)> {
    let letter = |text: &str| match text.as_bytes() {
        [byte] if byte.is_ascii_alphabetic() => Some(i128::from(*byte)),
        _ => None,
    };
    Some((letter(first)?, letter(last)?, Form::Letter))
}

fn numbers(first: &str, last: &str) -> Option<(i128, i128, Form)> {
    let number = |text: &str| text.parse::<i64>().ok().map(i128::from);
    let padded = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        digits.len() > 1 && digits.starts_with('0')
    };
    let pad = padded(first) || padded(last);
    let width = if pad { first.len().max(last.len()) } else { 0 };
    Some((number(first)?, number(last)?, Form::Number { width }))
}
