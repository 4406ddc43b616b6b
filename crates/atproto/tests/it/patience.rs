//! What is asked again, when, and how often.

use crate::scripted::{DID, Reply, Scripted, ok, refused};
use atdata_atproto::transport::Request;
use atdata_atproto::{Error, Network};
use serde_json::json;
use std::time::{Duration, Instant};

fn busy(headers: Vec<(&'static str, String)>) -> Reply {
    let Reply::Is(status, _, body) = refused(429, "RateLimitExceeded", "Rate Limit Exceeded")
    else {
        unreachable!()
    };
    Reply::Is(status, headers, body)
}

fn ask(server: &Scripted) -> Result<serde_json::Value, Error> {
    server.network().xrpc(&server.url).query("com.example.ask", &[])
}

#[test]
fn a_storm_of_refusals_is_waited_out() {
    let server = Scripted::start(|asked| match asked.number {
        0 => busy(vec![("retry-after", "1".to_owned())]),
        1 => busy(vec![]),
        2 => busy(vec![("retry-after", "0".to_owned())]),
        _ => ok(&json!({"answered": true})),
    });
    let began = Instant::now();
    assert_eq!(ask(&server).unwrap()["answered"], true);
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.asked("ask").len(), 4);
}

#[test]
fn what_does_something_is_sent_again_after_a_refusal() {
    let server = Scripted::start(|asked| match asked.number {
        0 => busy(vec![]),
        _ => ok(&json!({"done": true})),
    });
    let network = server.network();
    let answer = network.xrpc(&server.url).procedure("com.example.do", &json!({})).unwrap();
    assert_eq!(answer["done"], true);
}

#[test]
fn times_that_make_no_sense_are_no_times() {
    let huge = u64::MAX.to_string();
    for reset in [huge.as_str(), "99999999999999999999999", "-1", "soon", ""] {
        let reset = reset.to_owned();
        let server = Scripted::start(move |_| {
            let budget =
                vec![("ratelimit-remaining", "0".into()), ("ratelimit-reset", reset.clone())];
            Reply::Is(200, budget, b"{}".to_vec())
        });
        let network = server.network();
        for _ in 0..2 {
            network.xrpc(&server.url).procedure("com.example.do", &json!({})).unwrap();
        }
    }
}

#[test]
fn a_wait_that_is_too_long_is_an_error_that_says_it() {
    let server = Scripted::start(|_| busy(vec![("retry-after", "200".to_owned())]));
    let error = ask(&server).unwrap_err();
    assert!(matches!(error, Error::RateLimited { wait, .. } if wait.as_secs() == 200), "{error}");
    assert_eq!(server.asked("ask").len(), 1);
}

#[test]
fn times_are_those_of_the_server_whose_clock_is_another() {
    let server = Scripted::start(|asked| match asked.number {
        // This clock is in 1994: 84111778 is one second after the date.
        0 => busy(vec![
            ("date", "Sun, 06 Nov 2044 08:49:37 GMT".to_owned()),
            ("ratelimit-reset", (2_362_034_977_u64 + 1).to_string()),
        ]),
        1 => busy(vec![
            ("date", "Sun, 06 Nov 2044 08:49:37 GMT".to_owned()),
            ("retry-after", "Sun, 06 Nov 2044 08:49:38 GMT".to_owned()),
        ]),
        _ => ok(&json!({})),
    });
    let began = Instant::now();
    ask(&server).unwrap();
    assert!(began.elapsed() >= Duration::from_secs(2), "{:?}", began.elapsed());
}

#[test]
fn a_budget_that_is_used_up_is_waited_for_before_the_next_write() {
    let server = Scripted::start(|_| {
        let budget = vec![("ratelimit-remaining", "0".into()), ("ratelimit-reset", "1".into())];
        Reply::Is(200, budget, b"{}".to_vec())
    });
    let network = server.network();
    let began = Instant::now();
    for _ in 0..2 {
        network.xrpc(&server.url).procedure("com.example.do", &json!({})).unwrap();
    }
    assert!(began.elapsed() >= Duration::from_secs(1));
}

#[test]
fn failures_of_a_server_are_tried_again_and_then_reported() {
    let server = Scripted::start(|asked| match asked.number {
        0 => refused(500, "InternalServerError", "oops"),
        1 => Reply::Reset,
        2 => Reply::Short(b"{\"a\"".to_vec(), 100),
        _ => ok(&json!({"answered": true})),
    });
    assert_eq!(ask(&server).unwrap()["answered"], true);

    let server = Scripted::start(|_| refused(503, "Down", "for\nnow\u{7}"));
    let error = ask(&server).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }));
    assert!(error.to_string().ends_with("503 Down for now; try again later"), "{error}");
    assert_eq!(server.asked("ask").len(), 5);
}

#[test]
fn what_does_something_is_not_sent_again_when_its_answer_is_lost() {
    let server = Scripted::start(|_| Reply::Reset);
    let network = server.network();
    let error = network.xrpc(&server.url).procedure("com.example.do", &json!({})).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert_eq!(server.asked("do").len(), 1);
}

#[test]
fn a_connection_that_was_closed_meanwhile_is_made_anew() {
    let server = Scripted::start(|_| Reply::Closing(json!({"done": true})));
    let network = server.network();
    for _ in 0..50 {
        let answer = network.xrpc(&server.url).procedure("com.example.do", &json!({})).unwrap();
        assert_eq!(answer["done"], true);
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_name_that_nobody_has_is_asked_for_once() {
    let network = Network::new(Default::default()).unwrap();
    let error = network.xrpc("https://nobody.invalid").query("com.example.ask", &[]).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("nobody.invalid"), "{error}");
}

#[test]
fn silence_ends() {
    let server = Scripted::start(|_| Reply::Silence(Duration::from_secs(5)));
    let mut config = server.config();
    config.patience.answer = Duration::from_millis(200);
    config.patience.tries = 2;
    let network = Network::new(config).unwrap();
    let error = network.xrpc(&server.url).query("com.example.ask", &[]).unwrap_err();
    assert!(error.to_string().contains("nothing came for 200ms"), "{error}");
    assert!(error.to_string().contains("tried 2 times"), "{error}");
}

#[test]
fn an_answer_without_an_end_is_cut() {
    let server = Scripted::start(|_| Reply::Endless);
    let error = ask(&server).unwrap_err();
    assert!(matches!(error, Error::BadAnswer { .. }), "{error}");
    assert!(error.to_string().contains("more than 8388608 bytes"), "{error}");
}

#[test]
fn a_document_that_is_too_large_is_refused_by_its_announcement() {
    let server = Scripted::start(|asked| match asked.path.as_str() {
        "/did:plc:abc123" => Reply::Short(vec![], 1 << 30),
        _ => Reply::Usual,
    });
    let error = server.network().identity(DID).unwrap_err();
    assert!(error.to_string().contains("more than 262144 bytes"), "{error}");
}

#[test]
fn words_of_a_server_are_one_short_line_without_tokens() {
    let words = format!("no\r\n\u{1b}[31m eyJhbGciOi.eyJzdWIi.sig {}", "long ".repeat(1000));
    let server = Scripted::start(move |_| refused(400, "Odd", &words));
    let error = ask(&server).unwrap_err().to_string();
    assert!(error.len() < 500 && !error.contains(char::is_control), "{error}");
    assert!(!error.contains("eyJ"), "{error}");
}

#[test]
fn the_transport_can_be_asked_directly() {
    let server = Scripted::start(|_| ok(&json!([1])));
    let answer = server.network().transport().send(&Request::get(server.url.as_str())).unwrap();
    assert_eq!(answer.bytes().unwrap(), b"[1]");
}
