//! Hashing shards again.

use super::{Here, everywhere, refused};
use atdata::index::{IndexWrite, SchemaOf, ShardState};
use atdata::schema::Schema;
use std::fs;

#[test]
fn each_shard_has_its_verdict() {
    everywhere(|here| {
        let entry = here.index.write(super::numbers(0..5), "set", IndexWrite::new().max_count(1));
        let entry = entry.unwrap();
        let [right, changed, missing, short, long] = &entry.data_urls[..] else { panic!() };
        let edit = |url: &str, change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = fs::read(url).unwrap();
            change(&mut bytes);
            fs::write(url, bytes).unwrap();
        };
        edit(changed, &|bytes| bytes[600] ^= 1);
        fs::remove_file(missing).unwrap();
        edit(short, &|bytes| bytes.truncate(1000));
        edit(long, &|bytes| bytes.push(0));
        let mut told = Vec::new();
        let found = here.index.find("set").unwrap();
        let verdicts = here.index.verify(&found, |shard, bytes| {
            told.push((shard, bytes));
            true
        });
        let verdicts = verdicts.unwrap();
        assert!(verdicts.iter().zip(&entry.data_urls).all(|(verdict, url)| verdict.url == *url));
        assert_eq!(verdicts[0].state, ShardState::Right);
        assert_eq!(verdicts[0].sha256.as_deref(), entry.checksum(right));
        let wrong = |number: usize| match &verdicts[number].state {
            ShardState::Wrong(why) => why.clone(),
            other => panic!("{number}: {other:?}"),
        };
        assert!(wrong(1).contains("has changed") && wrong(1).contains(changed), "{}", wrong(1));
        assert!(wrong(2).contains("no such file"), "{}", wrong(2));
        assert_eq!((&verdicts[2].sha256, verdicts[2].bytes), (&None, 0));
        assert!(wrong(3).contains("has changed") && verdicts[3].bytes == 1000);
        assert!(wrong(4).contains("has changed"));
        assert_eq!(told[1].0, 1);
        let stopped = here.index.verify(&found, |shard, _| shard < 1);
        assert_eq!(refused(stopped).0, "stopped");
    });
}

#[test]
fn without_a_checksum_nothing_is_said_and_secrets_are_not_shown() {
    let here = Here::new();
    let entry = here.ten("set");
    let schema = Schema::new("X");
    let of = SchemaOf::Reference("local://schemas/X@1.0.0", &schema);
    let add = |urls| here.index.add_entry("added", urls, of, &IndexWrite::new()).unwrap().0;
    let verdicts = here.index.verify(&add(entry.data_urls), |_, _| true).unwrap();
    assert!(verdicts.iter().all(|verdict| verdict.state == ShardState::Unknown));
    assert!(verdicts.iter().all(|verdict| verdict.sha256.is_some()));
    let (kind, message) =
        refused(here.index.verify(&add(vec!["sftp://me:pw@host/a.tar".into()]), |_, _| true));
    assert!(kind == "unsupported" && !message.contains("pw"), "{message}");
}
