//! Shards in a real server of S3: the store, the source, the credentials.

use crate::servers::{Server, start};
use crate::{number, numbers};
use atdata::remote::{Patience, S3Options};
use atdata::source::{DataSource, HttpSource, LocalSource, ObjectSource};
use atdata::store::{DataStore, ObjectStoreStore};
use atdata::testing::check_store;
use atdata::{Dataset, DictSample, Error};
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub const ACCESS: &str = "the-access-key";
pub const SECRET: &str = "the-very-secret-key";

/// The server that these tests share, with the buckets `team` and `other`.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<&'static Server>> = OnceLock::new();
    *SERVER.get_or_init(|| {
        let keys = ["--access-key", ACCESS, "--secret-key", SECRET];
        let options = [&keys[..], &["--bucket", "team", "--bucket", "other"]].concat();
        start("s3", &options).map(|server| &*Box::leak(server.into()))
    })
}

/// Patience for tests: as many tries as usual, without long pauses.
pub fn hasty() -> Patience {
    Patience {
        first_pause: Duration::from_millis(5),
        answer: Duration::from_secs(5),
        upload: Duration::from_secs(20),
        ..Patience::default()
    }
}

/// A store in the bucket `team`, over a folder of its own.
pub fn store_at(endpoint: &str) -> ObjectStoreStore {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let prefix = format!("test-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let options = S3Options::new("team").prefix(prefix).endpoint(endpoint).keys(ACCESS, SECRET);
    ObjectStoreStore::s3_with(options.resolve().unwrap(), hasty()).unwrap()
}

/// Writes a file as a shard.
pub fn store_file(store: &dyn DataStore, path: &Path, number: usize) -> String {
    let mut sink = store.create("data").unwrap();
    sink.write_all(&fs::read(path).unwrap()).unwrap();
    sink.commit(number).unwrap().url
}

/// Shards with the numbers up to `count` in a store, with their indexes if asked for.
fn stored_numbers(store: &dyn DataStore, count: i64, indexed: bool) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let shards = numbers(folder.path(), count, 40).shards().names().unwrap().to_vec();
    let urls = shards.iter().enumerate().map(|(at, shard)| {
        let url = store_file(store, shard.as_ref(), at);
        if indexed {
            let index = fs::read(format!("{shard}.idx")).unwrap();
            store.put_beside(&format!("{url}.idx"), &index).unwrap();
        }
        url
    });
    urls.collect()
}

#[test]
fn the_store_keeps_the_contract() {
    let Some(server) = server() else { return };
    check_store(&|| Arc::new(store_at(&server.url)));
}

#[test]
fn a_dataset_is_read_from_a_store() {
    let Some(server) = server() else { return };
    for indexed in [true, false] {
        let store = store_at(&server.url);
        let urls = stored_numbers(&store, 100, indexed);
        let dataset = Dataset::<DictSample>::from_source(store.source(urls));
        assert_eq!(dataset.len().unwrap(), 100);
        let read = |samples: Vec<DictSample>| samples.iter().map(number).collect::<Vec<_>>();
        let ordered = read(dataset.ordered().into_iter().map(Result::unwrap).collect());
        assert_eq!(ordered, (0..100).collect::<Vec<_>>());
        let mut shuffled =
            read(dataset.shuffled().seed(1).into_iter().map(Result::unwrap).collect());
        assert_ne!(shuffled, ordered);
        shuffled.sort_unstable();
        assert_eq!(shuffled, ordered);
        assert_eq!(number(&dataset.get(77).unwrap()), 77);
    }
}

#[test]
fn one_source_has_shards_of_several_buckets() {
    let Some(server) = server() else { return };
    let options = |bucket: &str| S3Options::new(bucket).endpoint(&server.url).keys(ACCESS, SECRET);
    let mut urls = Vec::new();
    for bucket in ["team", "other"] {
        let config = options(bucket).prefix("several").resolve().unwrap();
        let store = ObjectStoreStore::s3(config).unwrap();
        store.put_beside(&format!("s3://{bucket}/several/x.tar"), bucket.as_bytes()).unwrap();
        urls.push(format!("s3://{bucket}/several/x.tar"));
    }
    let config = options("whatever").resolve().unwrap();
    let source = ObjectSource::with(["s3://{team,other}/several/x.tar"], Some(config), hasty());
    assert_eq!(source.shards().unwrap(), urls);
    for (url, bucket) in urls.iter().zip(["team", "other"]) {
        let mut text = String::new();
        source.open(url).unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, bucket);
    }
}

/// The same jumps give the same bytes as in a file.
#[test]
fn jumps_are_those_of_a_file() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shard.tar");
    let content: Vec<u8> = (0..12_000_000_u32).map(|at| (at ^ (at >> 8)) as u8).collect();
    fs::write(&path, &content).unwrap();
    let store = store_at(&server.url);
    let url = store_file(&store, &path, 0);
    let mut remote = store.source(vec![url.clone()]).open(&url).unwrap();
    let path = path.to_str().unwrap();
    let mut local = LocalSource::new([path]).open(path).unwrap();
    assert_eq!((remote.size(), remote.can_seek()), (local.size(), true));
    let mut random = 7_u64;
    for _ in 0..200 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(11);
        let (what, place, len) =
            (random >> 61, (random >> 20) % 13_000_000, (random >> 40) % 90_000);
        for input in [&mut remote, &mut local] {
            match what {
                0 => input.go_to(place).unwrap(),
                1 => input.go_to(len).unwrap(),
                2 => drop(input.pass_over(len * 9).unwrap()),
                _ => {}
            }
        }
        let mut read = [vec![0; len as usize], vec![0; len as usize]];
        let [a, b] = &mut read;
        let counts = match what {
            3..5 => (remote.read_at(place, a).unwrap(), local.read_at(place, b).unwrap()),
            _ => {
                a.clear();
                b.clear();
                let len = len as usize;
                (remote.append_to(a, len).unwrap(), local.append_to(b, len).unwrap())
            }
        };
        assert_eq!(counts.0, counts.1, "after {what}");
        assert!(a == b, "after {what} at {place}, {len} bytes");
    }
}

#[test]
fn a_read_url_can_be_read_by_others() {
    let Some(server) = server() else { return };
    let store = store_at(&server.url);
    let url = stored_numbers(&store, 3, false).remove(0);
    let plain = store.read_url(&url, None).unwrap();
    let path = url.strip_prefix("s3://").unwrap();
    assert_eq!(plain, format!("{}/{path}", server.url));
    let others = HttpSource::with([plain.clone()], hasty());
    assert!(matches!(others.open(&plain), Err(Error::Denied { .. })));
    let signed = store.read_url(&url, Some(Duration::from_secs(600))).unwrap();
    assert!(signed.starts_with(&plain) && !signed.contains(SECRET));
    let dataset = Dataset::<DictSample>::from_source(Arc::new(HttpSource::with([signed], hasty())));
    assert_eq!(
        dataset.ordered().into_iter().map(|sample| number(&sample.unwrap())).sum::<i64>(),
        3
    );
}

#[test]
fn what_is_not_there_is_named() {
    let Some(server) = server() else { return };
    let config = S3Options::new("nowhere").endpoint(&server.url).keys(ACCESS, SECRET);
    let store = ObjectStoreStore::s3_with(config.resolve().unwrap(), hasty()).unwrap();
    let error = store.check().unwrap_err();
    assert!(matches!(&error, Error::NotFound(text) if text.contains("s3://nowhere")), "{error}");
    let url = "s3://team/not/there.tar";
    let error = store_at(&server.url).source(vec![]).open(url).err().unwrap();
    assert!(matches!(&error, Error::NotFound(text) if text.contains(url)), "{error}");
}

#[test]
fn wrong_keys_are_told_and_never_shown() {
    let Some(server) = server() else { return };
    let url = stored_numbers(&store_at(&server.url), 1, false).remove(0);
    for keys in [(ACCESS, "a-wrong-secret"), ("an-unknown-key", SECRET)] {
        let options = S3Options::new("team").endpoint(&server.url).keys(keys.0, keys.1);
        let options = options.session_token("a-secret-token");
        let shown = format!("{options:?}");
        let config = options.resolve().unwrap();
        let shown = format!("{shown} {config:?}");
        let store = ObjectStoreStore::s3_with(config, hasty()).unwrap();
        let source = store.source(vec![url.clone()]);
        let mut sink = store.create("a").unwrap();
        sink.write_all(b"x").unwrap();
        let errors = [
            source.open(&url).err(),
            source.stat(&url).err(),
            store.check().err(),
            sink.commit(0).err(),
            store.put_beside("s3://team/x", b"x").err(),
            store.remove("s3://team/x").err(),
        ];
        for error in errors {
            let error = error.unwrap();
            assert!(matches!(&error, Error::Denied { .. }), "{error:?}");
            let text = format!("{error} {error:?} {shown} {store:?} {source:?}");
            for secret in [keys.0, keys.1, "a-secret-token", "Signature="] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    }
}

#[test]
fn credentials_are_spelled_in_many_ways() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(".env");
    let lines = format!(
        "# the team's server\nexport AWS_ENDPOINT='{}'\nAWS_ACCESS_KEY_ID={ACCESS} # mine\n\
         AWS_SECRET_ACCESS_KEY=\"{SECRET}\"\nAWS_DEFAULT_REGION = eu-west-1\n",
        server.url
    );
    fs::write(&file, lines).unwrap();
    let map = [
        ("AWS_ENDPOINT_URL", server.url.as_str()),
        ("AWS_ACCESS_KEY_ID", ACCESS),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
    ];
    let map = map.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let wrong = S3Options::new("team").env_file(&file).keys("not", "these");
    assert!(matches!(check(wrong), Err(Error::Denied { .. })));
    check(S3Options::new("team").env_file(&file)).unwrap();
    check(S3Options::new("team").credentials(map)).unwrap();
    assert_eq!(S3Options::new("x").env_file(&file).resolve().unwrap().region(), "eu-west-1");
    let half = [("AWS_ACCESS_KEY_ID".to_owned(), ACCESS.to_owned())];
    let error = S3Options::new("team").credentials(half).resolve().unwrap_err();
    assert!(error.to_string().contains("AWS_SECRET_ACCESS_KEY"), "{error}");
    fs::write(&file, "AWS_ACCESS_KEY_ID\nthe-secret").unwrap();
    let error = S3Options::new("team").env_file(&file).resolve().unwrap_err();
    assert!(error.to_string().ends_with("line 1 is not NAME=value"), "{error}");
}

fn check(options: S3Options) -> atdata::Result<()> {
    ObjectStoreStore::s3_with(options.resolve()?, hasty())?.check()
}
