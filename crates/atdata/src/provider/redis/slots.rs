//! Which keys lead to which node of a cluster.

use redis::cluster::ClusterConnection;
use redis::{RedisResult, Value, from_redis_value};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

const SLOTS: u16 = 16384;

/// A key for each master of a cluster, that is in one of its slots.
///
/// # Errors
/// What the cluster meets.
pub(super) fn masters(connection: &mut ClusterConnection) -> RedisResult<Vec<String>> {
    let answer: Vec<Vec<Value>> = redis::cmd("CLUSTER").arg("SLOTS").query(connection)?;
    let mut owned: BTreeMap<String, Vec<RangeInclusive<u16>>> = BTreeMap::new();
    for range in answer {
        let [first, last, master, ..] = range.as_slice() else { continue };
        let range = from_redis_value(first.clone())?..=from_redis_value(last.clone())?;
        owned.entry(format!("{master:?}")).or_default().push(range);
    }
    Ok(owned.values().filter_map(|ranges| key_in(ranges)).collect())
}

fn key_in(ranges: &[RangeInclusive<u16>]) -> Option<String> {
    let is_in = |key: &String| ranges.iter().any(|range| range.contains(&slot(key.as_bytes())));
    (0..10_000_000_u32).map(|number| number.to_string()).find(is_in)
}

/// CRC-16 (XMODEM) of a key without braces, by which a cluster finds its slot.
fn slot(key: &[u8]) -> u16 {
    let mut crc = 0_u16;
    for byte in key {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 };
        }
    }
    crc % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!((slot(b"123456789"), slot(b"foo")), (0x31c3, 12182));
    }

    #[test]
    fn every_range_has_a_key() {
        for first in (0..SLOTS).step_by(997) {
            let key = key_in(&[first..=first]).unwrap();
            assert_eq!(slot(key.as_bytes()), first);
        }
    }
}
