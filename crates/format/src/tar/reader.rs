//! A shard's samples, in order.

use super::input::Input;
use super::member::{Member, Members, cut_short};
use crate::batch::BatchDecoder;
use crate::error::{Error, Kind, Result};
use crate::expression::Sieve;
use crate::key::split_name;
use crate::shard_index::Extent;

/// A sample as it is in a shard; reused from one read to the next.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RawSample {
    /// The key: the member's name without `.msgpack`.
    pub key: String,
    /// The msgpack bytes.
    pub payload: Vec<u8>,
    /// Where the payload is in the shard.
    pub extent: Extent,
}

/// Reads a shard sample by sample.
///
/// ```
/// use atdata_format::tar::{RawSample, ShardReader, ShardWriter};
/// let mut writer = ShardWriter::new(Vec::new());
/// writer.append("a", b"\x80")?;
/// let (shard, summary) = writer.finish()?;
/// assert_eq!(summary.index.len(), 1);
///
/// let mut reader = ShardReader::new(&shard[..], Some(shard.len() as u64));
/// let mut sample = RawSample::default();
/// assert!(reader.read(&mut sample)?);
/// assert_eq!((sample.key.as_str(), sample.extent.offset), ("a", 512));
/// assert!(!reader.read(&mut sample)?);
/// # Ok::<(), atdata_format::Error>(())
/// ```
#[derive(Debug)]
pub struct ShardReader<R> {
    members: Members<R>,
    key: String,
    extent: Extent,
    /// Whether `key` names the sample whose members are passing by.
    in_sample: bool,
    /// Members of a sample that has had no payload so far: its key and where it starts.
    orphan: Option<(String, u64)>,
    /// A member that was met, but not used yet.
    held: Option<Member>,
}

impl<R: Input> ShardReader<R> {
    /// A reader at a shard's first byte. With the shard's size, claims beyond it are refused at
    /// once.
    pub fn new(input: R, shard_size: Option<u64>) -> Self {
        Self {
            members: Members::new(input, shard_size),
            key: String::new(),
            extent: Extent::default(),
            in_sample: false,
            orphan: None,
            held: None,
        }
    }

    /// The same reader, for one who wants headers alone: payloads of some length are jumped over, not
    /// read through.
    #[must_use]
    pub fn headers_only(mut self) -> Self {
        self.members.window.jump_from(WORTH_A_JUMP);
        self
    }

    /// Reads the next sample, and says whether there was one.
    ///
    /// # Errors
    /// What is wrong with the shard, with the key and the byte. After an error whose kind
    /// [ends the shard](Kind::ends_shard) there is no further sample; after others the next call
    /// goes on behind the bad sample.
    pub fn read(&mut self, sample: &mut RawSample) -> Result<bool> {
        if !self.advance()? {
            return Ok(false);
        }
        sample.payload.clear();
        self.append_payload(&mut sample.payload)?;
        sample.key.clone_from(&self.key);
        sample.extent = self.extent;
        Ok(true)
    }

    /// Goes to the next sample, whose payload is then read, decoded or left.
    ///
    /// # Errors
    /// As [`ShardReader::read`].
    #[inline]
    pub fn advance(&mut self) -> Result<bool> {
        loop {
            let next = match self.held.take() {
                Some(member) => Some(member),
                None => self.members.next()?,
            };
            let Some(member) = next else {
                return self.orphan.take().map_or(Ok(false), |orphan| Err(malformed(orphan)));
            };
            if self.meet(member)? {
                return Ok(true);
            }
        }
    }

    /// Takes a member in; true when it is the payload of a new sample.
    #[inline]
    fn meet(&mut self, member: Member) -> Result<bool> {
        let name = self.members.name.as_str();
        let Some(key) = name.strip_suffix(".msgpack") else {
            return self.meet_other(member).map(|()| false);
        };
        if let Some(orphan) = self.orphan.take_if(|(waiting, _)| waiting != key) {
            self.held = Some(member);
            return Err(malformed(orphan));
        }
        self.orphan = None;
        if self.in_sample && self.key == key {
            let message = format!("the sample has the member {name} twice");
            let error = Error::new(Kind::MemberTwice, message).at(member.offset);
            return Err(error.in_key(key));
        }
        self.key.clear();
        self.key.push_str(key);
        self.extent = Extent { offset: member.offset, len: member.size };
        self.in_sample = true;
        Ok(true)
    }

    /// A member that is no payload: it belongs to this sample, or to one whose payload must come.
    fn meet_other(&mut self, member: Member) -> Result<()> {
        let name = self.members.name.as_str();
        let ours = |key: &str| name.strip_prefix(key).is_some_and(|rest| rest.starts_with('.'));
        if self.in_sample && ours(&self.key) {
            return Ok(());
        }
        if self.orphan.as_ref().is_some_and(|(waiting, _)| ours(waiting)) {
            return Ok(());
        }
        if let Some(orphan) = self.orphan.take() {
            self.held = Some(member);
            return Err(malformed(orphan));
        }
        self.in_sample = false;
        self.orphan = Some((split_name(name).0.to_owned(), member.offset));
        Ok(())
    }

    /// The current sample's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where the current sample's payload is.
    #[must_use]
    pub const fn extent(&self) -> Extent {
        self.extent
    }

    /// The input under the reader; what is read from it in order is missed here.
    pub const fn input_mut(&mut self) -> &mut R {
        self.members.window.input_mut()
    }

    /// Whether the shard ended without its two blocks of zeros, as one does that was copied only
    /// in part, although every member so far is whole.
    #[must_use]
    pub const fn missing_end(&self) -> bool {
        self.members.missing_end
    }

    /// Appends the current sample's payload to `out`.
    ///
    /// # Errors
    /// [`Kind::ShardCutShort`] and [`Kind::Io`].
    pub fn append_payload(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let wanted = self.extent.len;
        let read = self.members.window.append(out, wanted as usize).map_err(Error::io);
        match read {
            Ok(read) if read as u64 == wanted => Ok(()),
            Ok(read) => Err(self.broken(cut_short("a payload").at(read as u64))),
            Err(error) => Err(self.broken(error)),
        }
    }

    /// Whether a condition keeps the current sample, whose payload is then still to come. `go_to`
    /// takes the input back to where it starts, if it was gone through.
    ///
    /// # Errors
    /// As [`Filter::keeps`](crate::expression::Filter::keeps), with the key and the byte in the
    /// shard.
    #[inline]
    pub fn keeps(
        &mut self,
        sieve: &mut Sieve,
        go_to: impl FnOnce(&mut R, u64) -> std::io::Result<()>,
    ) -> Result<bool> {
        let Extent { offset, len } = self.extent;
        let window = &mut self.members.window;
        let kept = sieve.keeps_in(window, len);
        let kept = kept.and_then(|kept| {
            if kept && window.position() != offset {
                window.restart(offset, go_to)?;
            }
            Ok(kept)
        });
        kept.map_err(|error| self.broken(error))
    }

    /// Decodes the current sample's payload straight into the columns of a batch.
    ///
    /// # Errors
    /// As [`BatchDecoder::push`], with the key and the byte in the shard; the batch is as before.
    #[inline]
    pub fn decode_into(&mut self, batch: &mut BatchDecoder) -> Result<()> {
        let len = self.extent.len;
        batch.push_from(&mut self.members.window, len).map_err(|error| self.broken(error))
    }

    /// An error in the current sample's payload, its byte counted from there so far.
    #[cold]
    fn broken(&mut self, error: Error) -> Error {
        self.members.done |= error.kind().ends_shard();
        error.shifted(self.extent.offset).in_key(self.key.as_str())
    }
}

/// From here on a jump costs less than reading what is between.
const WORTH_A_JUMP: usize = 8 * 1024;

fn malformed((key, offset): (String, u64)) -> Error {
    let message = "Malformed sample: 'msgpack' field not found";
    Error::new(Kind::MalformedSample, message).in_key(key).at(offset)
}
