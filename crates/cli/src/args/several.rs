//! Several files where one target is meant, as a shell makes of a glob without quotes.

use crate::error::Failure;
use std::path::Path;

/// The target, or the brace pattern of the files.
pub(super) fn one_of(mut targets: Vec<String>) -> Result<String, Failure> {
    if targets.len() > 1 {
        targets.iter().try_for_each(|target| check(target))?;
        return Ok(pattern_of(&targets));
    }
    let target = targets.pop().unwrap_or_default();
    if target.is_empty() {
        return Err(Failure::usage("the target is empty").hint("use . for this folder"));
    }
    Ok(target)
}

fn check(target: &str) -> Result<(), Failure> {
    if Path::new(target).is_file() && !target.contains(['{', '}', ',', '*', '?', '[']) {
        return Ok(());
    }
    let hint = "of several targets each is a file; anything else stands alone, a pattern in quotes";
    Err(Failure::usage(format!("{target}: this is not the plain name of a file")).hint(hint))
}

/// A brace pattern for just these names: what they share, and in braces what they do not.
fn pattern_of(files: &[String]) -> String {
    let first = files.first().map_or("", String::as_str);
    let start = files.iter().fold(first, |start, file| shared(start, file).0);
    let rests: Vec<_> = files.iter().filter_map(|file| file.strip_prefix(start)).collect();
    let last = rests.first().copied().unwrap_or_default();
    let end = rests.iter().fold(last, |end, rest| shared(end, rest).1);
    let middles: Vec<_> = rests.iter().filter_map(|rest| rest.strip_suffix(end)).collect();
    format!("{start}{{{}}}{end}", middles.join(","))
}

/// How two texts begin alike, and how they end.
fn shared<'a>(one: &'a str, other: &str) -> (&'a str, &'a str) {
    let same = |&(a, b): &(char, char)| a == b;
    let length = |(a, _): (char, char)| a.len_utf8();
    let start: usize = one.chars().zip(other.chars()).take_while(same).map(length).sum();
    let end: usize = one.chars().rev().zip(other.chars().rev()).take_while(same).map(length).sum();
    (one.get(..start).unwrap_or(one), one.get(one.len() - end..).unwrap_or(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_gives_the_files_back() {
        for files in [
            vec!["data-000000.tar", "data-000001.tar", "data-000010.tar"],
            vec!["a.tar", "ab.tar"],
            vec!["x/a.tar", "y/b"],
            vec!["é1.tar", "è1.tar"],
            vec!["aa", "a"],
        ] {
            let files: Vec<String> = files.into_iter().map(str::to_owned).collect();
            let pattern = pattern_of(&files);
            let expanded = atdata::format::pattern::expand(&pattern).unwrap();
            assert_eq!(expanded, files, "{pattern}");
        }
    }
}
