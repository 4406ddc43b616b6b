//! Servers that are gone or refuse, and rows that cannot be read.

use super::super::servers;
use super::{Other, entry, first, label, names, provider, url};
use atdata::provider::{Document, DocumentKind, IndexProvider, RedisProvider};

#[test]
fn a_restart_is_survived() {
    for kind in ["redis", "redis-tls", "redis-cluster"] {
        let Some(server) = servers::start(kind, &[]) else { continue };
        let provider = provider(&server);
        provider.put(&[entry("a", "cats")], &[label("cats", "a")]).unwrap();
        server.stop();
        for _ in 0..2 {
            let error = provider.put(&[entry("b", "dogs")], &[]).unwrap_err();
            assert_eq!(error.kind(), "unreachable", "{error}");
        }
        server.start();
        provider.put(&[entry("b", "dogs")], &[label("dogs", "b")]).unwrap();
        server.stop();
        server.start();
        assert_eq!(names(&provider.current(&first(9)).unwrap()), ["cats", "dogs"], "{kind}");
    }
}

#[test]
fn without_a_server_the_error_says_what_to_do() {
    for url in ["redis://:secret@127.0.0.1:1/2", "redis+cluster://:secret@127.0.0.1:1"] {
        let provider = RedisProvider::from_url(url).unwrap();
        let error = provider.named("cats", "").unwrap_err();
        assert_eq!(error.kind(), "unreachable");
        let said = error.to_string();
        assert!(said.contains("127.0.0.1:1") && said.contains("atdata.Index(path=...)"), "{said}");
        assert!(!format!("{said}{provider:?}{}", provider.address()).contains("secret"));
    }
}

#[test]
fn a_wrong_password_is_refused_and_not_shown() {
    for kind in ["redis", "redis-tls", "redis-cluster"] {
        let Some(server) = servers::start(kind, &["--password", "right"]) else { continue };
        provider(&server).check().unwrap();
        for wrong in [":wrong-secret@", "nobody:wrong-secret@", ""] {
            let provider =
                RedisProvider::from_url(&url(&server).replace(":right@", wrong)).unwrap();
            let error = provider.check().unwrap_err();
            let said = error.to_string();
            assert_eq!(error.kind(), "denied", "{said}");
            assert!(said.contains(&format!("127.0.0.1:{}", server.port)), "{said}");
            assert!(said.contains("password") && !said.contains("wrong-secret"), "{said}");
        }
    }
}

#[test]
fn users_are_known_by_name() {
    let Some(server) = servers::start("redis", &[]) else { return };
    let mut other = Other::of(&server);
    other.run::<()>("ACL SETUSER ann on >p@ss ~* +@all");
    other.run::<()>("ACL SETUSER guest on >p@ss ~* +@read +@transaction +@connection");
    let of = |user: &str| {
        RedisProvider::from_url(&server.url.replace("//", &format!("//{user}:p%40ss@")))
    };
    let put = |user: &str| of(user).unwrap().put(&[entry("a", "cats")], &[]);
    let error = put("guest").unwrap_err();
    assert_eq!(error.kind(), "denied", "{error}");
    assert_eq!(provider(&server).entry("a").unwrap(), None);
    put("ann").unwrap();
}

#[test]
fn certificates_are_checked() {
    let Some(server) = servers::start("redis-tls", &[]) else { return };
    let error = RedisProvider::from_url(&server.url).unwrap().check().unwrap_err();
    assert_eq!(error.kind(), "unreachable");
    assert!(error.to_string().contains("?ca=/path"), "{error}");
    let unchecked = format!("{}?verify=false", server.url);
    RedisProvider::from_url(&unchecked).unwrap().check().unwrap();
    let nowhere = format!("{}?ca=/nowhere.pem", server.url);
    let error = RedisProvider::from_url(&nowhere).unwrap().check().unwrap_err();
    assert_eq!(error.kind(), "not_found");
}

#[test]
fn broken_rows_are_errors_that_name_their_key() {
    for kind in ["redis", "redis-cluster"] {
        let Some(server) = servers::start(kind, &[]) else { continue };
        let (provider, mut other) = (provider(&server), Other::of(&server));
        provider.put(&[entry("fine", "cats")], &[label("cats", "fine")]).unwrap();
        for (cid, words) in [
            ("a", "SET LocalDatasetEntry:a x"),
            ("b", "HSET LocalDatasetEntry:b name x schema_ref y cid b"),
            ("c", "HSET LocalDatasetEntry:c name x schema_ref y cid c data_urls nonsense"),
        ] {
            other.run::<()>(words);
            for result in [provider.entry(cid).map(drop), provider.entries(&first(9)).map(drop)] {
                let error = result.unwrap_err();
                assert_eq!(error.kind(), "bad_index", "{error}");
                assert!(error.to_string().contains("LocalDatasetEntry:"), "{error}");
            }
            other.run::<()>(&format!("DEL LocalDatasetEntry:{cid}"));
            assert_eq!(provider.entries(&first(9)).unwrap().len(), 1);
        }
        other.run::<()>("HSET LocalSchema:Image@1.0.0 a b");
        let error = provider.documents(DocumentKind::Schema, &first(9)).unwrap_err();
        assert!(error.to_string().contains("key LocalSchema:Image@1.0.0"), "{error}");
    }
}

#[test]
fn a_newer_layout_is_left_alone() {
    let Some(server) = servers::start("redis", &[]) else { return };
    let mut other = Other::of(&server);
    other.run::<()>("SET atdata:{index}:layout 2");
    let document = Document { name: "Image".into(), version: "1.0.0".into(), json: "{}".into() };
    let provider = provider(&server);
    for result in [
        provider.check(),
        provider.put(&[entry("a", "cats")], &[label("cats", "a")]),
        provider.create_document(DocumentKind::Schema, &document).map(drop),
        provider.remove_entry("a").map(drop),
    ] {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), "bad_index");
        assert!(error.to_string().contains("update atdata"), "{error}");
    }
    assert_eq!(other.run::<i64>("DBSIZE"), 1);
}
