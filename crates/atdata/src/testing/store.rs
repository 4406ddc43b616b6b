//! What every store of shards must do.

use super::{Failure, Outcome, holds, same};
use crate::error::Error;
use crate::store::{DataStore, StoredShard};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::sync::Arc;

/// A check's name and what it does.
type Check = (&'static str, fn(&dyn DataStore) -> Outcome);

const CHECKS: &[Check] = &[
    ("it can be reached", reached),
    ("a shard is read back as it was written", read_back),
    ("a shard is named by its content", named_by_content),
    ("the same bytes are stored once", stored_once),
    ("a shard that is not committed is not there", dropped),
    ("files lie beside shards", beside),
    ("all that was written is listed, and nothing else", listed),
    ("what is removed is gone", removed),
    ("a store tells what is its own", held),
    ("prefixes are folders, which cannot be left", prefixes),
    ("an empty shard is a shard", empty),
    ("a large shard is whole", large),
    ("an upload that ends leaves nothing unfinished", finished),
    ("a part of a shard can be read", ranges),
    ("what is not there is not found", missing),
    ("shards can be written at once", at_once),
];

/// Runs every check, each on a store of its own that `fresh` makes and that must be empty.
///
/// # Panics
/// When a check fails; the message names the store, the check, and what was found.
pub fn check_store(fresh: &dyn Fn() -> Arc<dyn DataStore>) {
    for (name, check) in CHECKS {
        let store = fresh();
        if let Err(failure) = check(&*store) {
            panic!("{}: {name}: {}", store.address(), failure.0);
        }
    }
}

/// Bytes that no two seeds have in common.
fn bytes(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let words = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(seed | 1);
        (state >> 32) as u32
    });
    words.flat_map(u32::to_le_bytes).take(len).collect()
}

fn write(store: &dyn DataStore, prefix: &str, bytes: &[u8]) -> Result<StoredShard, Failure> {
    let mut sink = store.create(prefix)?;
    for part in bytes.chunks(100_000) {
        sink.write_all(part).map_err(|error| Failure(format!("writing: {error}")))?;
    }
    Ok(sink.commit(3)?)
}

fn read(store: &dyn DataStore, url: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let source = store.source(vec![url.to_owned()]);
    let read = source.open(url)?.read_to_end(&mut bytes);
    read.map_err(|error| Failure(format!("reading: {error}")))?;
    Ok(bytes)
}

fn urls(store: &dyn DataStore) -> Result<Vec<String>, Failure> {
    let mut urls = Vec::new();
    store.list(&mut |found| {
        urls.push(found.url);
        Ok(())
    })?;
    urls.sort();
    Ok(urls)
}

fn reached(store: &dyn DataStore) -> Outcome {
    store.check()?;
    same("an empty store's list", &urls(store)?, &Vec::new())
}

fn read_back(store: &dyn DataStore) -> Outcome {
    let content = bytes(1, 300_000);
    let shard = write(store, "train", &content)?;
    same("its size", &shard.bytes, &300_000)?;
    same("its SHA-256", &shard.sha256, &Sha256::digest(&content).into())?;
    holds("the bytes are the same", read(store, &shard.url)? == content)?;
    let stat = store.source(vec![shard.url.clone()]).stat(&shard.url)?;
    same("the size that the source tells", &stat.size, &Some(300_000))
}

fn named_by_content(store: &dyn DataStore) -> Outcome {
    let content = bytes(2, 1000);
    let shard = write(store, "train", &content)?;
    let hex: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let name = format!("data--{}--000003.tar", hex.get(..32).unwrap_or_default());
    same("its name", &shard.url.rsplit('/').next(), &Some(name.as_str()))?;
    let folder = shard.url.strip_suffix(&format!("/{name}")).unwrap_or_default();
    holds("its folder is the prefix", folder.ends_with("/train"))
}

fn stored_once(store: &dyn DataStore) -> Outcome {
    let first = write(store, "a", &bytes(3, 5000))?;
    let second = write(store, "a", &bytes(3, 5000))?;
    same("the second time", &second, &first)?;
    write(store, "a", &bytes(4, 5000))?;
    same("how many there are", &urls(store)?.len(), &2)
}

fn dropped(store: &dyn DataStore) -> Outcome {
    let mut sink = store.create("a")?;
    sink.write_all(&bytes(5, 400_000)).map_err(|error| Failure(error.to_string()))?;
    drop(sink);
    same("what is there", &urls(store)?, &Vec::new())
}

fn beside(store: &dyn DataStore) -> Outcome {
    let shard = write(store, "a", &bytes(6, 100))?;
    let index = format!("{}.idx", shard.url);
    let source = store.source(vec![shard.url]);
    same("an index that is not there", &source.sidecar(&index)?, &None)?;
    store.put_beside(&index, b"one")?;
    store.put_beside(&index, b"other")?;
    same("the index", &source.sidecar(&index)?, &Some(b"other".to_vec()))
}

fn listed(store: &dyn DataStore) -> Outcome {
    let shard = write(store, "a/b", &bytes(7, 100))?;
    let other = write(store, "", &bytes(8, 200))?;
    let stem = shard.url.trim_end_matches(".tar");
    let mut expected = vec![format!("{}.idx", shard.url), format!("{stem}.manifest.json")];
    for url in &expected {
        store.put_beside(url, b"{}")?;
    }
    store.put_beside(&shard.url.replace("data--", "other--"), b"not ours")?;
    expected.extend([shard.url, other.url.clone()]);
    expected.sort();
    same("the list", &urls(store)?, &expected)?;
    let mut size = None;
    store.list(&mut |found| {
        if found.url == other.url {
            size = Some(found.bytes);
        }
        Ok(())
    })?;
    same("the size in the list", &size, &Some(200))?;
    let stopped = store.list(&mut |_| Err(Error::Stopped));
    holds("what it tells to can stop it", matches!(stopped, Err(Error::Stopped)))
}

fn removed(store: &dyn DataStore) -> Outcome {
    let shard = write(store, "a", &bytes(9, 100))?;
    let kept = write(store, "a", &bytes(10, 100))?;
    store.remove(&shard.url)?;
    store.remove(&shard.url)?;
    same("what is there", &urls(store)?, &vec![kept.url])?;
    holds("nothing outside is removed", store.remove("/elsewhere/data.tar").is_err())
}

fn held(store: &dyn DataStore) -> Outcome {
    let shard = write(store, "a", &bytes(11, 100))?;
    holds("it holds its shards", store.holds(&shard.url))?;
    let address = store.address();
    for other in [format!("{address}x/a.tar"), format!("{address}/../a.tar"), "x.tar".into()] {
        holds(&format!("it does not hold {other}"), !store.holds(&other))?;
    }
    let url = store.read_url(&shard.url, None)?;
    holds("a shard can be read by others", !url.is_empty())
}

fn prefixes(store: &dyn DataStore) -> Outcome {
    let shard = write(store, "a/b/c", &bytes(12, 100))?;
    holds("a prefix may be nested", shard.url.contains("/a/b/c/data--"))?;
    for bad in ["../a", "/a", "a//b", "a/../../b", "a/.", "a\nb", "a\0b"] {
        holds(&format!("{bad:?} is refused"), store.create(bad).is_err())?;
    }
    Ok(())
}

fn empty(store: &dyn DataStore) -> Outcome {
    let shard = write(store, "a", b"")?;
    same("its size", &shard.bytes, &0)?;
    same("its bytes", &read(store, &shard.url)?, &Vec::new())
}

fn large(store: &dyn DataStore) -> Outcome {
    let content = bytes(13, 20 << 20);
    let shard = write(store, "a", &content)?;
    same("its size", &shard.bytes, &(20 << 20))?;
    holds("the bytes are the same", read(store, &shard.url)? == content)
}

fn finished(store: &dyn DataStore) -> Outcome {
    write(store, "a", &bytes(15, 17 << 20))?;
    let mut unfinished = Vec::new();
    let told = store.list_unfinished(&mut |found| {
        unfinished.push(found.url);
        Ok(())
    });
    // Not every server can tell.
    if !matches!(told, Err(Error::Unsupported(_))) {
        told?;
    }
    same("what is unfinished", &unfinished, &Vec::new())
}

fn ranges(store: &dyn DataStore) -> Outcome {
    let content = bytes(14, 200_000);
    let shard = write(store, "a", &content)?;
    let source = store.source(vec![shard.url.clone()]);
    let mut input = source.open(&shard.url)?;
    let failed = |error: std::io::Error| Failure(format!("reading: {error}"));
    let mut part = [0; 1000];
    same("how much", &input.read_at(150_000, &mut part).map_err(failed)?, &1000)?;
    holds("bytes from the middle", content.get(150_000..151_000) == Some(&part))?;
    same("how much at the end", &input.read_at(199_900, &mut part).map_err(failed)?, &100)?;
    same("how much behind it", &input.read_at(200_000, &mut part).map_err(failed)?, &0)?;
    input.go_to(100).map_err(failed)?;
    input.pass_over(900).map_err(failed)?;
    input.read_exact(&mut part).map_err(failed)?;
    holds("bytes after a jump", content.get(1000..2000) == Some(&part))
}

fn missing(store: &dyn DataStore) -> Outcome {
    let url = format!("{}/a/data--{}--000000.tar", store.address(), "0".repeat(32));
    let source = store.source(vec![url.clone()]);
    let opened = source.open(&url);
    holds("opening says so", matches!(opened, Err(Error::NotFound(_))))?;
    holds("so does asking for it", matches!(source.stat(&url), Err(Error::NotFound(_))))
}

fn at_once(store: &dyn DataStore) -> Outcome {
    let written = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|seed| scope.spawn(move || write(store, "a", &bytes(20 + seed, 50_000))))
            .collect();
        threads.into_iter().map(std::thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    for shard in written {
        let shard = shard.map_err(|_| Failure("a writer panicked".to_owned()))??;
        same("its size", &read(store, &shard.url)?.len(), &50_000)?;
    }
    same("how many there are", &urls(store)?.len(), &4)
}
