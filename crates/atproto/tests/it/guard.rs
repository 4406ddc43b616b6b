//! What is never reached, however it is asked for.

use crate::scripted::{DID, HANDLE, Reply, Scripted, document, ok};
use atdata_atproto::config::NetworkConfig;
use atdata_atproto::transport::Request;
use atdata_atproto::{Error, Network, Nsid};
use serde_json::json;

/// A server that nobody named in a configuration, and its port.
fn hidden() -> (Scripted, u16) {
    let server = Scripted::start(|_| ok(&json!({"secret": 1})));
    let port = server.url.rsplit(':').next().unwrap().parse().unwrap();
    (server, port)
}

fn get(config: NetworkConfig, url: &str) -> Result<u16, Error> {
    let network = Network::new(config).unwrap();
    network.transport().send(&Request::get(url)).map(|answer| answer.status)
}

#[test]
fn private_addresses_are_refused_in_every_spelling() {
    let (server, port) = hidden();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0.0.0.0",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.0.1",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "LOCALHOST",
    ] {
        for scheme in ["https", "http"] {
            let url = format!("{scheme}://{host}:{port}/x?secret=1");
            let error = get(NetworkConfig::default(), &url).unwrap_err();
            let text = error.to_string();
            assert!(matches!(error, Error::Forbidden { .. }), "{url}: {text}");
            assert!(text.contains("ATDATA_ALLOW_PRIVATE") && !text.contains("secret"), "{text}");
        }
    }
    assert!(server.asked("").is_empty());
}

#[test]
fn names_that_lead_to_private_addresses_are_refused() {
    let error = get(NetworkConfig::default(), "https://localhost/").unwrap_err();
    assert!(error.to_string().contains("at the private address"), "{error}");
    assert!(error.to_string().contains("ATDATA_ALLOW_PRIVATE=localhost:443"), "{error}");
}

#[test]
fn plain_http_and_names_of_users_are_refused() {
    for url in ["http://example.com/", "https://user:pass@example.com/"] {
        let error = get(NetworkConfig::default(), url).unwrap_err();
        assert!(matches!(error, Error::Forbidden { .. }), "{error}");
        assert!(!error.to_string().contains("pass"), "{error}");
    }
    assert!(matches!(get(NetworkConfig::default(), "file:///etc/passwd"), Err(Error::Syntax(_))));
}

#[test]
fn what_the_configuration_names_is_reached() {
    let (server, port) = hidden();
    let allowing = |hosts: &[&str]| NetworkConfig {
        allow_private: hosts.iter().map(ToString::to_string).collect(),
        ..NetworkConfig::default()
    };
    let exact = format!("127.0.0.1:{port}");
    for host in ["loopback", "127.0.0.1", exact.as_str()] {
        assert_eq!(get(allowing(&[host]), &server.url).unwrap(), 200, "{host}");
    }
    let by_name = format!("http://localhost:{port}/");
    assert_eq!(get(allowing(&["loopback"]), &by_name).unwrap(), 200);
    assert!(get(allowing(&["localhost:1", "127.0.0.1:1"]), &server.url).is_err());
    assert!(get(allowing(&["loopback"]), "http://10.0.0.1/").is_err());
    let named = NetworkConfig { service: Some(server.url.clone()), ..NetworkConfig::default() };
    assert_eq!(get(named, &server.url).unwrap(), 200);
    assert!(Network::new(allowing(&["not a host"])).is_err());
}

#[test]
fn a_redirect_to_a_private_address_is_refused() {
    let (hidden, port) = hidden();
    for target in [
        format!("http://127.0.0.1:{port}/"),
        "http://169.254.169.254/latest".to_owned(),
        format!("https://localhost:{port}/"),
    ] {
        let server =
            Scripted::start(move |_| Reply::Is(302, vec![("location", target.clone())], vec![]));
        let error = get(server.config(), &server.url).unwrap_err();
        assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    }
    assert!(hidden.asked("").is_empty());
}

#[test]
fn redirects_are_followed_five_times_and_without_credentials() {
    let target = Scripted::start(|asked| ok(&json!({"auth": asked.headers.get("authorization")})));
    let to = target.url.clone();
    let server = Scripted::start(move |asked| {
        let next = if asked.path == "/away" { to.clone() } else { format!("/again{}", asked.path) };
        Reply::Is(307, vec![("location", next)], vec![])
    });
    let config =
        NetworkConfig { allow_private: vec!["loopback".to_owned()], ..NetworkConfig::default() };
    let network = Network::new(config).unwrap();
    let send = |path: &str| {
        let request = Request::get(format!("{}{path}", server.url));
        network.transport().send(&request.header("authorization", "Bearer secret"))
    };
    let away = send("/away").unwrap().bytes().unwrap();
    assert_eq!(String::from_utf8(away).unwrap(), r#"{"auth":null}"#);
    let error = send("/x").unwrap_err();
    assert!(error.to_string().contains("redirects more than 5 times"), "{error}");
    assert_eq!(server.asked("/x").len(), 6);
    assert!(server.asked("/x").iter().all(|asked| asked.headers.contains_key("authorization")));
}

#[test]
fn a_document_that_points_to_a_private_server_leads_nowhere() {
    let (hidden, port) = hidden();
    let mut servers = vec!["http://169.254.169.254".to_owned(), "https://10.1.2.3".to_owned()];
    servers.extend([format!("http://127.0.0.1:{port}"), format!("https://localhost:{port}")]);
    for pds in servers {
        let server = Scripted::start(move |asked| match asked.path.as_str() {
            "/did:plc:abc123" => ok(&document(DID, HANDLE, &pds)),
            _ => Reply::Usual,
        });
        let repo = server.network().repo(DID).unwrap();
        let error = repo.page(&Nsid::parse("com.example.note").unwrap(), 1, None, false);
        let error = error.unwrap_err();
        assert!(matches!(error, Error::Forbidden { .. }), "{error}");
    }
    assert!(hidden.asked("").is_empty());
}
