//! Strings that must have a form.

use crate::cid::Cid;
use crate::syntax::{AtUri, Did, Handle, Nsid, RecordKey, Tid};
use serde::Deserialize;

const MAX_URI: usize = 8 << 10;
const MAX_DATETIME: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Format {
    AtIdentifier,
    AtUri,
    Cid,
    Datetime,
    Did,
    Handle,
    Language,
    Nsid,
    RecordKey,
    Tid,
    Uri,
}

impl Format {
    pub(super) fn check(self, text: &str) -> Result<(), String> {
        let (holds, what) = match self {
            Self::AtIdentifier => (is_at_identifier(text), "a DID or a handle"),
            Self::AtUri => (is_at_uri(text), "an at-uri"),
            Self::Cid => (Cid::try_from(text).is_ok(), "a CID"),
            Self::Datetime => (is_datetime(text), "a time like 2026-01-31T12:00:00.000Z"),
            Self::Did => (Did::parse(text).is_ok(), "a DID"),
            Self::Handle => (Handle::parse(text).is_ok(), "a handle"),
            Self::Language => (is_language(text), "a language tag"),
            Self::Nsid => (Nsid::parse(text).is_ok(), "an NSID"),
            Self::RecordKey => (RecordKey::parse(text).is_ok(), "a record key"),
            Self::Tid => (Tid::parse(text).is_ok(), "a TID"),
            Self::Uri => (is_uri(text), "a URI"),
        };
        let shown: String = text.chars().take(100).collect();
        if holds { Ok(()) } else { Err(format!("{shown:?} is not {what}")) }
    }
}

fn is_at_identifier(text: &str) -> bool {
    Did::parse(text).is_ok() || Handle::parse(text).is_ok()
}

/// Of a repository, of a collection in it, or of a record.
fn is_at_uri(text: &str) -> bool {
    let parts: Vec<&str> = text.strip_prefix("at://").unwrap_or_default().split('/').collect();
    match parts.as_slice() {
        [authority] => is_at_identifier(authority),
        [authority, collection] => is_at_identifier(authority) && Nsid::parse(collection).is_ok(),
        _ => AtUri::parse(text).is_ok(),
    }
}

/// A scheme, and what it is of. `file:///x` and `a+b:x` are URIs too, but the protocol's reference
/// refuses them, and with them the record.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    text.len() <= MAX_URI
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !(rest.is_empty() || rest.starts_with('/'))
        && !rest.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// BCP 47, as far as its form goes: language, script, region, variants, extensions, private use.
fn is_language(text: &str) -> bool {
    let mut tags = text.split('-').peekable();
    let mut take = |is_next: fn(&str) -> bool| tags.next_if(|tag| is_next(tag)).is_some();
    if take(|tag| tag.eq_ignore_ascii_case("i")) {
        return take(|tag| (3..=8).contains(&tag.len()) && is_letters(tag))
            && tags.next().is_none();
    }
    if take(|tag| (2..=8).contains(&tag.len()) && is_letters(tag)) {
        for _ in 0..3 {
            take(|tag| tag.len() == 3 && is_letters(tag));
        }
        take(|tag| tag.len() == 4 && is_letters(tag));
        take(|tag| tag.len() == 2 && is_letters(tag) || tag.len() == 3 && is_digits(tag));
        while take(is_variant) {}
        while take(|tag| tag.len() == 1 && !tag.eq_ignore_ascii_case("x") && is_inner(tag)) {
            if !take(|tag| tag.len() >= 2 && is_inner(tag)) {
                return false;
            }
            while take(|tag| tag.len() >= 2 && is_inner(tag)) {}
        }
    }
    match tags.next() {
        None => true,
        Some(private) => {
            private.eq_ignore_ascii_case("x") && tags.peek().is_some() && tags.all(is_inner)
        }
    }
}

fn is_variant(tag: &str) -> bool {
    let is_year = tag.len() == 4 && tag.starts_with(|c: char| c.is_ascii_digit());
    is_inner(tag) && ((5..=8).contains(&tag.len()) || is_year)
}

fn is_inner(tag: &str) -> bool {
    (1..=8).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_letters(tag: &str) -> bool {
    tag.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_digits(tag: &str) -> bool {
    tag.bytes().all(|byte| byte.is_ascii_digit())
}

/// RFC 3339 with seconds, `T`, and a zone that is known.
fn is_datetime(text: &str) -> bool {
    let Some((day, time)) = text.split_once('T') else { return false };
    let Some(at) = time.find(['Z', '+', '-']) else { return false };
    let (clock, zone) = time.split_at(at);
    let (seconds, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    text.len() <= MAX_DATETIME
        && is_day(day)
        && is_clock(seconds)
        && !fraction.is_empty()
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && is_zone(zone)
}

fn is_day(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn is_clock(text: &str) -> bool {
    numbers(text, ':', [2, 2, 2]).is_some_and(|[h, m, s]| h < 24 && m < 60 && s <= 60)
}

fn is_zone(text: &str) -> bool {
    let offset = |text| numbers(text, ':', [2, 2]).is_some_and(|[h, m]| h < 24 && m < 60);
    text == "Z" || text != "-00:00" && text.strip_prefix(['+', '-']).is_some_and(offset)
}

/// Numbers of so many digits with a separator between them.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        let fits = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| fits)?;
    }
    parts.next().is_none().then_some(found)
}
