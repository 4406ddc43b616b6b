//! Authorization servers, browsers and visitors that do as they should not.

use super::scripted_login::{
    begin, claims, come_back, form, log_in, metadata, nonce_wanted, start, tokens, visit,
};
use crate::scripted::{Asked, Reply, Scripted, ok, refused};
use atdata_atproto::{Client, Error};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

fn client(server: &Scripted) -> Client {
    Client::with(server.network(), Arc::new(log_in(server).unwrap()))
}

/// A server on whose one method only a token is good.
fn takes_only(good: &'static str) -> Scripted {
    start(move |asked| match asked.xrpc() {
        "com.example.ask" if claims(asked)["nonce"] != "nonce-of-the-pds" => {
            nonce_wanted(401, "nonce-of-the-pds")
        }
        "com.example.ask" if asked.headers["authorization"] == format!("DPoP {good}") => {
            ok(&json!({"answered": true}))
        }
        "com.example.ask" => refused(401, "invalid_token", "the token has expired"),
        _ => Reply::Usual,
    })
}

#[test]
fn every_request_has_a_proof_of_its_own_with_the_server_s_nonce() {
    let server = takes_only("first-access");
    let client = client(&server);
    for _ in 0..3 {
        assert_eq!(client.xrpc().query("com.example.ask", &[]).unwrap()["answered"], true);
    }
    // Of the first one the nonce was not known.
    assert_eq!(server.asked("/oauth/par").len(), 2);
    assert_eq!(server.asked("com.example.ask").len(), 4);
    let all = ["/oauth/par", "/oauth/token", "com.example.ask"].map(|path| server.asked(path));
    let proofs: Vec<Value> = all.iter().flatten().map(claims).collect();
    let names: HashSet<&str> =
        proofs.iter().map(|claims| claims["jti"].as_str().unwrap()).collect();
    assert_eq!(names.len(), proofs.len());
    let (pushed, got) = (form(&server.asked("/par")[0]), form(&server.asked("/token")[0]));
    let challenge = BASE64URL.encode(Sha256::digest(&got["code_verifier"]));
    assert_eq!(
        (&pushed["code_challenge"], pushed["code_challenge_method"].as_str()),
        (&challenge, "S256")
    );
    assert_eq!(pushed["redirect_uri"], got["redirect_uri"]);
}

#[test]
fn a_token_that_is_not_taken_any_more_is_renewed_once_under_eight_threads() {
    let server = takes_only("renewed-1-access");
    let client = client(&server);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| client.xrpc().query("com.example.ask", &[]).unwrap());
        }
    });
    let forms: Vec<_> = server.asked("/oauth/token").iter().map(form).collect();
    assert_eq!(forms.len(), 2);
    assert_eq!(forms[1]["refresh_token"], "first-refresh");
}

#[test]
fn a_session_that_cannot_be_renewed_has_ended() {
    let server = start(|asked| match asked.xrpc() {
        "com.example.ask" => refused(401, "invalid_token", "the token has expired"),
        _ if asked.path == "/oauth/token" && form(asked)["grant_type"] == "refresh_token" => {
            let said =
                json!({"error": "invalid_grant", "error_description": "first-refresh is used"});
            Reply::Is(400, vec![], said.to_string().into())
        }
        _ => Reply::Usual,
    });
    let error = client(&server).xrpc().query("com.example.ask", &[]).unwrap_err();
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("log in again") && !text.contains("first-refresh"), "{text}");
}

/// What is said when a login is met by this script.
fn refusal(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Error {
    let error = log_in(&start(script)).unwrap_err();
    for secret in ["the-code", "first-access", "first-refresh"] {
        assert!(!error.to_string().contains(secret), "{error}");
    }
    error
}

#[test]
fn servers_that_contradict_themselves_are_not_asked_for_a_login() {
    let resource = "/.well-known/oauth-protected-resource";
    let server = "/.well-known/oauth-authorization-server";
    let with = |name: &'static str, value: Value| {
        move |asked: &Asked| {
            let mut said = metadata(&asked.url());
            said[name] = value.clone();
            if asked.path == server { ok(&said) } else { Reply::Usual }
        }
    };
    let says = |value: Value| {
        move |asked: &Asked| match asked.path.as_str() {
            path if path == resource => ok(&value),
            _ => Reply::Usual,
        }
    };
    let bad = [
        refusal(with("issuer", json!("https://example.com"))),
        refusal(with("scopes_supported", json!(["openid"]))),
        refusal(with("code_challenge_methods_supported", json!(["plain"]))),
        refusal(with("authorization_response_iss_parameter_supported", json!(false))),
        refusal(with("authorization_endpoint", json!("javascript:alert(1)"))),
        refusal(with("authorization_endpoint", json!("file:///etc/passwd"))),
        refusal(with("token_endpoint", json!(null))),
        refusal(says(
            json!({"resource": "https://example.com", "authorization_servers": ["https://example.com"]}),
        )),
        refusal(says(json!({"resource": "", "authorization_servers": []}))),
        refusal(says(json!("no"))),
        refusal(
            move |asked| if asked.path == resource { refused(404, "", "") } else { Reply::Usual },
        ),
    ];
    for error in bad {
        assert_eq!(error.kind(), "bad_answer", "{error}");
    }
}

#[test]
fn an_authorization_server_on_a_private_address_that_nobody_named_is_not_asked() {
    let server = start(|asked| match asked.path.as_str() {
        "/.well-known/oauth-protected-resource" => ok(
            &json!({"resource": asked.url(), "authorization_servers": ["http://169.254.169.254"]}),
        ),
        _ => Reply::Usual,
    });
    assert_eq!(begin(&server).unwrap_err().kind(), "forbidden_address");
}

#[test]
fn tokens_that_are_wrong_are_not_taken() {
    let gives = |name: &'static str, value: Value| {
        move |asked: &Asked| {
            let mut said = tokens("first");
            said[name] = value.clone();
            let is_token = asked.path == "/oauth/token" && !claims(asked)["nonce"].is_null();
            if is_token { ok(&said) } else { Reply::Usual }
        }
    };
    for (name, value) in [
        ("token_type", json!("Bearer")),
        ("scope", json!("openid")),
        ("access_token", json!("two\r\nlines")),
        ("refresh_token", json!(null)),
    ] {
        let error = refusal(gives(name, value));
        assert_eq!(error.kind(), "bad_answer", "{error}");
    }
    // Of an account that nobody knows.
    refusal(gives("sub", json!("did:plc:aaaaaaaaaaaaaaaaaaaaaaaa")));
    refusal(gives("sub", json!("alice.test")));
}

#[test]
fn a_session_of_an_account_of_another_server_is_given_back() {
    let elsewhere = start(|_| Reply::Usual);
    let url = elsewhere.url.clone();
    let server = start(move |asked| match asked.path.as_str() {
        "/did:plc:abc123" => ok(&crate::scripted::document("did:plc:abc123", "alice.test", &url)),
        _ => Reply::Usual,
    });
    let pending = {
        let network = server.network();
        network.allow(&elsewhere.url).unwrap();
        atdata_atproto::oauth::begin(&network, &server.url, &["repo:com.example.note"], None)
            .unwrap()
    };
    come_back(&server, |state| format!("?code=the-code&state={state}&iss={}", server.url));
    let error = pending.wait(Duration::from_secs(5)).unwrap_err();
    assert!(matches!(error, Error::BadIdentity(_)), "{error}");
    let revoked = server.asked("/oauth/revoke");
    assert_eq!(form(&revoked[0])["token"], "first-refresh");
}

#[test]
fn who_does_not_know_the_state_changes_nothing() {
    let server = start(|_| Reply::Usual);
    let pending = begin(&server).unwrap();
    let address = form(server.asked("/oauth/par").last().unwrap())["redirect_uri"].clone();
    let strangers = thread::spawn(move || {
        ["favicon.ico", "?code=x&state=wrong", "?error=access_denied", "%00%ff"]
            .map(|target| visit(&address, target))
    });
    let issuer = server.url.clone();
    let other =
        come_back(&server, |state| format!("?code=evil&state={state}&iss=https://example.com"));
    let twice = come_back(&server, |state| {
        format!("?code=evil&code=the-code&state={state}&state=x&iss={issuer}")
    });
    let waiting = thread::spawn(move || pending.wait(Duration::from_secs(5)));
    for page in strangers.join().unwrap() {
        assert!(page.starts_with("HTTP/1.1 400"), "{page}");
    }
    assert!(other.join().unwrap().starts_with("HTTP/1.1 400"));
    assert!(twice.join().unwrap().starts_with("HTTP/1.1 400"));
    let good =
        come_back(&server, |state| format!("?code=the-code&state={state}&iss={}", server.url));
    assert!(good.join().unwrap().contains("You are logged in"));
    waiting.join().unwrap().unwrap();
}

#[test]
fn nobody_is_waited_for_for_ever() {
    let server = start(|_| Reply::Usual);
    let pending = begin(&server).unwrap();
    assert!(pending.poll(Duration::from_millis(1)).unwrap().is_none());
    let error = pending.wait(Duration::ZERO).unwrap_err();
    let expected = "nobody logged in within 0 s; begin the login again";
    assert!(error.to_string().ends_with(expected), "{error}");
}

/// A clock of ours that is an hour late: the server's time is in its answers.
#[test]
fn proofs_are_of_the_server_s_time() {
    let server = start(|asked| {
        let is_late = claims_at(asked).is_some_and(|at| at < now() + 3000);
        if !is_late {
            return Reply::Usual;
        }
        let said = json!({"error": "invalid_dpop_proof"}).to_string();
        Reply::Is(400, vec![("date", http_date(now() + 3600))], said.into())
    });
    log_in(&server).unwrap();
    assert_eq!(server.asked("/oauth/par").len(), 3);
}

fn claims_at(asked: &Asked) -> Option<u64> {
    asked.headers.get("dpop").map(|_| claims(asked)["iat"].as_u64().unwrap())
}

fn now() -> u64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

/// As it stands in a header; nobody looks at the day of the week.
fn http_date(at: u64) -> String {
    let (day, rest) = (at / 86_400, at % 86_400);
    let (mut year, mut left) = (1970, day);
    let length = |year: u64| if year.is_multiple_of(4) { 366 } else { 365 };
    while left >= length(year) {
        left -= length(year);
        year += 1;
    }
    let february = length(year) - 337;
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let names =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut month = 0;
    while left >= months[month] {
        left -= months[month];
        month += 1;
    }
    let (hours, minutes, seconds) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("Mon, {:02} {} {year} {hours:02}:{minutes:02}:{seconds:02} GMT", left + 1, names[month])
}
