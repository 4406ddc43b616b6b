//! Blobs on their way up.

use crate::scripted::{Reply, Scripted, ok, refused};
use atdata_atproto::client::{BlobBody, BlobRef};
use atdata_atproto::{Error, cid};
use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

fn stored(bytes: &[u8], mime: &str) -> Value {
    let blob =
        BlobRef { cid: cid::of_blob(bytes), mime: mime.to_owned(), size: bytes.len() as u64 };
    json!({"blob": blob.to_value()})
}

fn uploads(reply: impl Fn(&crate::scripted::Asked) -> Reply + Send + Sync + 'static) -> Scripted {
    Scripted::start(move |asked| match asked.xrpc() {
        "com.atproto.repo.uploadBlob" => reply(asked),
        "com.atproto.server.describeServer" => ok(&json!({"blobUploadLimit": 3_000_000})),
        _ => Reply::Usual,
    })
}

#[test]
fn a_blob_goes_up_with_its_kind_and_length() {
    let server = uploads(|asked| ok(&stored(&asked.body, &asked.headers["content-type"])));
    let client = server.client();
    for bytes in [vec![], vec![7; 1], (0..2_500_000_u32).map(|n| n as u8).collect::<Vec<u8>>()] {
        let blob = client.upload(BlobBody::bytes(bytes.clone(), "application/x-tar")).unwrap();
        assert_eq!(blob.cid, cid::of_blob(&bytes));
        assert_eq!((blob.mime.as_str(), blob.size), ("application/x-tar", bytes.len() as u64));
    }
    let asked = server.asked("uploadBlob");
    assert_eq!(asked[2].headers["content-length"], "2500000");
    assert!(!asked[2].headers.contains_key("transfer-encoding"));
}

#[test]
fn a_blob_that_broke_off_is_sent_again_from_its_start() {
    let server = uploads(|asked| match asked.number {
        0 => Reply::Reset,
        1 => refused(500, "InternalServerError", ""),
        _ => ok(&stored(&asked.body, "text/plain")),
    });
    let bytes = vec![1; 1_000_000];
    let blob = server.client().upload(BlobBody::bytes(bytes.clone(), "text/plain")).unwrap();
    assert_eq!(blob.cid, cid::of_blob(&bytes));
}

#[test]
fn a_server_that_stored_something_else_is_not_believed() {
    let server = uploads(|_| ok(&stored(b"other", "text/plain")));
    let error = server.client().upload(BlobBody::bytes(&b"mine!"[..], "text/plain")).unwrap_err();
    assert!(matches!(error, Error::Unverified { .. }), "{error}");
    assert!(error.to_string().contains(&cid::of_blob(b"mine!").to_string()), "{error}");
}

#[test]
fn what_is_too_large_is_not_sent() {
    let server = uploads(|_| refused(500, "", ""));
    let error = server.client().upload(BlobBody::bytes(vec![0; 3_000_001], "a/b")).unwrap_err();
    assert!(matches!(error, Error::TooLarge { bytes: 3_000_001, limit: Some(3_000_000), .. }));
    assert!(server.asked("uploadBlob").is_empty());
    assert_eq!(Scripted::start(|_| Reply::Usual).client().limits().unwrap().blob_bytes, 5 << 20);
}

#[test]
fn a_kind_cannot_smuggle_headers() {
    let server = uploads(|_| refused(500, "", ""));
    for mime in ["", "tar", "a/b\r\nx: y", "a/b c", "/b"] {
        let error = server.client().upload(BlobBody::bytes(vec![1], mime)).unwrap_err();
        assert!(matches!(error, Error::Syntax(_)), "{mime:?}: {error}");
    }
}

#[test]
fn a_reader_that_fails_or_is_short_is_the_readers_fault() {
    let server = uploads(|asked| ok(&stored(&asked.body, "a/b")));
    let client = server.client();
    let short = BlobBody { length: 10, ..BlobBody::bytes(&b"12345"[..], "a/b") };
    let error = client.upload(short).unwrap_err();
    assert!(
        matches!(error, Error::Io { .. }) && error.to_string().contains("5 bytes before"),
        "{error}"
    );
    let open = || Err(io::Error::other("no such shard"));
    let broken = BlobBody { length: 10, open: Arc::new(open), mime: "a/b".to_owned(), cid: None };
    assert!(client.upload(broken).unwrap_err().to_string().contains("no such shard"));
    // The session goes on.
    client.upload(BlobBody::bytes(vec![1, 2, 3], "a/b")).unwrap();
}

#[test]
fn a_body_may_come_over_the_network_itself() {
    let server = uploads(|asked| ok(&stored(&asked.body, "a/b")));
    let source = Scripted::start(|_| Reply::Is(200, vec![], vec![9; 1_000_000]));
    let client = server.client();
    client.network().allow(&source.url).unwrap();
    let (transport, url) = (Arc::clone(client.network().transport()), source.url.clone());
    let open = move || {
        let request = atdata_atproto::transport::Request::get(url.as_str());
        Ok(transport.send(&request)?.body as Box<dyn Read + Send>)
    };
    let body =
        BlobBody { length: 1_000_000, open: Arc::new(open), mime: "a/b".to_owned(), cid: None };
    assert_eq!(client.upload(body).unwrap().cid, cid::of_blob(&vec![9; 1_000_000]));
}

/// A server that answers when it has read the head, and closes at once.
fn refusing_early() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 2000];
            let _ = stream.read(&mut head);
            let body = r#"{"error":"PayloadTooLarge","message":"request entity too large"}"#;
            let length = body.len();
            let head = "HTTP/1.1 413 X\r\nconnection: close\r\ncontent-length:";
            let _ = stream.write_all(format!("{head} {length}\r\n\r\n{body}").as_bytes());
        }
    });
    url
}

#[test]
fn an_answer_in_the_middle_of_an_upload_is_heard() {
    let url = refusing_early();
    let config = atdata_atproto::config::NetworkConfig {
        allow_private: vec!["loopback".to_owned()],
        ..Default::default()
    };
    let network = atdata_atproto::Network::new(config).unwrap();
    for _ in 0..10 {
        let open = || Ok(Box::new(io::repeat(0)) as Box<dyn Read + Send>);
        let body =
            atdata_atproto::transport::Body::Stream { length: 100 << 20, open: Arc::new(open) };
        let mut request = atdata_atproto::transport::Request::post(url.as_str(), body);
        // The reset that follows the answer may overtake it; then the next try hears it.
        request.repeatable = true;
        let error = network.xrpc(&url).send(&request).unwrap_err();
        assert!(matches!(error, Error::TooLarge { bytes, .. } if bytes == 100 << 20), "{error}");
    }
}

#[test]
fn references_to_blobs_are_read_in_both_forms() {
    let cid = cid::of_blob(b"x");
    let new =
        json!({"$type": "blob", "ref": {"$link": cid.to_string()}, "mimeType": "a/b", "size": 1});
    let read = BlobRef::from_value(&new).unwrap();
    assert_eq!((read.cid, read.size, read.to_value()), (cid, 1, new));
    let old = BlobRef::from_value(&json!({"cid": cid.to_string(), "mimeType": "a/b"})).unwrap();
    assert_eq!((old.cid, old.size), (cid, 0));
    for wrong in [
        json!({}),
        json!({"$type": "blob", "mimeType": "a/b", "size": 1}),
        json!(null),
        json!({"cid": cid::of_block(b"x").to_string(), "mimeType": "a/b"}),
    ] {
        assert!(BlobRef::from_value(&wrong).is_err(), "{wrong}");
    }
}
