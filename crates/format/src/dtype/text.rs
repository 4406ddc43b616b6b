//! The texts of types, short enough to live inside them.

use std::fmt;

/// A short text inside the value itself, so that types are `Copy`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Text {
    bytes: [u8; Self::MAX],
    len: u8,
}

impl Text {
    /// The longest is `<M8[2147483647ns]`.
    const MAX: usize = 20;

    pub(super) const fn known(text: &[u8]) -> Self {
        let mut bytes = [0; Self::MAX];
        let mut len = 0;
        while len < text.len() && len < Self::MAX {
            bytes[len] = text[len];
            len += 1;
        }
        Self { bytes, len: len as u8 }
    }

    /// Writes into the value itself: types are parsed once an array.
    pub(super) fn format(text: fmt::Arguments<'_>) -> Self {
        let mut out = Self::known(b"");
        // Every text fits, so writing does not fail.
        let _ = fmt::Write::write_fmt(&mut out, text);
        out
    }

    pub(super) fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or(&[]);
        std::str::from_utf8(bytes).unwrap_or("")
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let start = usize::from(self.len);
        let place = self.bytes.get_mut(start..start + text.len()).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len += text.len() as u8;
        Ok(())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
