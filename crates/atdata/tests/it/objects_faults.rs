//! What goes wrong between us and a server of S3: nothing is lost silently, tries are bounded, and
//! the error says what to do.

use crate::fault_proxy::{Fault, FaultProxy, Request};
use crate::objects::{ACCESS, SECRET, hasty, server, store_at};
use atdata::remote::{Patience, S3Options};
use atdata::source::DataSource;
use atdata::store::{DataStore, ObjectStoreStore, StoredShard};
use atdata::{Dataset, DictSample, Error, OnError};
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const EXPIRED: &str =
    "<Error><Code>ExpiredToken</Code><Message>the-very-secret-key</Message></Error>";

/// Bytes of which no two MiB are the same.
fn content(len: u32) -> Vec<u8> {
    (0..len / 4).flat_map(|at| (at ^ 0x1234_5678).to_le_bytes()).collect()
}

fn write(store: &dyn DataStore, bytes: &[u8]) -> atdata::Result<StoredShard> {
    let mut sink = store.create("data")?;
    sink.write_all(bytes).unwrap();
    sink.commit(0)
}

fn read(source: &dyn DataSource, url: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.open(url).map_err(io::Error::other)?.read_to_end(&mut bytes).map(|_| bytes)
}

/// The folder that a shard is in, reached through a proxy.
fn behind(proxy: &FaultProxy, patience: Patience) -> ObjectStoreStore {
    let options = S3Options::new("team").endpoint(&proxy.url).keys(ACCESS, SECRET);
    ObjectStoreStore::s3_with(options.resolve().unwrap(), patience).unwrap()
}

/// A shard of 6 MB that is there, and how it is read through a proxy with these faults.
fn reading(
    patience: Patience,
    rule: impl Fn(&Request, usize) -> Fault + Send + Sync + 'static,
) -> Option<(FaultProxy, Vec<u8>, io::Result<Vec<u8>>)> {
    let server = server()?;
    let bytes = content(6_000_000);
    let url = write(&store_at(&server.url), &bytes).unwrap().url;
    let proxy = FaultProxy::start(server.port, rule);
    let source = behind(&proxy, patience).source(vec![url.clone()]);
    let result = read(&*source, &url);
    Some((proxy, bytes, result))
}

fn is_get(request: &Request) -> bool {
    request.method == "GET"
}

#[test]
fn reading_goes_on_where_a_connection_broke() {
    for fault in [
        Fault::ResetAfter(1_500_000),
        Fault::CloseAfter(2_000_000),
        Fault::StallAfter(1_200_000),
        Fault::Answer(503, "<Error><Code>SlowDown</Code></Error>"),
        Fault::Reset,
    ] {
        let patience = Patience { answer: Duration::from_millis(400), ..hasty() };
        let rule = move |request: &Request, number| {
            if is_get(request) && number <= 2 { fault } else { Fault::None }
        };
        let Some((proxy, bytes, result)) = reading(patience, rule) else { return };
        assert!(result.unwrap() == bytes, "after {fault:?}");
        assert_eq!(proxy.count("GET"), 3, "after {fault:?}: {:?}", proxy.requests());
    }
}

#[test]
fn a_server_that_never_works_is_not_asked_for_ever() {
    for (fault, says) in [
        (Fault::Answer(500, "<Error><Code>InternalError</Code></Error>"), "500 InternalError"),
        (Fault::Reset, "reset"),
        (Fault::CloseAfter(100_000), "tried 5 times"),
        (Fault::ResetAfter(100_000), "tried 5 times"),
        (Fault::StallAfter(0), "nothing came for 300ms"),
    ] {
        let patience = Patience { answer: Duration::from_millis(300), ..hasty() };
        let rule = move |request: &Request, _| if is_get(request) { fault } else { Fault::None };
        let Some((proxy, _, result)) = reading(patience, rule) else { return };
        let error = result.unwrap_err();
        assert!(error.to_string().contains(says), "{fault:?}: {error}");
        assert!(error.to_string().contains("s3://team/"), "{fault:?}: {error}");
        assert_eq!(proxy.count("GET"), 5, "{fault:?}");
    }
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let gone = FaultProxy::start(1, |_, _| Fault::Reset);
    let error = behind(&gone, hasty()).check().unwrap_err();
    assert!(matches!(&error, Error::Unreachable { .. }), "{error:?}");
    let options = S3Options::new("team").endpoint("http://127.0.0.1:1").keys(ACCESS, SECRET);
    let store = ObjectStoreStore::s3_with(options.resolve().unwrap(), hasty()).unwrap();
    let error = store.check().unwrap_err().to_string();
    assert!(error.contains("s3://team") && error.contains("refused"), "{error}");
}

#[test]
fn a_shard_that_ends_too_early_or_late_is_an_error() {
    for less in [1000, -1000] {
        let rule = move |request: &Request, _| {
            if is_get(request) { Fault::Announce(less) } else { Fault::None }
        };
        let Some((_, _, result)) = reading(hasty(), rule) else { return };
        let error = result.unwrap_err().to_string();
        assert!(error.contains("s3://team/"), "{less}: {error}");
    }
}

#[test]
fn a_shard_that_is_replaced_while_it_is_read_is_an_error() {
    let Some(server) = server() else { return };
    let store = store_at(&server.url);
    let url = write(&store, &content(6_000_000)).unwrap().url;
    let (direct, place) = (store.clone(), url.clone());
    let proxy = FaultProxy::start(server.port, move |request, number| {
        if number == 1 {
            // Of the same size, but other bytes.
            direct.put_beside(&place, &vec![7; 6_000_000]).unwrap();
        }
        if is_get(request) && number == 1 { Fault::Reset } else { Fault::None }
    });
    let source = behind(&proxy, hasty()).source(vec![url.clone()]);
    let error = read(&*source, &url).unwrap_err().to_string();
    assert!(error.contains("replaced while it was being read"), "{error}");
}

#[test]
fn expired_credentials_are_told() {
    let rule = |_: &Request, number| {
        if number == 0 { Fault::None } else { Fault::Answer(403, EXPIRED) }
    };
    let Some((proxy, _, result)) = reading(hasty(), rule) else { return };
    let error = result.unwrap_err();
    assert!(error.to_string().contains("expired; get new ones"), "{error}");
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
    // Nothing that will not pass is tried again.
    assert_eq!(proxy.count("GET"), 1);
    for status in [400, 403] {
        let server = server().unwrap();
        let proxy = FaultProxy::start(server.port, move |_, _| Fault::Answer(status, EXPIRED));
        let store = behind(&proxy, hasty());
        let opened = store.source(vec![]).open("s3://team/x.tar").err().unwrap();
        let written = write(&store, b"some bytes").unwrap_err();
        for error in [opened, written, store.check().unwrap_err()] {
            assert!(matches!(&error, Error::Denied { .. }), "{error:?}");
            assert!(error.to_string().contains("expired; get new ones"), "{error}");
        }
    }
}

#[test]
fn a_wrong_region_is_told() {
    let Some(server) = server() else { return };
    let body = "<Error><Code>AuthorizationHeaderMalformed</Code></Error>";
    let proxy = FaultProxy::start(server.port, move |_, _| Fault::Answer(400, body));
    let error = behind(&proxy, hasty()).check().unwrap_err();
    assert!(matches!(&error, Error::Denied { .. }), "{error:?}");
    assert!(error.to_string().contains("check AWS_DEFAULT_REGION"), "{error}");
}

/// What a dataset meets while it is read keeps its kind and words, and is never passed over.
#[test]
fn a_dataset_says_what_its_source_met() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().unwrap();
    let shard = crate::numbers(folder.path(), 10, 100).shards().names().unwrap()[0].clone();
    let url = write(&store_at(&server.url), &std::fs::read(shard).unwrap()).unwrap().url;
    let proxy = FaultProxy::start(server.port, |request, number| {
        if is_get(request) && number > 0 { Fault::Answer(403, EXPIRED) } else { Fault::None }
    });
    let source = behind(&proxy, hasty()).source(vec![url]);
    let dataset = Dataset::<DictSample>::from_source(source).on_error(OnError::Skip);
    let error = dataset.ordered().into_iter().find_map(Result::err).unwrap();
    assert_eq!(error.kind(), "denied");
    assert!(error.to_string().contains("expired; get new ones"), "{error}");
}

/// Some requests of an upload fail, and then no more.
#[test]
fn an_upload_is_tried_again() {
    let Some(server) = server() else { return };
    for len in [1_000_000, 20_000_000] {
        let proxy = FaultProxy::start(server.port, |request, number| match number {
            _ if !matches!(request.method.as_str(), "PUT" | "POST") => Fault::None,
            _ if number % 3 == 0 => Fault::Answer(500, ""),
            _ if number % 3 == 1 => Fault::Reset,
            _ => Fault::None,
        });
        let bytes = content(len);
        let store = behind(&proxy, Patience { tries: 12, ..hasty() });
        let shard = write(&store, &bytes).unwrap();
        assert!(read(&*store.source(vec![]), &shard.url).unwrap() == bytes);
        store.remove(&shard.url).unwrap();
    }
}

#[test]
fn an_upload_whose_answer_is_lost_is_whole() {
    let Some(server) = server() else { return };
    let lost = AtomicU64::new(0);
    let proxy = FaultProxy::start(server.port, move |request, _| {
        let completes = request.method == "POST" && request.target.contains("uploadId");
        if completes && lost.fetch_add(1, Ordering::Relaxed) == 0 {
            return Fault::CloseAfter(0);
        }
        Fault::None
    });
    let bytes = content(20_000_004);
    let store = behind(&proxy, hasty());
    let shard = write(&store, &bytes).unwrap();
    assert!(read(&*store.source(vec![]), &shard.url).unwrap() == bytes);
}

#[test]
fn a_broken_upload_leaves_nothing() {
    let Some(server) = server() else { return };
    for (len, breaks) in [(1_000_000, "/team/"), (20_000_008, "partNumber=2"), (20_000_008, "POST")]
    {
        let proxy = FaultProxy::start(server.port, move |request, _| {
            let what = format!("{} {}", request.method, request.target);
            let sends = what.starts_with("PUT") || what.contains("uploadId");
            let fails = sends && !what.starts_with("DELETE") && what.contains(breaks);
            if fails { Fault::Answer(503, "") } else { Fault::None }
        });
        let prefix = format!("broken-{len}-{}", breaks.replace(['/', '='], ""));
        let options = S3Options::new("team").prefix(prefix);
        let options = options.endpoint(&proxy.url).keys(ACCESS, SECRET);
        let store = ObjectStoreStore::s3_with(options.resolve().unwrap(), hasty()).unwrap();
        let error = write(&store, &content(len)).unwrap_err();
        assert!(error.to_string().contains("503"), "{error}");
        let mut found = Vec::new();
        let listed = store.list(&mut |there| {
            found.push(there.url);
            Ok(())
        });
        listed.unwrap();
        assert_eq!(found, Vec::<String>::new());
        let uploads: Vec<_> =
            proxy.requests().into_iter().filter(|seen| seen.target.contains("uploadId")).collect();
        let aborted = uploads.last().is_none_or(|last| last.method == "DELETE");
        assert!(aborted, "{uploads:?}");
        assert_eq!(uploads.is_empty(), len < 16 << 20);
    }
}

#[test]
fn a_server_that_keeps_too_little_is_found_out() {
    let Some(server) = server() else { return };
    // It says yes to an upload and keeps nothing.
    let proxy = FaultProxy::start(server.port, |request, _| match request.method.as_str() {
        "PUT" => Fault::Answer(200, ""),
        _ => Fault::None,
    });
    let error = write(&behind(&proxy, hasty()), &content(400)).unwrap_err().to_string();
    assert!(error.contains("0 of 400 bytes"), "{error}");
}

#[test]
fn many_threads_read_and_write_through_one_store() {
    let Some(server) = server() else { return };
    let store = Arc::new(store_at(&server.url));
    std::thread::scope(|scope| {
        for thread in 0..4_u32 {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                let bytes: Vec<u8> =
                    content(3_000_000).iter().map(|byte| byte ^ thread as u8).collect();
                let url = write(&*store, &bytes).unwrap().url;
                let source = store.source(vec![url.clone()]);
                // Several at once on this thread too, each read a little at a time.
                let mut inputs = [source.open(&url).unwrap(), source.open(&url).unwrap()];
                let mut read = [Vec::new(), Vec::new()];
                for _ in 0..30 {
                    for (input, read) in inputs.iter_mut().zip(&mut read) {
                        input.append_to(read, 100_000).unwrap();
                    }
                }
                assert!(read.iter().all(|read| *read == bytes));
            });
        }
    });
}

/// What is opened or begun and then left does not wait for the server.
#[test]
fn an_input_can_be_left_at_any_time() {
    let Some(server) = server() else { return };
    let store = store_at(&server.url);
    let url = write(&store, &content(6_000_000)).unwrap().url;
    let proxy = FaultProxy::start(server.port, |request, _| {
        if is_get(request) { Fault::StallAfter(1000) } else { Fault::None }
    });
    let source = behind(&proxy, Patience::default()).source(vec![url.clone()]);
    for first in [0, 1, 1000] {
        let mut input = source.open(&url).unwrap();
        input.read_exact(&mut vec![0; first]).unwrap();
        drop(input);
    }
    assert!(proxy.count("GET") <= 2);
}
