//! What there is to do about an error.

use crate::team::LOCAL;
use atdata::Error;
use atdata::format::similar::similar;
use atdata::format::{Kind, pattern};
use atdata::source::is_remote;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// A hint for what was met while a target was read.
pub(crate) fn find(error: &Error, target: &str) -> Option<String> {
    match error {
        Error::NotFound(_) if target.starts_with(LOCAL) => {
            Some("the index names it, and it is gone; atdata verify says what is left".to_owned())
        }
        Error::NotFound(_) if !target.is_empty() && !is_remote(target) => not_found(target),
        Error::Unsupported(_) if !target.is_empty() => {
            Some("copy the shards to this machine first".to_owned())
        }
        Error::Format(error) => match error.kind() {
            Kind::NotATar | Kind::ShardCutShort | Kind::BadTarHeader => {
                not_a_shard(error.place().shard.as_deref()?)
            }
            _ => None,
        },
        _ => None,
    }
}

fn not_found(target: &str) -> Option<String> {
    let target = target.strip_prefix("file://").unwrap_or(target);
    if Path::new(target).is_dir() {
        return folder_without_shards(Path::new(target));
    }
    if target.contains(['*', '?', '[']) {
        return None;
    }
    let missing = pattern::expand(target).ok()?;
    let missing = missing.iter().map(Path::new).find(|path| !path.exists())?;
    let folder = missing.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    if !folder.is_dir() {
        return Some(format!("there is no folder {}", folder.display()));
    }
    let names = names_in(folder);
    let wanted = missing.file_name()?.to_string_lossy();
    let name = *similar(&wanted, names.iter().map(String::as_str), 1).first()?;
    Some(format!("did you mean {}?", missing.with_file_name(name).display()))
}

/// A folder below that has shards, since only split folders are looked into.
fn folder_without_shards(folder: &Path) -> Option<String> {
    let is_shard = |name: &String| name.ends_with(".tar");
    let mut names = names_in(folder);
    names.sort();
    let below = names.iter().map(|name| folder.join(name));
    let found = below.filter(|path| path.is_dir()).find(|path| names_in(path).iter().any(is_shard));
    found.map(|path| format!("there are shards in {}", path.display()))
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.')).collect()
}

/// What a file is that is no shard, by its name or its first bytes.
fn not_a_shard(path: &str) -> Option<String> {
    if let Some(shard) = path.strip_suffix(".idx").filter(|shard| Path::new(shard).exists()) {
        return Some(format!("this is the index of a shard; give the shard: {shard}"));
    }
    let mut magic = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut magic)).ok()?;
    let program = match magic {
        [0x1f, 0x8b, ..] => "gunzip",
        [0x28, 0xb5, 0x2f, 0xfd] => "unzstd",
        [b'B', b'Z', b'h', _] => "bunzip2",
        [0xfd, b'7', b'z', b'X'] => "unxz",
        _ => return None,
    };
    Some(format!("the file is compressed and shards are plain tar archives; try {program}"))
}
