//! The few Python literals that a `.npy` header is made of, read from left to right.

use crate::error::{Error, Kind, Result};

/// A place in the text of a header.
pub(super) struct Literal<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Literal<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']).len();
    }

    /// The next character that is not a space.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.skip_spaces();
        self.rest().chars().next()
    }

    /// Where the next value starts.
    pub(super) fn next_position(&mut self) -> usize {
        self.skip_spaces();
        self.at
    }

    /// The text from a position up to here.
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or("")
    }

    fn take(&mut self, wanted: &str) -> bool {
        self.skip_spaces();
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    pub(super) fn expect(&mut self, wanted: char) -> Result<()> {
        if self.take(wanted.encode_utf8(&mut [0; 4])) {
            Ok(())
        } else {
            Err(self.bad(&format!("`{wanted}` expected")))
        }
    }

    /// Only spaces may follow.
    pub(super) fn end(&mut self) -> Result<()> {
        if self.peek().is_some() { Err(self.bad("text after the end")) } else { Ok(()) }
    }

    /// Reads `open item, item, ... close`, a comma after the last item or not. A tuple of one needs
    /// its comma in Python; here it does without.
    pub(super) fn items(
        &mut self,
        open: char,
        close: char,
        mut item: impl FnMut(&mut Self) -> Result<()>,
    ) -> Result<()> {
        self.expect(open)?;
        while self.peek() != Some(close) {
            item(self)?;
            if !self.take(",") {
                break;
            }
        }
        self.expect(close)
    }

    /// A text in quotes, as written between them: escapes stay.
    pub(super) fn string(&mut self) -> Result<&'a str> {
        let Some(quote @ ('\'' | '"')) = self.peek() else {
            return Err(self.bad("a text in quotes expected"));
        };
        let start = self.at + 1;
        let mut escaped = false;
        for (at, c) in self.text.get(start..).unwrap_or("").char_indices() {
            match c {
                '\n' | '\r' | '\0' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if c == quote => {
                    self.at = start + at + 1;
                    return Ok(self.text.get(start..start + at).unwrap_or(""));
                }
                _ => {}
            }
        }
        Err(self.bad("a text does not end"))
    }

    pub(super) fn boolean(&mut self) -> Result<bool> {
        if self.take("True") {
            Ok(true)
        } else if self.take("False") {
            Ok(false)
        } else {
            Err(self.bad("True or False expected"))
        }
    }

    /// A whole number from 0 on. Python 2 put an `L` behind long ones.
    pub(super) fn number(&mut self) -> Result<usize> {
        self.skip_spaces();
        let rest = self.rest();
        let len = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest.get(..len).and_then(|digits| digits.parse().ok());
        let number = number.ok_or_else(|| self.bad("a number from 0 to 2^63 expected"))?;
        self.at += len;
        self.take("L");
        Ok(number)
    }

    /// What is wrong at this place.
    pub(super) fn bad(&self, why: &str) -> Error {
        Error::new(Kind::BadArray, format!(".npy header, character {}: {why}", self.at))
    }
}
