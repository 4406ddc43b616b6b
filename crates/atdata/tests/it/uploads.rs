//! Uploads that were cut off: who can list them shows them as garbage, and ends them when told.

use crate::fault_proxy::{Fault, FaultProxy, Request};
use crate::objects::{ACCESS, SECRET, hasty, server};
use crate::servers::{Server, start};
use atdata::index::{GRACE, Garbage, Index, IndexWrite};
use atdata::provider::MemoryProvider;
use atdata::remote::S3Options;
use atdata::store::{DataStore, Found, ObjectStoreStore};
use atdata::testing::check_store;
use atdata::{DictSample, Error, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime};

/// A server that lists uploads, which not all do. Its access keys have two parts.
fn swift() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<&'static Server>> = OnceLock::new();
    *SERVER.get_or_init(|| {
        let options = ["--access-key", ACCESS, "--secret-key", SECRET, "--bucket", "team"];
        start("swift", &options).map(|server| &*Box::leak(server.into()))
    })
}

fn options(endpoint: &str, prefix: &str) -> S3Options {
    let key = format!("{ACCESS}:{ACCESS}");
    S3Options::new("team").prefix(prefix).endpoint(endpoint).keys(key, SECRET)
}

fn store(endpoint: &str, prefix: &str) -> ObjectStoreStore {
    ObjectStoreStore::s3_with(options(endpoint, prefix).resolve().unwrap(), hasty()).unwrap()
}

fn index(store: ObjectStoreStore) -> Index {
    Index::new(Arc::new(MemoryProvider::default())).with_store(Arc::new(store))
}

/// A sample that makes a shard that is sent in parts.
fn large() -> [DictSample; 1] {
    [DictSample::from([("data", Value::Bytes(vec![7; 17 << 20]))])]
}

/// Writes through a network that goes away in the middle of an upload.
fn cut_off(server: &Server, prefix: &str) {
    let is_gone =
        |request: &Request| request.target.contains("partNumber=2") || request.method == "DELETE";
    let rule = move |request: &Request, _| {
        if is_gone(request) { Fault::Reset } else { Fault::None }
    };
    let proxy = FaultProxy::start(server.port, rule);
    let error = index(store(&proxy.url, prefix)).write(large(), "large", IndexWrite::new());
    assert!(matches!(error.unwrap_err(), Error::Unreachable { .. }));
}

fn unfinished(store: &dyn DataStore) -> atdata::Result<Vec<Found>> {
    let mut found = Vec::new();
    store.list_unfinished(&mut |upload| {
        found.push(upload);
        Ok(())
    })?;
    Ok(found)
}

#[test]
fn swift_keeps_the_contract() {
    let Some(server) = swift() else { return };
    let number = AtomicUsize::new(0);
    check_store(&|| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        Arc::new(store(&server.url, &format!("contract/{number}")))
    });
}

#[test]
fn what_was_cut_off_is_garbage_even_where_its_shard_is_not() {
    let Some(server) = swift() else { return };
    cut_off(server, "cut/off");
    cut_off(server, "cut/off2");
    let store = store(&server.url, "cut/off");
    let index = index(store.clone());
    let entry = index.write(large(), "large", IndexWrite::new()).unwrap();
    // Swift rounds times up.
    while unfinished(&store).unwrap()[0].modified > SystemTime::now() {
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(index.garbage(GRACE).unwrap(), Garbage { seen: 3, ..Garbage::default() });
    let garbage = index.garbage(Duration::ZERO).unwrap();
    let [upload] = &garbage.found[..] else { panic!("{garbage:?}") };
    assert!(upload.url.starts_with(&format!("{}?uploadId=", entry.data_urls[0])), "{upload:?}");
    assert!(upload.is_upload() && upload.modified.elapsed().unwrap() < GRACE);
    assert_eq!(index.remove_garbage(&garbage).unwrap().found, garbage.found);
    assert!(unfinished(&store).unwrap().is_empty());
    store.remove(&garbage.found[0].url).unwrap(); // nothing there is no error
    assert!(index.verify(&entry, |_, _| true).unwrap().len() == 1);
    // What lies beside the store's folder is not its own.
    assert_eq!(unfinished(&self::store(&server.url, "cut/off2")).unwrap().len(), 1);
    // Other tests write to the bucket too.
    let left = unfinished(&self::store(&server.url, "")).unwrap();
    assert_eq!(left.iter().filter(|upload| upload.url.contains("/cut/")).count(), 1);
}

#[test]
fn wrong_keys_are_told_and_never_shown() {
    let Some(server) = swift() else { return };
    let options = options(&server.url, "").keys(format!("{ACCESS}:{ACCESS}"), "wrong-secret");
    let store = ObjectStoreStore::s3_with(options.resolve().unwrap(), hasty()).unwrap();
    let error = unfinished(&store).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error:?}");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("wrong-secret") && !text.contains("Signature="), "{text}");
}

const NAMED: &str = "<ListMultipartUploadsResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>";

/// What comes of the list where a request for it is answered so.
fn told(
    answer: impl Fn(&Request, usize) -> Fault + Send + Sync + 'static,
) -> Option<(FaultProxy, atdata::Result<Garbage>)> {
    let server = server()?;
    let asked = AtomicUsize::new(0);
    let rule = move |request: &Request, _| {
        if !request.target.contains("uploads=") {
            return Fault::None;
        }
        answer(request, asked.fetch_add(1, Ordering::Relaxed))
    };
    let proxy = FaultProxy::start(server.port, rule);
    let options = S3Options::new("other").endpoint(&proxy.url).keys(ACCESS, SECRET);
    let store = ObjectStoreStore::s3_with(options.prefix("p").resolve().unwrap(), hasty()).unwrap();
    let garbage = index(store).garbage(Duration::ZERO);
    Some((proxy, garbage))
}

fn times_asked(proxy: &FaultProxy) -> usize {
    proxy.requests().iter().filter(|request| request.target.contains("uploads=")).count()
}

#[test]
fn a_server_that_cannot_tell_is_named_once_and_no_error() {
    let refused = "<Error><Code>AccessDenied</Code></Error>";
    for (fault, says) in [
        (Fault::None, "501"),
        (
            Fault::Answer(405, "<Error><Code>MethodNotAllowed</Code></Error>"),
            "405 MethodNotAllowed",
        ),
        (
            Fault::Answer(200, "<ListBucketResult></ListBucketResult>"),
            "lists no unfinished uploads",
        ),
        (Fault::Answer(403, refused), "may not do that"),
    ] {
        let Some((proxy, garbage)) = told(move |_, _| fault) else { return };
        let unseen = garbage.unwrap().unseen.unwrap();
        assert!(unseen.contains(says) && unseen.contains("s3://other"), "{unseen}");
        assert_eq!(times_asked(&proxy), 1, "{unseen}");
    }
}

#[test]
fn a_server_that_fails_is_asked_again_and_not_for_ever() {
    let Some((_, garbage)) = told(|_, number| match number {
        0 => Fault::Reset,
        1 => Fault::Answer(503, "<Error><Code>SlowDown</Code></Error>"),
        _ => Fault::Answer(200, "<ListMultipartUploadsResult></ListMultipartUploadsResult>"),
    }) else {
        return;
    };
    assert_eq!(garbage.unwrap(), Garbage::default());
    let (proxy, garbage) = told(|_, _| Fault::Answer(500, "")).unwrap();
    let error = garbage.unwrap_err().to_string();
    assert!(error.contains("s3://other/p") && error.contains("tried 5 times"), "{error}");
    assert_eq!(times_asked(&proxy), 5);
}

#[test]
fn a_list_that_makes_no_sense_is_an_error() {
    for text in [
        "<Upload>",
        "<Upload></Upload>",
        "<Upload><Key>p/x</Key><UploadId>1</UploadId><Initiated>once</Initiated></Upload>",
    ] {
        let text: &'static str = format!("{NAMED}{text}</ListMultipartUploadsResult>").leak();
        let Some((_, garbage)) = told(move |_, _| Fault::Answer(200, text)) else { return };
        let error = garbage.unwrap_err().to_string();
        assert!(error.contains("s3://other/p") && error.contains("understood"), "{error}");
    }
}

fn upload(key: &str, id: &str) -> String {
    let time = "2020-01-02T03:04:05.678Z";
    format!(
        "<Upload><Key>{key}</Key><UploadId>{id}</UploadId><Initiated>{time}</Initiated></Upload>"
    )
}

/// A page, and what the next one begins after.
fn page(uploads: &[String], next: Option<(&str, &str)>) -> &'static str {
    let next = next.map_or_else(String::new, |(key, id)| {
        format!(
            "<IsTruncated>true</IsTruncated><NextKeyMarker>{key}</NextKeyMarker>\
             <NextUploadIdMarker>{id}</NextUploadIdMarker>"
        )
    });
    format!("{NAMED}{}{next}</ListMultipartUploadsResult>", uploads.concat()).leak()
}

#[test]
fn every_page_is_read_and_only_what_is_ours_is_told() {
    let name = format!("data--{}--000000.tar", "a".repeat(32));
    let key = format!("p/a &amp; b/{name}");
    let first =
        [upload(&key, "1"), upload("p/theirs.tar", "2"), upload(&format!("p//{name}"), "3")];
    let second = [upload(&key, "a/b+c%"), upload(&format!("q/{name}"), "5")];
    let marker = (key.as_str(), "2");
    let pages = [page(&first, Some(marker)), page(&second, Some(("z", "z"))), page(&[], None)];
    let Some((proxy, garbage)) = told(move |_, number| Fault::Answer(200, pages[number])) else {
        return;
    };
    let urls: Vec<String> = garbage.unwrap().found.into_iter().map(|found| found.url).collect();
    let url = format!("s3://other/p/a & b/{name}?uploadId=");
    assert_eq!(urls, [format!("{url}1"), format!("{url}a%2Fb+c%25")]);
    let targets: Vec<String> = proxy.requests().into_iter().map(|asked| asked.target).collect();
    let asked: Vec<&String> = targets.iter().filter(|target| target.contains("uploads=")).collect();
    assert!(asked[0].contains("prefix=p%2F") && !asked[0].contains("marker"), "{asked:?}");
    assert!(asked[1].contains("key-marker=p%2Fa%20%26%20b%2Fdata--"), "{asked:?}");
    assert!(asked[1].contains("upload-id-marker=2"), "{asked:?}");
    // A list that comes back to where it was ends.
    let again = page(&[], Some(("p", "1")));
    let (proxy, _) = told(move |_, _| Fault::Answer(200, again)).unwrap();
    assert_eq!(times_asked(&proxy), 2);
}

#[test]
fn nobody_is_asked_where_there_is_nothing_to_ask() {
    let unsigned = [("AWS_NO_SIGN_REQUEST".to_owned(), "true".to_owned())];
    let options = S3Options::new("public").endpoint("http://127.0.0.1:1").credentials(unsigned);
    let public = ObjectStoreStore::s3_with(options.resolve().unwrap(), hasty()).unwrap();
    assert!(matches!(unfinished(&public), Err(Error::Unsupported(_))));
    let google = ObjectStoreStore::open("gs://bucket/folder").unwrap();
    let error = unfinished(&google).unwrap_err().to_string();
    assert!(error.contains("gs://bucket") && error.contains("lifecycle rule"), "{error}");
    assert!(unfinished(&ObjectStoreStore::open("az://bucket").unwrap()).unwrap().is_empty());
}
