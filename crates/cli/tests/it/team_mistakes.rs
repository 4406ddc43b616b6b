//! Mistakes with names, servers and schemas: one line that says what is wrong, and no secret.

use crate::home::Home;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

/// What each mistake leads to: the code, and words of the error.
const MISTAKES: &[(&[&str], i32, &str)] = &[
    (&["push", "one"], 2, "required"),
    (&["push", "nothing.tar", "name"], 3, "nothing.tar: no such file"),
    (&["push", "one", "two.tar"], 2, "the last word is the name"),
    (&["push", "one", ""], 2, "it is empty"),
    (&["push", "one", "a/../b"], 2, "`..`"),
    (&["push", "one", "a\nb"], 2, "control character"),
    (&["push", "--prefix", "../..", "one", "name"], 2, "`..`"),
    (&["push", "--type-name", "a/b", "one", "name"], 2, "hint: letters"),
    (&["push", "--schema", "Nothing", "one", "name"], 3, "hint: atdata schema ls"),
    (&["push", "--schema", "nothing.json", "one", "name"], 3, "no such file"),
    (&["push", "--schema", "A@1", "one", "name"], 2, "expected one like 1.0.0"),
    (&["push", "--schema", "broken.json", "one", "name"], 4, "broken.json: it is no JSON"),
    (&["pull", "nothing"], 3, "hint: "),
    (&["pull", "flowers", "broken.json"], 5, "cannot make broken.json"),
    (&["rm", "flowers"], 2, "hint: --yes removes without asking"),
    (&["rm", "--yes", "nothing"], 3, "no dataset"),
    (&["rm", "--yes", "flowers@1.0"], 3, "hint: atdata history flowers"),
    (&["history", "flower"], 3, "hint: did you mean @local/flowers?"),
    (&["head", "@local/flowerz"], 3, "hint: did you mean @local/flowers?"),
    (&["ls", "--keys"], 2, "--keys needs a target"),
    (&["reindex", "@local/flowers"], 2, "hint: atdata verify @local/flowers"),
    (&["gc", "--grace", "tomorrow"], 2, "such as 24h"),
    (&["schema"], 2, "Usage"),
    (&["schema", "show", "Nothing@1.0.0"], 3, "nothing is published as Nothing"),
    (&["schema", "show", "Flowers@7.0.0"], 3, "published are 1.0.0"),
    (&["schema", "diff", "Flowers"], 2, "required"),
    (&["schema", "publish", "--version", "one", "schema.json"], 2, "expected one like 1.0.0"),
    (&["schema", "publish", "empty.json"], 4, "empty.json: a schema needs a list of fields"),
    (&["search"], 2, "nothing to search for"),
    (&["ls", "--index", "ftp://host/x"], 2, "no index can be there"),
    (&["ls", "--index", "redis:host"], 2, "lacks its ://"),
    (&["gc", "--store", "ftp://host/x"], 2, "no store can be there"),
    (&["ls", "--index", "redis://127.0.0.1:1"], 5, "cannot reach redis://127.0.0.1:1"),
    (&["doctor", "extra"], 2, "unexpected argument"),
];

#[test]
fn mistakes_are_told() {
    let home = Home::new();
    home.write_flowers("one", false);
    home.results(&["push", "one", "flowers"]);
    fs::write(home.work("broken.json"), "{").unwrap();
    fs::write(home.work("empty.json"), "{\"name\": \"A\"}").unwrap();
    let shown = home.results(&["schema", "show", "--json", "Flowers"]);
    fs::write(home.work("schema.json"), shown).unwrap();
    let before = home.results(&["ls", "--json"]);
    for (args, code, words) in MISTAKES {
        let run = home.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(*code), ""), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{args:?}: {}", run.stderr);
    }
    assert_eq!(home.results(&["ls", "--json"]), before);
}

#[test]
fn an_index_that_is_none_is_told() {
    let home = Home::new();
    fs::write(home.work("x.db"), "no database, but long enough to look like one".repeat(100))
        .unwrap();
    let run = home.run(&["ls", "--index", "x.db"]);
    assert!(run.code == Some(4) && run.stderr.contains("x.db"), "{:?} {}", run.code, run.stderr);
    let run = home.run(&["doctor", "--index", "x.db"]);
    assert!(run.code == Some(1) && run.stdout.contains("index  failed"), "{}", run.stdout);
}

#[test]
fn no_secret_is_ever_shown() {
    let secret = "hunter2-Secret";
    let home = Home::new();
    home.write_flowers("one", false);
    let indexes = [
        format!("redis://:{secret}@127.0.0.1:1/0"),
        format!("rediss://user:{secret}@127.0.0.1:1"),
        format!("redis+cluster://:{secret}@127.0.0.1:1"),
        format!("redis://:{secret}@a host:x/0"),
        format!("redis//:{secret}@host"),
        format!("postgres://user:{secret}@127.0.0.1:1/db"),
        format!("postgres://user@127.0.0.1:1/db?password={secret}"),
        format!("mysql://user:{secret}@127.0.0.1/db"),
    ];
    let words: [&[&str]; 8] = [
        &["ls"],
        &["push", "one", "flowers"],
        &["head", "@local/flowers"],
        &["history", "--json", "flowers"],
        &["schema", "ls"],
        &["gc"],
        &["doctor"],
        &["doctor", "--json"],
    ];
    for index in &indexes {
        for args in words {
            let given = [args, &["--index", index]].concat();
            let variables = [("AWS_SECRET_ACCESS_KEY", secret), ("PGPASSWORD", secret)];
            let by_option = home.run_with(&variables, &given);
            let by_variable = home.run_with(&[("ATDATA_INDEX", index.as_str())], args);
            for run in [by_option, by_variable] {
                assert_ne!(run.code, Some(0), "{args:?}");
                let told = run.stdout + &run.stderr;
                assert!(!told.contains(secret) && !told.is_empty(), "{args:?}: {told}");
            }
        }
    }
    let store = format!("https://user:{secret}@127.0.0.1:1/x?sig={secret}");
    let run = home.run(&["gc", "--store", &store]);
    assert!(run.code == Some(2) && !run.stderr.contains(secret), "{}", run.stderr);
}

/// A web server of one file, with nothing beside it.
fn serve(body: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let found = request.contains("/a.tar?");
            let (status, body) = if found { ("200 OK", &body[..]) } else { ("404 None", &[][..]) };
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close");
            let _ = stream.write_all(format!("{head}\r\n\r\n").as_bytes());
            if !request.starts_with("HEAD") {
                let _ = stream.write_all(body);
            }
        }
    });
    port
}

#[test]
fn signed_addresses_are_shown_without_their_secrets() {
    let home = Home::new();
    home.write_flowers("one", false);
    let shard = fs::read(home.work("one/flowers-000000.tar")).unwrap();
    for (body, codes) in [(shard, [0, 3]), (b"no tar".repeat(200), [4, 1])] {
        let url = format!("http://user:hunter2@127.0.0.1:{}/a.tar?sig=hunter2", serve(body));
        for word in ["inspect", "head", "verify", "ls", "cat"] {
            for json in [&[][..], &["--json"]] {
                let key: &[&str] = if word == "cat" { &["no-such-key"] } else { &[] };
                let run = home.run(&[&[word, url.as_str()], key, json].concat());
                assert!(
                    codes.contains(&run.code.unwrap()),
                    "{word}: {:?} {}",
                    run.code,
                    run.stderr
                );
                let told = run.stdout + &run.stderr;
                assert!(!told.contains("hunter2"), "{word} {json:?}: {told}");
            }
        }
    }
}
