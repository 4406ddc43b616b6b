//! A condition's text in words.

use super::literal::Literal;

/// A word of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// A name, which may turn out to be a keyword.
    Name(String),
    /// A name between backticks, which is never a keyword.
    Quoted(String),
    Literal(Literal),
    /// `==`, `(`, `,` and the like.
    Sign(&'static str),
    End,
}

/// A word and the byte it starts at.
pub(super) type Placed = (usize, Word);

/// What is wrong, and at which byte.
pub(super) type Fault = (usize, String);

/// Longer signs come first.
const SIGNS: [&str; 17] =
    ["==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",", ".", "-", "+", "=", "&", "|"];

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Result<Placed, Fault> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        let (start, rest) = (self.at, self.rest());
        let mut letters = rest.chars();
        let (first, second) = (letters.next(), letters.next());
        let word = match (first, second) {
            (None, _) => Word::End,
            (Some('`'), _) => self.quoted_name()?,
            (Some(quote @ ('\'' | '"')), _) => Word::Literal(Literal::Text(self.text(quote)?)),
            (Some('b'), Some(quote @ ('\'' | '"'))) => {
                self.at += 1;
                Word::Literal(Literal::Bytes(self.bytes(quote)?))
            }
            (Some('0'..='9'), _) | (Some('.'), Some('0'..='9')) => self.number()?,
            (Some(letter), _) if letter == '_' || letter.is_alphabetic() => self.name(),
            (Some(letter), _) => {
                self.sign().ok_or_else(|| (start, format!("{letter:?} has no meaning here")))?
            }
        };
        Ok((start, word))
    }

    fn sign(&mut self) -> Option<Word> {
        let rest = self.rest();
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
        self.at += sign.len();
        Some(Word::Sign(sign))
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|letter| !wanted(letter)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn name(&mut self) -> Word {
        Word::Name(self.take_while(|letter| letter == '_' || letter.is_alphanumeric()).to_owned())
    }

    /// A name of any letters; a backtick in it is written twice.
    fn quoted_name(&mut self) -> Result<Word, Fault> {
        let start = self.at;
        let mut name = String::new();
        loop {
            self.at += 1;
            name.push_str(self.take_while(|letter| letter != '`'));
            if self.rest().is_empty() {
                return Err((start, "the name is not closed: ` is missing".to_owned()));
            }
            self.at += 1;
            if !self.rest().starts_with('`') {
                return Ok(Word::Quoted(name));
            }
            name.push('`');
        }
    }

    fn number(&mut self) -> Result<Word, Fault> {
        let (start, rest) = (self.at, self.rest());
        let is_part = |(at, letter): &(usize, char)| {
            let after_e = *at > 0 && matches!(rest.as_bytes().get(at - 1), Some(b'e' | b'E'));
            letter.is_alphanumeric() || matches!(letter, '.' | '_') || (after_e && is_sign(*letter))
        };
        let end = rest.char_indices().find(|pair| !is_part(pair)).map_or(rest.len(), |(at, _)| at);
        let written = rest.get(..end).unwrap_or_default();
        self.at += end;
        let plain = written.replace('_', "");
        let strange = || (start, format!("{written} is not a number"));
        if plain.bytes().all(|byte| byte.is_ascii_digit()) {
            let too_large = |_| (start, "an integer has at most 127 bits".to_owned());
            return Ok(Word::Literal(Literal::Int(plain.parse().map_err(too_large)?)));
        }
        let digits =
            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-');
        if !plain.bytes().all(digits) {
            return Err(strange());
        }
        plain.parse().map(|float| Word::Literal(Literal::Float(float))).map_err(|_| strange())
    }

    /// A text between quotes, its escapes those of Python.
    fn text(&mut self, quote: char) -> Result<String, Fault> {
        let mut text = String::new();
        self.quoted(quote, |piece| {
            match piece {
                Piece::Letter(letter) => text.push(letter),
                Piece::Number(number) => text.push(char::from_u32(number)?),
            }
            Some(())
        })?;
        Ok(text)
    }

    fn bytes(&mut self, quote: char) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        self.quoted(quote, |piece| {
            let number = match piece {
                Piece::Letter(letter) => u32::from(letter).try_into().ok().filter(u8::is_ascii),
                Piece::Number(number) => number.try_into().ok(),
            };
            bytes.push(number?);
            Some(())
        })?;
        Ok(bytes)
    }

    fn quoted(
        &mut self,
        quote: char,
        mut take: impl FnMut(Piece) -> Option<()>,
    ) -> Result<(), Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            let at = self.at;
            let Some(letter) = self.rest().chars().next() else {
                return Err((start, format!("the text is not closed: {quote} is missing")));
            };
            self.at += letter.len_utf8();
            let piece = match letter {
                _ if letter == quote => return Ok(()),
                '\\' => self.escape().ok_or_else(|| (at, "the escape is not known".to_owned()))?,
                _ => Piece::Letter(letter),
            };
            take(piece).ok_or_else(|| (at, "this cannot be in it".to_owned()))?;
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Option<Piece> {
        let letter = self.rest().chars().next()?;
        self.at += letter.len_utf8();
        let digits = match letter {
            'n' => return Some(Piece::Letter('\n')),
            't' => return Some(Piece::Letter('\t')),
            'r' => return Some(Piece::Letter('\r')),
            '\\' | '\'' | '"' => return Some(Piece::Letter(letter)),
            '0' => return Some(Piece::Number(0)),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return None,
        };
        let number = self.rest().get(..digits)?;
        self.at += digits;
        u32::from_str_radix(number, 16).ok().map(Piece::Number)
    }
}

enum Piece {
    Letter(char),
    Number(u32),
}

const fn is_sign(letter: char) -> bool {
    matches!(letter, '+' | '-')
}
