//! What goes wrong with accounts and published data: told in one line, and no secret with it.

use crate::network::Person;
use std::fs;

const MISTAKES: &[(&[&str], i32, &str)] = &[
    (&["publish", "--name", "x", "one"], 5, "nobody is logged in\nhint: atdata login HANDLE"),
    (&["whoami"], 5, "nobody is logged in"),
    (&["logout"], 5, "nobody is logged in"),
    (
        &["login", "--app-password"],
        2,
        "hint: atdata login alice.example.com, or set ATPROTO_HANDLE",
    ),
    (&["login", "no-domain"], 2, "is not a handle"),
    (&["login", "nobody.test"], 3, "no account has this handle"),
    (&["login", "--app-password", "--no-browser", "a.test"], 2, "cannot be used with"),
    (&["publish", "one"], 2, "--name <NAME>"),
    (&["publish", "--name", "@local/x", "one"], 2, "without @local/"),
    (&["publish", "--name", "x", "--lexicons", "org.other", "one"], 2, "possible values"),
    (&["publish", "--name", "x", "--type-name", "a b", "one"], 2, "cannot be a type's name"),
    (&["promote", "nothing"], 3, "no dataset is called 'nothing'"),
    (&["promote", "x", "--blobs", "--to", "s3://x"], 2, "cannot be used with"),
    (&["pull", "@local/x", "--name", "y"], 2, "--name is for published data sets"),
    (&["pull", "@alice.test/x", "--urls"], 2, "--name <NAME>"),
    (&["head", "@david.test"], 2, "hint: atdata ls @david.test lists"),
    (&["head", "@david.test/nothing"], 3, "hint: @david.test has published no data set"),
    (&["head", "@nobody.test/x"], 3, "no account has this handle"),
    (&["ls", "@nobody.test"], 3, "no account has this handle"),
    (&["inspect", "@locla/x"], 2, "hint: a data set of the index is @local/NAME"),
    (&["inspect", "at://did:plc:x/y/z"], 2, "is not the address of a record"),
    (&["schema", "show", "at://did:plc:x/y/z"], 2, "is not the address of a record"),
    (&["schema", "show", "atdata://david.test/sampleSchema/X"], 3, "no schema 'X'"),
];

#[test]
fn mistakes_are_told() {
    let Some(david) = Person::new("david") else { return };
    david.home.write_flowers("one", false);
    for (args, code, words) in MISTAKES {
        let run = david.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (Some(*code), ""), "{args:?}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn addresses_that_others_cannot_read_are_refused() {
    let Some(david) = Person::new("david") else { return };
    david.log_in();
    david.home.write_flowers("one", false);
    let run = david.run(&["publish", "--urls", "--name", "x", "one"]);
    assert!(run.code == Some(2) && run.stderr.contains("is on this machine"), "{}", run.stderr);
    david.results(&["push", "one", "here"]);
    let run = david.run(&["promote", "here", "--to", "folder"]);
    assert!(run.code == Some(2) && run.stderr.contains("is on this machine"), "{}", run.stderr);
    let run = david.run(&["publish", "--urls", "--name", "x", "s3://bucket/a.tar"]);
    assert!(run.code == Some(2) && run.stderr.contains("--allow-unreadable"), "{}", run.stderr);
    assert!(run.stderr.contains("only where its bucket is public"), "{}", run.stderr);
    for secret in ["https://me:hunter2@host.test/a.tar", "https://host.test/a.tar?sig=hunter2"] {
        let args = ["publish", "--urls", "--allow-unreadable", "--name", "x", secret];
        let run = david.run(&args);
        assert!(
            run.code == Some(2) && run.stderr.contains("password or a signature"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    }
}

#[test]
fn passwords_and_tokens_are_never_shown() {
    let Some(david) = Person::new("david") else { return };
    let secret = "hunter2-hunter2";
    let wrong = david.run_with(secret, &["login", "--app-password", "david.test"]);
    assert_eq!(wrong.code, Some(5), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains(secret) && wrong.stderr.contains("hint: an app password"));
    assert!(!david.session().exists());
    let empty = david.run_with("\n", &["login", "--app-password", "david.test"]);
    assert!(empty.code == Some(2) && empty.stderr.contains("no app password"), "{}", empty.stderr);
    let mut command = david.command();
    command.env("ATPROTO_HANDLE", "david.test").env("ATPROTO_APP_PASSWORD", secret);
    let run = crate::program::done(command.args(["login", "--app-password"]).output().unwrap());
    assert!(run.code == Some(5) && !run.stderr.contains(secret), "{}", run.stderr);

    david.log_in();
    let session = fs::read_to_string(david.session()).unwrap();
    let session: serde_json::Value = serde_json::from_str(&session).unwrap();
    let tokens = session["tokens"].as_object().unwrap().values();
    let tokens: Vec<&str> = tokens.filter_map(serde_json::Value::as_str).collect();
    for args in [&["whoami"][..], &["whoami", "--json"], &["ls", "@david.test"], &["doctor"]] {
        let run = david.run(args);
        let told = run.stdout + &run.stderr;
        assert!(!tokens.iter().any(|token| told.contains(token)), "{args:?}: {told}");
    }
}

#[test]
#[cfg(unix)]
fn a_session_is_for_its_owner_and_may_be_broken() {
    use std::os::unix::fs::PermissionsExt;
    let Some(david) = Person::new("david") else { return };
    david.log_in();
    let mode = || fs::metadata(david.session()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    fs::set_permissions(david.session(), fs::Permissions::from_mode(0o644)).unwrap();
    let run = david.run(&["whoami"]);
    assert!(run.code == Some(5) && run.stderr.contains("others can read this"), "{}", run.stderr);
    fs::set_permissions(david.session(), fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(david.session(), "{\"kind\": \"password\"}").unwrap();
    let run = david.run(&["whoami"]);
    assert!(run.code == Some(2) && run.stderr.contains("log out and in again"), "{}", run.stderr);
    // What can be read by all is read all the same.
    assert_eq!(david.run(&["ls", "@david.test"]).code, Some(0));
    let run = david.run(&["logout"]);
    assert!(run.code == Some(0) && !david.session().exists(), "{}", run.stderr);
}

#[test]
fn a_session_that_has_ended_says_so() {
    let Some(david) = Person::new("david") else { return };
    david.log_in();
    let session = fs::read_to_string(david.session()).unwrap();
    david.results(&["logout"]);
    // Its tokens are no longer renewed.
    let mut session: serde_json::Value = serde_json::from_str(&session).unwrap();
    session["tokens"]["obtained"] = 0.into();
    fs::write(david.session(), session.to_string()).unwrap();
    only_for_its_owner(&david);
    david.home.write_flowers("one", false);
    let run = david.run(&["whoami"]);
    assert!(run.code == Some(5) && run.stdout.starts_with("@david.test\n"), "{}", run.stdout);
    assert!(
        run.stderr.contains("has ended") && run.stderr.contains("hint: atdata login david.test")
    );
    let run = david.run(&["publish", "--name", "x", "one"]);
    assert!(run.code == Some(5) && run.stderr.contains("log in again"), "{}", run.stderr);
}

#[test]
fn a_session_that_is_renewed_is_kept() {
    let Some(david) = Person::new("david") else { return };
    david.log_in();
    let read = || fs::read_to_string(david.session()).unwrap();
    let mut session: serde_json::Value = serde_json::from_str(&read()).unwrap();
    session["tokens"]["obtained"] = 0.into();
    fs::write(david.session(), session.to_string()).unwrap();
    only_for_its_owner(&david);
    david.results(&["whoami"]);
    let renewed: serde_json::Value = serde_json::from_str(&read()).unwrap();
    assert_ne!(renewed["tokens"], session["tokens"]);
    david.results(&["whoami"]);
}

fn only_for_its_owner(person: &Person) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(person.session(), fs::Permissions::from_mode(0o600)).unwrap();
    }
}
