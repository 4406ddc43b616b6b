//! Shards on web servers, with and without what they can do.

use crate::objects::hasty;
use crate::web_server::{Serving, WebServer};
use crate::{number, numbers};
use atdata::remote::Patience;
use atdata::source::{DataSource, HttpSource};
use atdata::{Dataset, DictSample, Error};
use std::fs;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

fn full() -> Serving {
    Serving { ranges: true, sized: true, etag: Some("\"1\""), ..Serving::default() }
}

fn content() -> Vec<u8> {
    (0..3_000_000_u32).map(|at| (at ^ (at >> 8)) as u8).collect()
}

fn source(url: &str) -> HttpSource {
    HttpSource::with([url], Patience { tries: 3, ..hasty() })
}

fn read(url: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source(url).open(url).map_err(io::Error::other)?.read_to_end(&mut bytes).map(|_| bytes)
}

#[test]
fn a_dataset_is_read_from_any_server() {
    let folder = tempfile::tempdir().unwrap();
    let shard = numbers(folder.path(), 60, 100).shards().names().unwrap()[0].clone();
    for (ranges, sized) in [(true, true), (true, false), (false, true), (false, false)] {
        let serving = Serving { ranges, sized, ..full() };
        let server = WebServer::start(fs::read(&shard).unwrap(), serving);
        let url = format!("{}/file.tar", server.url);
        let dataset = Dataset::<DictSample>::from_source(Arc::new(source(&url)));
        let mut read: Vec<i64> =
            dataset.shuffled().into_iter().map(|sample| number(&sample.unwrap())).collect();
        read.sort_unstable();
        assert_eq!(read, (0..60).collect::<Vec<_>>(), "{ranges} {sized}");
        let input = source(&url).open(&url).unwrap();
        assert_eq!(input.can_seek(), ranges);
        assert_eq!(input.size().is_some(), ranges || sized);
    }
}

#[test]
fn bytes_are_the_same_after_breaks() {
    for (ranges, etag) in [(true, None), (true, Some("\"1\"")), (false, Some("\"1\""))] {
        let serving = Serving { ranges, etag, cut: Some((1_300_000, 2)), ..full() };
        let server = WebServer::start(content(), serving);
        let bytes = read(&format!("{}/file.tar", server.url)).unwrap();
        assert!(bytes == content(), "{ranges} {etag:?}");
    }
}

#[test]
fn what_cannot_be_gone_on_with_is_an_error() {
    let always = |serving: Serving| Serving { cut: Some((500_000, 1000)), ..serving };
    let without = Serving { ranges: false, etag: None, ..full() };
    for serving in [
        always(full()),
        always(without.clone()),
        always(Serving { ranges: false, ..full() }),
        always(Serving { sized: false, ..without }),
    ] {
        let server = WebServer::start(content(), serving.clone());
        // With ranges, each try brings it on: fewer bytes must end it.
        let cut = if serving.ranges { Some((0, 1000)) } else { serving.cut };
        let server = match cut {
            Some((0, _)) => {
                let cut = Some((1000, 1000));
                WebServer::start(content(), Serving { cut, ..serving.clone() })
            }
            _ => server,
        };
        let error = read(&format!("{}/file.tar", server.url)).unwrap_err().to_string();
        assert!(error.contains("/file.tar"), "{serving:?}: {error}");
        assert!(server.requests().len() <= 5, "{serving:?}");
    }
}

#[test]
fn signed_addresses_work_and_are_not_shown() {
    let server = WebServer::start(content(), Serving { query: Some("sig=secret"), ..full() });
    let url = format!("{}/file.tar?sig=secret&x=1", server.url);
    assert!(read(&url).unwrap() == content());
    let (host, wrong) = (&server.url, format!("{}/file.tar?sig=wrong-one", server.url));
    let error = source(&wrong).open(&wrong).err().unwrap();
    assert!(matches!(&error, Error::Denied { .. }), "{error:?}");
    let missing = format!("{host}/none.tar?sig=wrong-one");
    let missing = source(&missing).open(&missing).err().unwrap();
    assert!(matches!(&missing, Error::NotFound(_)), "{missing:?}");
    let gone = "http://me:wrong-one@127.0.0.1:1/x.tar?sig=wrong-one";
    let gone = source(gone).open(gone).err().unwrap();
    assert!(matches!(&gone, Error::Unreachable { .. }), "{gone:?}");
    let text = format!("{error:?} {missing:?} {gone:?} {:?}", source(&wrong));
    assert!(!text.contains("wrong-one"), "{text}");
}

#[test]
fn redirects_are_followed_without_the_credentials() {
    let target = WebServer::start(content(), full());
    let to = format!("{}/file.tar", target.url);
    let first = WebServer::start(vec![], Serving { redirect: Some(to), ..full() });
    let host = first.url.strip_prefix("http://").unwrap();
    let url = format!("http://me:password@{host}/moved.tar?token=query");
    assert!(read(&url).unwrap() == content());
    assert!(first.requests()[0].contains("authorization: Basic"));
    for head in target.requests() {
        let head = head.to_ascii_lowercase();
        assert!(!head.contains("authorization") && !head.contains("token"), "{head}");
    }
}

#[test]
fn redirects_come_to_an_end() {
    for to in ["/moved.tar", "file:///etc/passwd", "ftp://host/x"] {
        let server = WebServer::start(vec![], Serving { redirect: Some(to.into()), ..full() });
        let url = format!("{}/moved.tar", server.url);
        let error = source(&url).open(&url).err().unwrap();
        assert!(matches!(&error, Error::Unreachable { .. }), "{error:?}");
        assert!(server.requests().len() <= 6, "{}", server.requests().len());
    }
}

#[test]
fn what_lies_beside_is_read_if_it_is_there() {
    let server = WebServer::start(b"index".to_vec(), full());
    let shard = format!("{}/none.tar", server.url);
    assert_eq!(
        source(&shard).sidecar(&format!("{}/file.tar", server.url)).unwrap().unwrap(),
        b"index"
    );
    assert_eq!(source(&shard).sidecar(&format!("{shard}.idx")).unwrap(), None);
    let gone = "http://127.0.0.1:1/x.tar.idx";
    assert!(source(gone).sidecar(gone).is_err());
}

#[test]
fn an_empty_file_is_empty() {
    for ranges in [true, false] {
        let server = WebServer::start(vec![], Serving { ranges, ..full() });
        assert_eq!(read(&format!("{}/file.tar", server.url)).unwrap(), b"");
    }
}

/// A server that says the same to everybody, and how many have come.
fn saying(answer: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x.tar", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            counted.fetch_add(1, SeqCst);
            let _ = client.read(&mut [0; 1000]);
            let _ = client.write_all(answer.as_bytes());
        }
    });
    (url, asked)
}

#[test]
fn a_server_that_is_out_of_reach_is_waited_for_once() {
    let (url, asked) = saying("");
    let dataset = Dataset::<DictSample>::from_source(Arc::new(source(&url)));
    let first = dataset.shards().bytes().unwrap_err().to_string();
    assert!(first.contains("/x.tar") && first.contains("tried 3 times"), "{first}");
    assert_eq!(asked.load(SeqCst), 3);
    let index = dataset.shards().index(0).unwrap_err().to_string();
    assert!(index.contains("/x.tar.idx:") && !index.contains("tried"), "{index}");
    assert_eq!(asked.load(SeqCst), 4);
}

#[test]
fn a_server_that_is_busy_is_asked_again_each_time() {
    let busy = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (url, asked) = saying(busy);
    let source = source(&url);
    for times in [3, 6] {
        assert!(source.stat(&url).unwrap_err().to_string().contains("tried 3 times"));
        assert_eq!(asked.load(SeqCst), times);
    }
}
