//! Which node of a cluster has which keys.

use super::failure::Failure;
use redis::{Value, from_redis_value};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

const SLOTS: u16 = 16384;

/// The slots of a node.
#[derive(Debug, Default)]
pub(super) struct Slots(Vec<RangeInclusive<u16>>);

impl Slots {
    /// The slots of each master, by its host and port, from the answer to `CLUSTER SLOTS` of a
    /// host.
    ///
    /// # Errors
    /// An answer of another form.
    pub(super) fn of_masters(
        answer: Value,
        asked: &str,
    ) -> Result<BTreeMap<(String, u16), Self>, Failure> {
        let mut masters: BTreeMap<_, Self> = BTreeMap::new();
        for range in from_redis_value::<Vec<Vec<Value>>>(answer)? {
            let [first, last, Value::Array(master), ..] = range.as_slice() else { continue };
            let [host, port, ..] = master.as_slice() else { continue };
            // A node that does not know its own name is where it was reached.
            let host: Option<String> = from_redis_value(host.clone())?;
            let host = host.filter(|host| !host.is_empty()).unwrap_or_else(|| asked.to_owned());
            let master = (host, from_redis_value(port.clone())?);
            let slots = from_redis_value(first.clone())?..=from_redis_value(last.clone())?;
            masters.entry(master).or_default().0.push(slots);
        }
        Ok(masters)
    }

    pub(super) fn have(&self, slot: u16) -> bool {
        self.0.iter().any(|range| range.contains(&slot))
    }

    /// A key in one of them.
    pub(super) fn key(&self) -> Option<String> {
        let mut keys = (0..10_000_000_u32).map(|number| number.to_string());
        keys.find(|key| self.have(slot(key.as_bytes())))
    }
}

/// The slot of a key: the CRC-16 (XMODEM) of it or, where it has that, of what is in its first
/// braces.
pub(super) fn slot(key: &[u8]) -> u16 {
    let mut crc = 0_u16;
    for byte in tag(key).unwrap_or(key) {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
        }
    }
    crc % SLOTS
}

fn tag(key: &[u8]) -> Option<&[u8]> {
    let open = key.iter().position(|byte| *byte == b'{')?;
    let rest = key.get(open + 1..)?;
    let close = rest.iter().position(|byte| *byte == b'}')?;
    rest.get(..close).filter(|tag| !tag.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!((slot(b"123456789"), slot(b"foo")), (0x31c3, 12182));
        for same in ["a{foo}b", "{foo}{bar}", "}{foo}"] {
            assert_eq!(slot(same.as_bytes()), slot(b"foo"));
        }
        assert_ne!(slot(b"{}foo"), slot(b"foo"));
    }

    #[test]
    fn every_range_has_a_key() {
        for first in (0..SLOTS).step_by(997) {
            let key = Slots(vec![first..=first]).key().unwrap();
            assert_eq!(slot(key.as_bytes()), first);
        }
    }
}
