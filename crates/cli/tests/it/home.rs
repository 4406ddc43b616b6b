//! A folder to run the program in, with data sets to work on.

use crate::program::{Run, atdata, done};
use atdata::{DictSample, Value, WriteOptions, write_samples};
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A home folder of its own, and a folder to work in.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("work")).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn work(&self, name: &str) -> PathBuf {
        self.folder.path().join("work").join(name)
    }

    /// Runs the program with no other variables than those given.
    pub(crate) fn run_with(&self, variables: &[(&str, &str)], args: &[&str]) -> Run {
        let mut command = atdata();
        command.env_clear().env("ATDATA_HOME", self.folder.path()).env("TERM", "xterm");
        command.envs(variables.iter().copied()).current_dir(self.folder.path().join("work"));
        done(command.args(args).output().unwrap())
    }

    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_with(&[], args)
    }

    /// A run that succeeds; its results.
    pub(crate) fn results(&self, args: &[&str]) -> String {
        let run = self.run(args);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
        run.stdout
    }

    pub(crate) fn json(&self, args: &[&str]) -> Json {
        serde_json::from_str(&self.results(args)).unwrap()
    }

    /// Shards of flowers, the second kind of which has a field more.
    pub(crate) fn write_flowers(&self, name: &str, petals: bool) {
        let flower = |i: i64| {
            let mut fields = vec![
                ("name", Value::Str(format!("flower {i}"))),
                ("height", if i == 3 { Value::Int(4) } else { Value::Float(i as f64 / 2.0) }),
                ("pixels", Value::Bytes(b"\x03|u1\x01\x02\0\0\0\0\0\0\0\x07\x08".to_vec())),
            ];
            if petals && i % 2 == 0 {
                fields.push(("petals", Value::Int(i)));
            }
            fields.into_iter().collect::<DictSample>()
        };
        let path = self.work(name).join("flowers.tar");
        fs::create_dir(self.work(name)).unwrap();
        let options = WriteOptions::new().max_count(6).key(|i, _| format!("f{i:03}"));
        write_samples((0..10).map(flower), path, options).unwrap();
    }

    /// What a run gave, as it looks in a terminal, without what differs from run to run.
    pub(crate) fn told(&self, args: &[&str]) -> String {
        let run = self.run(args);
        let text = format!(
            "$ atdata {}\n{}{}[{}]\n\n",
            args.join(" "),
            run.stderr,
            run.stdout,
            run.code.unwrap()
        );
        masked(&text, self.path())
    }
}

/// Text with the folder, times and CIDs replaced.
fn masked(text: &str, folder: &Path) -> String {
    let text = text.replace(folder.to_str().unwrap(), "HOME");
    let mask_line = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let next = words.iter().skip(1).chain([&""]);
        words.iter().zip(next).map(|(word, next)| mask(word, next)).collect::<Vec<_>>().join(" ")
    };
    text.lines().map(|line| narrow(&mask_line(line)) + "\n").collect()
}

/// The column of ages as wide as its heading, however old the files are.
fn narrow(line: &str) -> String {
    line.replace("   age  ", "  age  ").replace("   # s  ", "  # s  ")
}

/// A word, unless it is different in each run.
fn mask(word: &str, next: &str) -> String {
    let digits = word.replace(|c: char| c.is_ascii_digit(), "0");
    match digits.as_str() {
        "0000-00-00" | "00:00" => digits,
        _ if matches!(next, "ms" | "s") => "#".to_owned(),
        _ if word.starts_with("bafyrei") => "CID".to_owned(),
        _ => word.to_owned(),
    }
}
