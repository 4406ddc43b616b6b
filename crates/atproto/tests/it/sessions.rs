//! Sessions: begun at the right server, renewed once, ended clearly.

use crate::scripted::{Asked, DID, HANDLE, Reply, Scripted, document, ok, refused, session, token};
use atdata_atproto::saved::SessionFile;
use atdata_atproto::{Client, Error, Network};
use serde_json::json;
use std::fs;
use std::thread;

fn bearer(asked: &Asked) -> &str {
    asked.headers.get("authorization").map_or("", String::as_str)
}

/// Takes the tokens of one name only; renews them into the next name.
fn takes_only(good: &'static str) -> Scripted {
    Scripted::start(move |asked| match asked.xrpc() {
        "com.example.ask" if bearer(asked) == format!("Bearer {}", token(good, 7200)) => {
            ok(&json!({"answered": true}))
        }
        "com.example.ask" => refused(400, "ExpiredToken", "Token has expired"),
        "com.atproto.server.refreshSession" => ok(&session("second")),
        _ => Reply::Usual,
    })
}

#[test]
fn an_expired_token_is_renewed_once_under_eight_threads() {
    let server = takes_only("second");
    let client = server.client();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let answer = client.xrpc().query("com.example.ask", &[]).unwrap();
                    assert_eq!(answer["answered"], true);
                }
            });
        }
    });
    assert_eq!(server.asked("refreshSession").len(), 1);
    let refresh = token("first-refresh", 90_000);
    assert_eq!(bearer(&server.asked("refreshSession")[0]), format!("Bearer {refresh}"));
}

#[test]
fn a_session_in_a_file_is_renewed_once_for_all_who_use_it() {
    let server = takes_only("second");
    let folder = tempfile::tempdir().unwrap();
    let file = SessionFile::new(folder.path().join("session.json"));
    assert!(file.restore(&server.network()).unwrap().is_none());
    file.save(&server.client().export().unwrap()).unwrap();
    let clients: Vec<Client> =
        (0..4).map(|_| file.restore(&server.network()).unwrap().unwrap()).collect();
    let ask = |client: &Client| client.xrpc().query("com.example.ask", &[]).unwrap();
    thread::scope(|scope| {
        for client in &clients {
            scope.spawn(move || assert_eq!(ask(client)["answered"], true));
        }
    });
    assert_eq!(server.asked("refreshSession").len(), 1);
    assert_eq!(file.load().unwrap(), Some(clients[0].export().unwrap()));
    let later = file.restore(&server.network()).unwrap().unwrap();
    assert_eq!(ask(&later)["answered"], true);
    assert_eq!(server.asked("refreshSession").len(), 1);
}

#[test]
fn a_session_that_was_removed_is_not_written_again() {
    let server = takes_only("second");
    let folder = tempfile::tempdir().unwrap();
    let file = SessionFile::new(folder.path().join("session.json"));
    file.save(&server.client().export().unwrap()).unwrap();
    let client = file.restore(&server.network()).unwrap().unwrap();
    file.remove().unwrap();
    assert_eq!(client.xrpc().query("com.example.ask", &[]).unwrap()["answered"], true);
    assert_eq!(file.load().unwrap(), None);
}

#[test]
fn a_token_is_renewed_before_it_expires_whatever_the_clocks_say() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.server.createSession" => {
            let mut short = session("first");
            short["accessJwt"] = token("first", 0).into();
            ok(&short)
        }
        "com.atproto.server.refreshSession" => ok(&session("second")),
        "com.example.ask" => ok(&json!({"by": bearer(asked)})),
        _ => Reply::Usual,
    });
    let client = server.client();
    for _ in 0..2 {
        let answer = client.xrpc().query("com.example.ask", &[]).unwrap();
        assert_eq!(answer["by"], format!("Bearer {}", token("second", 7200)));
    }
    assert_eq!(server.asked("refreshSession").len(), 1);
}

#[test]
fn a_session_that_was_revoked_ends_clearly() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.example.ask" => refused(400, "ExpiredToken", "Token has expired"),
        "com.atproto.server.refreshSession" => {
            refused(400, "ExpiredToken", "Token has been revoked")
        }
        _ => Reply::Usual,
    });
    let error = server.client().xrpc().query("com.example.ask", &[]).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("log in again") && text.contains("revoked"), "{text}");
    assert!(!text.contains("eyJ") && !text.contains("first"), "{text}");
}

#[test]
fn a_token_that_stays_bad_is_not_renewed_for_ever() {
    let server = takes_only("never");
    let error = server.client().xrpc().query("com.example.ask", &[]).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    assert!(server.asked("refreshSession").len() <= 2);
}

#[test]
fn an_exported_session_goes_on() {
    let server = takes_only("second");
    let exported = server.client().export().unwrap();
    let client = Client::restore(server.network(), &exported).unwrap();
    assert_eq!(client.did().as_str(), DID);
    assert_eq!(client.handle().unwrap().as_str(), HANDLE);
    client.xrpc().query("com.example.ask", &[]).unwrap();
    assert!(client.export().unwrap().contains(&token("second", 7200)));
    for wrong in ["", "{}", r#"{"kind":"password"}"#, "eyJhbGciOi"] {
        let error = Client::restore(server.network(), wrong).unwrap_err();
        assert_eq!(error.to_string(), "this is not an exported session");
    }
}

#[test]
fn nothing_shows_a_secret() {
    let server = takes_only("first");
    let client = server.client();
    client.xrpc().query("com.example.ask", &[]).unwrap();
    let shown = format!("{client:?} {:?}", client.xrpc());
    assert!(!shown.contains("eyJ") && !shown.contains("password\""), "{shown}");
}

#[test]
fn a_wrong_password_says_what_to_check_and_not_what_it_was() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.server.createSession" => {
            let sent = asked.json()["password"].as_str().unwrap().to_owned();
            refused(401, "AuthenticationRequired", &format!("Invalid password {sent}"))
        }
        _ => Reply::Usual,
    });
    let error = Client::login(server.network(), HANDLE, "hunter2", None).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::Denied { .. }) && text.contains("app password"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_code_by_mail_is_explained() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.server.createSession" => {
            refused(401, "AuthFactorTokenRequired", "A sign in code has been sent")
        }
        _ => Reply::Usual,
    });
    let error = Client::login(server.network(), HANDLE, "password", None).unwrap_err();
    assert!(error.to_string().contains("sent by e-mail; log in with an app password"), "{error}");
}

#[test]
fn a_server_that_logs_somebody_else_in_is_not_believed() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.server.createSession" => {
            let mut other = session("first");
            other["did"] = "did:plc:other".into();
            ok(&other)
        }
        _ => Reply::Usual,
    });
    let error = Client::login(server.network(), HANDLE, "password", None).unwrap_err();
    assert!(matches!(error, Error::BadIdentity(_)), "{error}");
    assert!(error.to_string().contains("did:plc:other"), "{error}");
}

#[test]
fn requests_go_to_the_server_of_the_did_document() {
    let pds = Scripted::start(|asked| match asked.xrpc() {
        "com.example.ask" => ok(&json!({"here": true})),
        _ => Reply::Usual,
    });
    let home = pds.url.clone();
    let entry = Scripted::start(move |asked| match asked.path.as_str() {
        "/did:plc:abc123" => ok(&document(DID, HANDLE, &home)),
        _ => Reply::Usual,
    });
    let allow_private = vec!["loopback".to_owned()];
    let config = atdata_atproto::config::NetworkConfig { allow_private, ..entry.config() };
    let network = Network::new(config).unwrap();
    let client = Client::login(network, HANDLE, "password", Some(&entry.url)).unwrap();
    assert_eq!(entry.asked("createSession").len(), 1);
    assert_eq!(client.xrpc().query("com.example.ask", &[]).unwrap()["here"], true);
}

#[test]
fn a_service_that_is_named_may_be_private() {
    let directory = Scripted::start(|_| Reply::Usual);
    let service = Scripted::start(|_| Reply::Usual);
    let client = Client::login(directory.network(), HANDLE, "password", Some(&service.url));
    client.unwrap();
    assert_eq!(service.asked("createSession").len(), 1);
}

#[test]
fn the_configured_service_is_asked_when_a_handle_is_not_found() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.identity.resolveHandle" => refused(400, "HandleNotFound", "no"),
        _ => Reply::Usual,
    });
    let service = Some(server.url.clone());
    let config = atdata_atproto::config::NetworkConfig { service, ..server.config() };
    let client = Client::login(Network::new(config).unwrap(), HANDLE, "password", None).unwrap();
    assert_eq!((client.did().as_str(), client.handle()), (DID, None));
}

#[test]
fn a_password_goes_nowhere_when_nobody_says_where() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.identity.resolveHandle" => refused(400, "HandleNotFound", "no"),
        _ => Reply::Usual,
    });
    let error = Client::login(server.network(), HANDLE, "password", None).unwrap_err();
    assert!(matches!(error, Error::NotFound(_)) && error.to_string().contains(HANDLE), "{error}");
    assert!(server.asked("createSession").is_empty());
}

#[test]
fn logging_out_ends_the_session_at_the_server() {
    let server = Scripted::start(|asked| match asked.xrpc() {
        "com.atproto.server.deleteSession" if asked.number == 0 => Reply::Is(200, vec![], vec![]),
        "com.atproto.server.deleteSession" => refused(400, "ExpiredToken", "ended"),
        _ => Reply::Usual,
    });
    let client = server.client();
    client.logout().unwrap();
    client.logout().unwrap();
    let refresh = token("first-refresh", 90_000);
    assert_eq!(bearer(&server.asked("deleteSession")[0]), format!("Bearer {refresh}"));
}

#[cfg(unix)]
#[test]
fn a_saved_session_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = SessionFile::new(folder.path().join("deep/session.json"));
    file.save("secret").unwrap();
    file.save("secret2").unwrap();
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(file.path()), 0o600);
    assert_eq!(fs::read_dir(folder.path().join("deep")).unwrap().count(), 1);
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
    let error = file.load().unwrap_err();
    assert!(error.to_string().contains("chmod 600") && !error.to_string().contains("secret2"));
    file.remove().unwrap();
    file.remove().unwrap();
    assert_eq!(file.load().unwrap(), None);
}
