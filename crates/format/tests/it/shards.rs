use super::strategies::{keys, sample};
use atdata_format::tar::{RawSample, ShardReader, ShardWriter, Streamed};
use atdata_format::{Kind, Sample};
use proptest::prelude::*;
use std::io::Read;

fn write(samples: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ShardWriter::new(Vec::new());
    for (key, payload) in samples {
        writer.append(key, payload).unwrap();
    }
    writer.finish().unwrap().0
}

fn read(shard: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut reader = ShardReader::new(shard, Some(shard.len() as u64));
    let mut sample = RawSample::default();
    let mut samples = Vec::new();
    while reader.read(&mut sample).unwrap() {
        let start = sample.extent.offset as usize;
        assert_eq!(shard[start..start + sample.payload.len()], sample.payload);
        samples.push((sample.key.clone(), sample.payload.clone()));
    }
    samples
}

/// Gives a few bytes at a time, as a slow connection does.
struct Trickle<'a>(&'a [u8]);

impl Read for Trickle<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let count = buf.len().min(7);
        self.0.read(&mut buf[..count])
    }
}

fn shard() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    proptest::collection::vec(sample(), 0..8).prop_flat_map(|samples| {
        let payloads: Vec<Vec<u8>> =
            samples.iter().map(|sample| sample.to_bytes().unwrap()).collect();
        keys(payloads.len()).prop_map(move |keys| keys.into_iter().zip(payloads.clone()).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn samples_come_back_with_their_keys_and_places(samples in shard()) {
        let bytes = write(&samples);
        prop_assert_eq!(&read(&bytes), &samples);
        prop_assert_eq!(write(&samples), bytes.clone());
        let mut slow = ShardReader::new(Streamed(Trickle(&bytes)), None);
        let mut sample = RawSample::default();
        for (key, payload) in &samples {
            prop_assert!(slow.read(&mut sample).unwrap());
            prop_assert_eq!((&sample.key, &sample.payload), (key, payload));
        }
        prop_assert!(!slow.read(&mut sample).unwrap());
    }

    #[test]
    fn a_shard_cut_anywhere_gives_what_is_whole_and_then_says_so(
        samples in shard(), cut in 0.0..1.0f64,
    ) {
        let bytes = write(&samples);
        let cut = (bytes.len() as f64 * cut) as usize;
        let mut reader = ShardReader::new(&bytes[..cut], Some(cut as u64));
        let mut sample = RawSample::default();
        let mut whole = 0;
        let error = loop {
            match reader.read(&mut sample) {
                Ok(true) => whole += 1,
                Ok(false) => break None,
                Err(error) => break Some(error),
            }
        };
        match error {
            Some(error) => prop_assert!(error.kind().ends_shard()),
            None => prop_assert!(reader.missing_end() || cut >= bytes.len() - 1024),
        }
        prop_assert!(!reader.read(&mut sample).unwrap_or(false));
        prop_assert!(whole <= samples.len());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let mut reader = ShardReader::new(&bytes[..], None);
        let mut sample = RawSample::default();
        while let Ok(true) = reader.read(&mut sample) {}
    }
}

#[test]
fn a_plain_shard_is_exactly_its_headers_payloads_and_end() {
    let shard = write(&[("a".into(), vec![0x80]), ("b".into(), vec![0x80; 600])]);
    assert_eq!(shard.len(), (512 + 512) + (512 + 1024) + 1024);
    assert_eq!(&shard[..9], b"a.msgpack");
    assert_eq!(&shard[257..265], b"ustar\x0000");
}

#[test]
fn keys_that_other_readers_would_take_apart_are_refused() {
    for key in ["", "a.b", "../x", "/x", "a\nb"] {
        let error = ShardWriter::new(Vec::new()).append(key, b"\x80").unwrap_err();
        assert_eq!(error.kind(), Kind::BadKey, "{key:?}");
    }
    let mut writer = ShardWriter::new(Vec::new());
    writer.append("a", b"\x80").unwrap();
    assert_eq!(writer.append("a", b"\x80").unwrap_err().kind(), Kind::MemberTwice);
}

/// A shard whose members have any names.
fn members(names: &[&str]) -> Vec<u8> {
    let mut shard = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let one = write(&[(format!("{number}"), vec![0x80])]);
        let mut header = one[..1024].to_vec();
        header[..100].fill(0);
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[148..156].fill(b' ');
        let sum: u32 = header[..512].iter().map(|&byte| u32::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        shard.extend(header);
    }
    shard.extend([0; 1024]);
    shard
}

fn outcome(names: &[&str]) -> Vec<Result<String, Kind>> {
    let shard = members(names);
    let mut reader = ShardReader::new(&shard[..], None);
    let mut sample = RawSample::default();
    let mut found = Vec::new();
    loop {
        match reader.read(&mut sample) {
            Ok(true) => found.push(Ok(sample.key.clone())),
            Ok(false) => return found,
            Err(error) => found.push(Err(error.kind())),
        }
    }
}

#[test]
fn members_are_grouped_by_key() {
    let (good, bad) = (|key: &str| Ok(key.to_owned()), Err(Kind::MalformedSample));
    assert_eq!(outcome(&["a.msgpack", "a.json", "b.jpg", "b.msgpack"]), [good("a"), good("b")]);
    assert_eq!(outcome(&["a.b.msgpack", "a.b.txt"]), [good("a.b")]);
    assert_eq!(outcome(&["a.json", "a.txt", "b.msgpack"]), [bad.clone(), good("b")]);
    assert_eq!(outcome(&["a.msgpack", "b.json"]), [good("a"), bad.clone()]);
    assert_eq!(outcome(&["a.json", "b.json"]), [bad.clone(), bad]);
    let twice = Err(Kind::MemberTwice);
    assert_eq!(outcome(&["a.msgpack", "a.msgpack", "b.msgpack"]), [good("a"), twice, good("b")]);
}
