//! Publishing, and reading what others have published, on two real servers of the AT Protocol.

use crate::home::Home;
use crate::program::{Run, assert_snapshot, atdata, done};
use crate::servers::{Server, start};
use serde_json::Value as Json;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The accounts, and on which server each is. Their passwords are `{name}-password`.
const ACCOUNTS: [(&str, usize); 6] =
    [("alice", 0), ("bobby", 1), ("carol", 0), ("david", 1), ("erika", 0), ("frank", 0)];

/// The network that the tests of this process share; none where it cannot run.
pub(crate) fn network() -> Option<&'static Server> {
    static NETWORK: OnceLock<Option<Server>> = OnceLock::new();
    let make = || {
        let account = |(name, pds)| format!("{name}.test:{name}-password@{pds}");
        let accounts: Vec<String> = ACCOUNTS.map(account).into();
        let options = accounts.iter().flat_map(|account| ["--account", account.as_str()]);
        start("atproto", &options.collect::<Vec<_>>())
    };
    NETWORK.get_or_init(make).as_ref()
}

/// Somebody's machine on that network.
pub(crate) struct Person {
    pub(crate) home: Home,
    variables: Vec<(String, String)>,
    /// The account, as the network tells of it.
    pub(crate) account: &'static Json,
}

impl Person {
    pub(crate) fn new(name: &str) -> Option<Self> {
        let about = &network()?.about;
        let handle = format!("{name}.test");
        let mut accounts = about["accounts"].as_array().unwrap().iter();
        let account = accounts.find(|account| account["handle"] == handle.as_str()).unwrap();
        let variables = about["environment"].as_object().unwrap().iter();
        let text = |value: &Json| value.as_str().unwrap().to_owned();
        let variables = variables.map(|(name, value)| (name.clone(), text(value))).collect();
        Some(Self { home: Home::new(), variables, account })
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = atdata();
        command.env_clear().env("ATDATA_HOME", self.home.path()).env("TERM", "xterm");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.home.path().join("work"));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        done(self.command().args(args).output().unwrap())
    }

    /// A run with something on its stdin.
    pub(crate) fn run_with(&self, input: &str, args: &[&str]) -> Run {
        let mut command = self.command();
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        done(process.wait_with_output().unwrap())
    }

    /// A run that succeeds; its results.
    pub(crate) fn results(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}: {}", run.stdout);
        run.stdout
    }

    pub(crate) fn json(&self, args: &[&str]) -> Json {
        serde_json::from_str(&self.results(args)).unwrap()
    }

    pub(crate) fn said(&self, key: &str) -> &str {
        self.account[key].as_str().unwrap()
    }

    pub(crate) fn log_in(&self) {
        let password = self.said("app_password").to_owned() + "\n";
        let run = self.run_with(&password, &["login", "--app-password", self.said("handle")]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }

    pub(crate) fn session(&self) -> PathBuf {
        self.home.path().join("session.json")
    }

    fn told(&self, args: &[&str]) -> String {
        let run = self.run(args);
        let (args, code) = (args.join(" "), run.code.unwrap());
        masked(&format!("$ atdata {args}\n{}{}[{code}]\n\n", run.stderr, run.stdout), self)
    }
}

/// Text without what differs from run to run.
fn masked(text: &str, person: &Person) -> String {
    let about = &network().unwrap().about;
    let mut text = text.replace(person.home.path().to_str().unwrap(), "HOME");
    for (number, url) in about["pds"].as_array().unwrap().iter().enumerate() {
        text = text.replace(url.as_str().unwrap(), &format!("https://pds{number}.test"));
    }
    text = text.replace(about["resolver"].as_str().unwrap(), "https://resolver.test");
    for account in about["accounts"].as_array().unwrap() {
        let name = account["handle"].as_str().unwrap().trim_end_matches(".test");
        text = text.replace(account["did"].as_str().unwrap(), &format!("did:plc:{name}"));
    }
    let lines = text.lines().map(|line| line.split(' ').map(mask).collect::<Vec<_>>().join(" "));
    lines.map(|line| line + "\n").collect()
}

/// A word with its CID, its record's key, or its time replaced.
fn mask(word: &str) -> String {
    let digits = word.replace(|c: char| c.is_ascii_digit(), "0");
    if digits == "0000-00-00" || digits == "00:00" {
        return digits;
    }
    let part = |part: &str| match part {
        cid if cid.len() == 59 && cid.starts_with("baf") => "CID".to_owned(),
        key if key.len() == 13 && !key.contains(':') && word.starts_with("at://") => {
            "KEY".to_owned()
        }
        other => other.to_owned(),
    };
    word.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[test]
fn a_walk_through_the_words_of_federation() {
    let Some(alice) = Person::new("alice") else { return };
    let Some(bobby) = Person::new("bobby") else { return };
    alice.home.write_flowers("one", false);
    alice.home.write_flowers("two", true);
    let password = alice.said("app_password");
    let in_words = ["login", "--app-password", "@alice.test"];
    let run = alice.run_with(password, &in_words);
    let mut told = masked(&(run.stderr + &run.stdout), &alice);
    let of_alice: &[&[&str]] = &[
        &["whoami"],
        &["ls", "@alice.test"],
        &["publish", "--name", "flowers", "--tag", "garden", "one"],
        &["publish", "--name", "flowers", "--tag", "garden", "one"],
        &["publish", "--name", "flowers", "--license", "MIT", "two"],
        &["push", "one", "shared"],
        &["promote", "shared", "--description", "Of the index.", "--lexicons", "science.alt"],
    ];
    let of_bobby: &[&[&str]] = &[
        &["ls", "@alice.test"],
        &["ls", "@alice.test/flowers"],
        &["ls", "--keys", "@alice.test/flowers"],
        &["inspect", "@alice.test/flowers"],
        &["head", "-n1", "@alice.test/flowers"],
        &["cat", "@alice.test/flowers", "f003", "--field", "height"],
        &["verify", "@alice.test/flowers"],
        &["verify", "@alice.test/shared"],
        &["schema", "show", "atdata://alice.test/sampleSchema/Flowers"],
        &["schema", "show", "atdata://alice.test/sampleSchema/Flowers@1.0.0"],
        &["pull", "@alice.test/flowers"],
        &["pull", "@alice.test/flowers"],
        &["pull", "@alice.test/flowers", "--name", "mine"],
        &["pull", "@alice.test/flowers", "--name", "far", "--urls"],
        &["ls"],
        &["verify", "@local/far"],
    ];
    told += &of_alice.iter().map(|args| alice.told(args)).collect::<String>();
    told += &of_bobby.iter().map(|args| bobby.told(args)).collect::<String>();
    told += &alice.told(&["logout"]);
    assert_snapshot("network_walk", &told);
}

#[test]
fn what_is_published_is_what_comes_back() {
    let Some(erika) = Person::new("erika") else { return };
    let Some(reader) = Person::new("bobby") else { return };
    erika.log_in();
    erika.home.write_flowers("one", false);
    let published = erika.json(&["publish", "--json", "--name", "flowers", "one"]);
    let uri = published["uri"].as_str().unwrap();
    assert_eq!((&published["samples"], &published["storage"]), (&10.into(), &"blobs".into()));
    let pulled = reader.json(&["pull", "--json", uri, "copy"]);
    for (number, shard) in pulled["shards"].as_array().unwrap().iter().enumerate() {
        assert_eq!(shard["checked"], true);
        let copy = fs::read(reader.home.work(shard["path"].as_str().unwrap())).unwrap();
        let first = erika.home.work(&format!("one/flowers-{number:06}.tar"));
        assert_eq!(copy, fs::read(first).unwrap());
    }
    let listed = reader.json(&["ls", "--json", "@erika.test"])["datasets"][0].clone();
    let inspected = reader.json(&["inspect", "--json", "@erika.test/flowers"]);
    for key in ["uri", "cid", "content_cid", "schema", "schema_cid", "type", "urls", "bytes"] {
        assert_eq!((&published[key], &published[key]), (&listed[key], &inspected[key]), "{key}");
    }
    assert_eq!(inspected["fields"][0]["name"], "name");
    let verified = reader.json(&["verify", "--json", "@erika.test/flowers"]);
    assert!(verified["ok"] == true && verified["record"][1]["state"] == "right", "{verified}");
    let help = erika.results(&["publish", "--help"]);
    for key in published.as_object().unwrap().keys() {
        assert!(help.contains(key), "{key}");
    }
}

/// The file that a server keeps a blob in.
fn blob_file(folder: &Path, cid: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found = entries.filter_map(|path| match path.is_dir() {
        true => blob_file(&path, cid),
        false => path.ends_with(cid).then_some(path),
    });
    found.into_iter().next()
}

#[test]
fn a_blob_that_was_tampered_with_is_refused() {
    let Some(frank) = Person::new("frank") else { return };
    frank.log_in();
    frank.home.write_flowers("one", false);
    let published = frank.json(&["publish", "--json", "--name", "flowers", "one"]);
    let cid = published["urls"][1].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let folder = Path::new(network().unwrap().about["folder"].as_str().unwrap());
    let file = blob_file(folder, &cid).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let at = bytes.windows(8).position(|part| part == b"flower 6").unwrap();
    bytes[at] = b'F';
    fs::write(&file, bytes).unwrap();
    let run = frank.run(&["verify", "@frank.test/flowers"]);
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("1 of 2 hashes right") && run.stdout.contains(&cid));
    for args in [
        &["pull", "@frank.test/flowers", "copy"][..],
        &["pull", "@frank.test/flowers", "--name", "mine"],
        &["head", "-n20", "@frank.test/flowers"],
    ] {
        let run = frank.run(args);
        assert!(run.code == Some(4) && run.stderr.contains(&cid), "{args:?}: {}", run.stderr);
    }
    assert!(frank.results(&["ls"]).starts_with("no data sets in "));
}

#[test]
fn a_login_in_a_browser_gives_a_session_that_publishes() {
    let Some(carol) = Person::new("carol") else { return };
    carol.home.write_flowers("one", false);
    let mut command = carol.command();
    command.args(["login", "--no-browser", "--json", "carol.test"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut login = command.spawn().unwrap();
    let page = page_of(login.stderr.take().unwrap());
    let browser = browse(&page, "carol.test", "carol-password");
    assert!(browser.contains("\"status\":200"), "{browser}");
    let session: Json = serde_json::from_slice(&login.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!((&session["kind"], &session["handle"]), (&"browser".into(), &"carol.test".into()));
    for lexicons in ["ac.foundation", "science.alt"] {
        let args = ["publish", "--json", "--name", lexicons, "--lexicons", lexicons, "one"];
        assert_eq!(carol.json(&args)["shards"], 2);
    }
    assert_eq!(carol.json(&["whoami", "--json"])["ended"], false);
    carol.results(&["logout"]);
    assert!(!carol.session().exists());
}

/// The address that somebody is asked to open.
fn page_of(stderr: impl std::io::Read) -> String {
    use std::io::{BufRead, BufReader};
    let lines = BufReader::new(stderr).lines().map(Result::unwrap);
    lines.map(|line| line.trim().to_owned()).find(|line| line.starts_with("http")).unwrap()
}

/// Plays the browser, and who sits in front of it.
fn browse(page: &str, handle: &str, password: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut finder = Command::new("python3");
    finder.args(["-c", "import serve_atproto; print(serve_atproto.node())"]);
    let node = finder.current_dir(root.join("scripts")).output().unwrap().stdout;
    let node = String::from_utf8(node).unwrap();
    let script = root.join("scripts/atproto/oauth-headless.mjs");
    let output = Command::new(node.trim()).arg(script).args([page, handle, password]).output();
    String::from_utf8(output.unwrap().stdout).unwrap()
}
