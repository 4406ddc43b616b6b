//! Finds a data set's files and tells its splits apart by their names.
//!
//! ```
//! use atdata::load::split_of;
//! assert_eq!(split_of("data/train-000.tar"), "train");
//! assert_eq!(split_of("data/valid/000.tar"), "validation");
//! assert_eq!(split_of("data/strained-000.tar"), "train"); // by default, not by its name
//! ```

use crate::error::{Error, Result};
use crate::source::is_remote;
use atdata_format::pattern;
use std::fs;
use std::path::Path;

/// A split's name and its shards, in order.
pub type Split = (String, Vec<String>);

/// The splits that names can tell, in the order in which they are given.
const SPLITS: [&str; 3] = ["train", "validation", "test"];

/// The words that name a split, in the order in which they are looked for.
const WORDS: [(&str, &str); 9] = [
    ("train", "train"),
    ("training", "train"),
    ("test", "test"),
    ("testing", "test"),
    ("val", "validation"),
    ("valid", "validation"),
    ("validation", "validation"),
    ("dev", "validation"),
    ("development", "validation"),
];

/// The split that a file belongs to, by a whole word in its own name, else in its folder's; `train`
/// where there is none.
#[must_use]
pub fn split_of(file: &str) -> &'static str {
    // The name of a blob is a hash, which may happen to have such a word in it.
    if file.starts_with("at://") {
        return "train";
    }
    let mut parts = file.rsplit('/');
    let (name, folder) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    split_word(name).or_else(|| split_word(folder)).unwrap_or("train")
}

pub(crate) fn split_word(name: &str) -> Option<&'static str> {
    let separator = |c: char| matches!(c, '-' | '_' | '.') || c.is_ascii_digit();
    let name = name.to_lowercase();
    let has = |word: &str| name.split(separator).any(|part| part == word);
    WORDS.iter().find(|(word, _)| has(word)).map(|&(_, split)| split)
}

/// The files that a path means, by split: a file, a brace pattern, a glob, or a folder with its
/// split folders.
///
/// # Errors
/// [`Error::NotFound`] when a file is missing or nothing fits.
pub fn find(path: &str) -> Result<Vec<Split>> {
    find_ending(path, &[".tar"])
}

/// The same for files of other formats: in a folder, those whose names end in one of these.
pub(crate) fn find_ending(path: &str, endings: &[&str]) -> Result<Vec<Split>> {
    let files = files_of(path, endings)?;
    let mut splits: Vec<Split> = Vec::new();
    for file in files {
        add(&mut splits, split_of(&file), [file.clone()]);
    }
    // The order in which people name them, whatever the alphabet says.
    splits.sort_by_key(|(split, _)| SPLITS.iter().position(|known| known == split));
    Ok(splits)
}

/// The files of given patterns by split; patterns are relative to the folder `path`.
///
/// # Errors
/// As [`find`].
pub fn find_in(path: &str, data_files: &[(String, Vec<String>)]) -> Result<Vec<Split>> {
    let mut splits: Vec<Split> = Vec::new();
    for (split, patterns) in data_files {
        for pattern in patterns {
            let absolute = is_remote(pattern) || Path::new(pattern).is_absolute();
            let pattern = if absolute { pattern.clone() } else { join(path, pattern) };
            add(&mut splits, split, files_of(&pattern, &[".tar"])?);
        }
    }
    Ok(splits)
}

fn join(folder: &str, pattern: &str) -> String {
    let folder = folder.trim_end_matches('/');
    if folder.is_empty() || folder == "." {
        pattern.to_owned()
    } else {
        format!("{folder}/{pattern}")
    }
}

fn add(splits: &mut Vec<Split>, split: &str, files: impl IntoIterator<Item = String>) {
    match splits.iter_mut().find(|(name, _)| name == split) {
        Some((_, known)) => known.extend(files),
        None => splits.push((split.to_owned(), files.into_iter().collect())),
    }
}

fn files_of(path: &str, endings: &[&str]) -> Result<Vec<String>> {
    if is_remote(path) {
        return Ok(pattern::expand(path)?);
    }
    let path = path.strip_prefix("file://").unwrap_or(path);
    if Path::new(path).is_dir() {
        return in_folder(path, endings);
    }
    if Path::new(path).exists() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for name in pattern::expand(path)? {
        if name.contains(['*', '?', '[']) {
            files.extend(globbed(&name)?);
        } else if Path::new(&name).exists() {
            files.push(name);
        } else {
            return Err(not_found(path, &name));
        }
    }
    Ok(files)
}

fn not_found(path: &str, name: &str) -> Error {
    let pattern = if name == path { String::new() } else { format!(" (of the pattern {path})") };
    Error::NotFound(format!("{name}: no such file{pattern}"))
}

fn globbed(pattern: &str) -> Result<Vec<String>> {
    let bad = |error: glob::PatternError| Error::Invalid(format!("{pattern}: {error}"));
    let paths = glob::glob(pattern).map_err(bad)?.filter_map(std::result::Result::ok);
    let mut files: Vec<String> = paths
        .filter(|path| path.is_file() && !is_hidden(path))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    files.sort();
    if files.is_empty() {
        return Err(Error::NotFound(format!("{pattern}: no file fits this pattern")));
    }
    Ok(files)
}

/// The files of these endings in a folder and in its split folders.
fn in_folder(folder: &str, endings: &[&str]) -> Result<Vec<String>> {
    let (mut files, subfolders) = files_in(folder, endings)?;
    for subfolder in subfolders {
        if split_word(subfolder.rsplit('/').next().unwrap_or("")).is_some() {
            files.extend(files_in(&subfolder, endings)?.0);
        }
    }
    if files.is_empty() {
        let endings = endings.join(" or ");
        return Err(Error::NotFound(format!("{folder}: no {endings} files in this folder")));
    }
    Ok(files)
}

/// The files of these endings and the folders in a folder, each in the order of their names.
pub(crate) fn files_in(folder: &str, endings: &[&str]) -> Result<(Vec<String>, Vec<String>)> {
    let failed = |error| Error::io("read", Path::new(folder), error);
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.to_string_lossy().into_owned();
        if is_hidden(&path) || is_manifest(&name) {
            continue;
        } else if path.is_dir() {
            folders.push(name);
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            files.push(name);
        }
    }
    files.sort();
    folders.sort();
    Ok((files, folders))
}

/// Whether a file is no data of its own, but tells of the shard beside it.
fn is_manifest(file: &str) -> bool {
    let mut ends = [".manifest.json", ".manifest.parquet"].iter();
    let stem = ends.find_map(|end| file.strip_suffix(end));
    stem.is_some_and(|stem| Path::new(&format!("{stem}.tar")).is_file())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}
