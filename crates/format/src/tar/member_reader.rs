//! The members of any tar archive, whatever they are: what converters read.

use super::input::Input;
use super::member::{Member, Members, cut_short};
use crate::error::{Error, Result};

/// Reads an archive member by member: files only, under their full names.
///
/// A name is text of others and no path: nothing may be written where it points.
#[derive(Debug)]
pub struct MemberReader<R> {
    members: Members<R>,
    current: Option<Member>,
}

impl<R: Input> MemberReader<R> {
    /// A reader at an archive's first byte. With its size, claims beyond it are refused at once.
    pub fn new(input: R, size: Option<u64>) -> Self {
        Self { members: Members::new(input, size), current: None }
    }

    /// Goes to the next file, and says whether there was one.
    ///
    /// # Errors
    /// What is wrong with the archive, with the byte; there is no further member then.
    pub fn advance(&mut self) -> Result<bool> {
        self.current = self.members.next()?;
        Ok(self.current.is_some())
    }

    /// The current member's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.members.name
    }

    /// How many bytes the current member has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.current.map_or(0, |member| member.size)
    }

    /// Where in the archive the reader is, in bytes.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.members.window.position()
    }

    /// Appends the current member's bytes to `out`, once.
    ///
    /// # Errors
    /// [`Kind::ShardCutShort`](crate::Kind::ShardCutShort) and [`Kind::Io`](crate::Kind::Io).
    pub fn append_to(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let Some(member) = self.current.take() else { return Ok(()) };
        let read = self.members.window.append(out, member.size as usize).map_err(Error::io)?;
        if (read as u64) < member.size {
            return Err(cut_short("a member").at(member.offset + read as u64));
        }
        Ok(())
    }
}
