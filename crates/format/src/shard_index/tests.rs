use super::*;
use proptest::prelude::*;

fn sample(samples: &[(&str, u64)]) -> ShardIndex {
    let mut builder = ShardIndexBuilder::default();
    let mut offset = 512;
    for (key, len) in samples {
        builder.push(key, Extent { offset, len: *len }).unwrap();
        offset = (offset + len).next_multiple_of(512) + 512;
    }
    builder.finish(offset + 512).unwrap()
}

/// Puts a number at an offset, and the checksums right again.
fn forged(bytes: &[u8], at: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + value.len()].copy_from_slice(value);
    let crc = crc32fast::hash(&bytes[..60]).to_le_bytes();
    bytes[60..64].copy_from_slice(&crc);
    let end = bytes.len() - 4;
    let crc = crc32fast::hash(&bytes[64..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&crc);
    bytes
}

fn refused(bytes: &[u8]) -> bool {
    matches!(ShardIndex::decode(bytes), Err(error) if error.kind() == Kind::BadShardIndex)
}

/// What the header and the last rows say, read without the rest; none where it is no index.
fn last(bytes: &[u8]) -> Option<(u64, Option<(Extent, String)>)> {
    let header = IndexHeader::decode(bytes.first_chunk()?).ok()?;
    let last = header.last_sample(|at, out| {
        let found = usize::try_from(at).ok().and_then(|at| bytes.get(at..)?.get(..out.len()));
        out.copy_from_slice(found.ok_or_else(|| bad("it is cut short"))?);
        Ok(())
    });
    Some((header.samples, last.ok()?))
}

#[test]
fn the_layout_to_the_byte() {
    let index = sample(&[("cat", 600), ("é", 10)]);
    let bytes = index.encode();
    assert_eq!(bytes.len(), 64 + 2 * 24 + 5 + 4);
    assert_eq!(&bytes[..16], b"ATDATIDX\x01\0\0\0\0\0\0\0");
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let words: Vec<u64> = (16..48).step_by(8).map(word).collect();
    assert_eq!(words, [3584, 2, 5, 0]);
    let words: Vec<u64> = (64..112).step_by(8).map(word).collect();
    assert_eq!(words, [512, 2048, 600, 10, 3, 5]);
    assert_eq!(&bytes[112..117], "caté".as_bytes());
    let header = IndexHeader::decode(bytes[..64].try_into().unwrap()).unwrap();
    assert_eq!(header, IndexHeader { shard_size: 3584, samples: 2, keys_len: 5 });
    assert_eq!(header.encoded_len(), bytes.len() as u64);
}

#[test]
fn every_changed_or_missing_byte_is_noticed() {
    let bytes = sample(&[("a", 1), ("", 0), ("b/c", 5000)]).encode();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x10;
        assert!(refused(&changed), "{at}");
        assert!(refused(&bytes[..at]), "{at}");
    }
    assert!(refused(&[bytes, vec![0]].concat()));
    assert!(!refused(&sample(&[]).encode()));
}

#[test]
fn lies_with_right_checksums_are_refused() {
    let bytes = sample(&[("é", 600), ("b", 10)]).encode();
    let max = u64::MAX.to_le_bytes();
    let word = |value: u64| value.to_le_bytes();
    assert_eq!(forged(&bytes, 24, &word(2)), bytes);
    let lies = [
        (8, &[2][..]),
        (12, &[1]),
        (40, &[1]),
        (59, &[1]),
        (24, &max),
        (32, &max),
        (24, &word(1 << 58)),
        (24, &word(1)),
        (32, &word(4)),
        (16, &word(2050)),
        (16, &word(0)),
        (64, &word(0)),
        (64, &word(513)),
        (64, &max),
        (72, &word(1536)),
        (72, &word(512)),
        (80, &max),
        (88, &word(5000)),
        (96, &word(1)),
        (96, &word(4)),
        (104, &word(2)),
        (104, &max),
        (112, b"\xff"),
    ];
    for (at, value) in lies {
        let forged = forged(&bytes, at, value);
        assert!(refused(&forged), "{at} {value:?}");
        // Whatever is told without the rest, it is told without a panic.
        let _ = last(&forged);
    }
}

proptest! {
    #[test]
    fn an_index_comes_back(samples in prop::collection::vec(("[a-zé/]{0,6}", 0..3000_u64), 0..20)) {
        let samples: Vec<_> = samples.iter().map(|(key, len)| (key.as_str(), *len)).collect();
        let index = sample(&samples);
        let bytes = index.encode();
        let decoded = ShardIndex::decode(&bytes).unwrap();
        prop_assert_eq!(&decoded.encode(), &bytes);
        for (i, (key, len)) in samples.iter().enumerate() {
            prop_assert_eq!((decoded.key(i), decoded.extents()[i].len), (*key, *len));
            prop_assert!(decoded.find(key).is_some_and(|found| found <= i));
        }
        prop_assert_eq!(decoded.key(samples.len()), "");
        let end = samples.len().checked_sub(1);
        let end = end.map(|end| (decoded.extents()[end], decoded.key(end).to_owned()));
        prop_assert_eq!(last(&bytes), Some((samples.len() as u64, end)));
    }

    #[test]
    fn any_bytes_are_an_index_or_an_error(
        head in prop::sample::select(vec![&b""[..], b"ATDATIDX\x01\0\0\0\0\0\0\0"]),
        tail in prop::collection::vec(any::<u8>(), 0..150),
    ) {
        prop_assert!(refused(&[head, &tail].concat()));
    }
}
