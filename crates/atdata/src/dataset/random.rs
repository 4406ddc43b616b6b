//! One sample by its number.

use crate::cursor::RandomReader;
use crate::error::{Error, Result};
use crate::plan::Position;
use crate::shards::Shards;
use crate::source::shown;
use atdata_format::tar::{RawSample, ShardReader};
use std::sync::Arc;

impl Shards {
    /// Reads one sample by its number among all, and gives its shard's name.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], and what is wrong with the shard.
    pub fn read_raw(self: &Arc<Self>, index: u64, raw: &mut RawSample) -> Result<&str> {
        let counts = self.counts()?;
        let mut sample = index;
        for (shard, &count) in counts.iter().enumerate() {
            if sample < count {
                self.read_at(Position { shard, sample }, raw)?;
                return Ok(self.name(shard));
            }
            sample -= count;
        }
        Err(Error::OutOfRange { index, len: counts.iter().sum() })
    }

    /// The numbers of all samples with a key.
    ///
    /// # Errors
    /// What is wrong with a shard.
    pub fn numbers_of(&self, key: &str) -> Result<Vec<u64>> {
        let (mut numbers, mut start) = (Vec::new(), 0);
        for shard in 0..self.names()?.len() {
            let index = self.index(shard)?;
            let found = (0..index.len()).filter(|&sample| index.key(sample) == key);
            numbers.extend(found.map(|sample| start + sample as u64));
            start += index.len() as u64;
        }
        Ok(numbers)
    }

    /// Reads one sample by its shard and its number in it.
    ///
    /// # Errors
    /// What is wrong with the shard or its index; a place where there is no sample.
    pub fn read_at(self: &Arc<Self>, position: Position, raw: &mut RawSample) -> Result<()> {
        if !self.can_seek()? {
            return self.read_on_the_way(position, raw);
        }
        let mut reader = RandomReader::new(Arc::clone(self));
        reader.go_to(position)?;
        raw.key.clear();
        raw.key.push_str(reader.key());
        raw.extent = reader.extent();
        raw.payload.clear();
        reader.append_payload(&mut raw.payload)
    }

    /// Reads a sample of a shard that can only be read in order.
    fn read_on_the_way(&self, position: Position, raw: &mut RawSample) -> Result<()> {
        let input = self.open(position.shard)?;
        let size = input.size();
        let mut reader = ShardReader::new(input, size);
        let mut left = position.sample;
        loop {
            match reader.read(raw) {
                Ok(true) if left == 0 => return Ok(()),
                Ok(true) => left -= 1,
                Ok(false) => return Err(Error::OutOfRange { index: left, len: position.sample }),
                // The index leaves out what cannot be read; so does the way there.
                Err(error) if !error.kind().ends_shard() => {}
                Err(error) => return Err(error.in_shard(shown(self.name(position.shard))).into()),
            }
        }
    }
}
