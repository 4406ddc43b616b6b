//! Pages of names, entries and search results.

use super::failure::Failure;
use super::link::{Link, all, command};
use super::read::range;
use super::{RedisProvider, keys};
use crate::provider::facets::{Facets, Term, wanted};
use crate::provider::{Entry, Page, Query};
use redis::from_redis_value;

type Outcome<T> = Result<T, Failure>;

/// The most that is asked for at once, and of a search that must look into entries, the least.
const CHUNK: usize = 1000;

/// A part of a set: what its members begin with, and where to go on.
struct Walk<'a> {
    set: &'a str,
    /// A term and its end, or nothing.
    prefix: String,
    after: Option<String>,
}

impl Walk<'_> {
    /// The next members, as names and CIDs; fewer than asked for at the end.
    fn next(
        &mut self,
        provider: &RedisProvider,
        link: &mut Link,
        limit: usize,
        is_first: bool,
    ) -> Outcome<Vec<(String, String)>> {
        let from = keys::start(&self.prefix, self.after.as_deref());
        let to = match self.prefix.strip_suffix(keys::END) {
            Some(term) => keys::end(term),
            None => b"+".to_vec(),
        };
        let asked = [range(self.set, &from, &to, limit)];
        let answers = match is_first {
            true => provider.ask_whole(link, &asked)?,
            false => all(link.ask(&asked)?)?,
        };
        let answers = answers.into_iter().next().unwrap_or(redis::Value::Nil);
        let members: Vec<String> = from_redis_value(answers)?;
        let pair = |member: &String| {
            let (name, cid) = member.strip_prefix(&self.prefix)?.split_once(keys::END)?;
            Some((name.to_owned(), cid.to_owned()))
        };
        let found: Vec<_> = members.iter().filter_map(pair).collect();
        if let Some((name, _)) = found.last() {
            self.after = Some(name.clone());
        }
        Ok(found)
    }
}

impl RedisProvider {
    pub(super) fn list_current(&self, link: &mut Link, page: &Page) -> Outcome<Vec<Entry>> {
        let walk = Walk { set: keys::NAMES, prefix: String::new(), after: page.after.clone() };
        self.collect(link, walk, page.limit, page.limit, &|_| true)
    }

    pub(super) fn list_found(
        &self,
        link: &mut Link,
        query: &Query,
        page: &Page,
    ) -> Outcome<Vec<Entry>> {
        let terms = exact_terms(query);
        if terms.is_empty() && !query.words.is_empty() {
            let address = self.links.options().address();
            tracing::info!("{address}: Redis has no index of words; looking through all entries");
        }
        let (set, prefix) = match self.rarest(link, &terms)? {
            Some(term) => (keys::FACETS, keys::member(&[&term, ""])),
            None => (keys::NAMES, String::new()),
        };
        // One term is found as it is asked for; for more, more must be looked at.
        let is_all = terms.len() <= 1 && query.words.is_empty();
        let chunk = if is_all { page.limit } else { page.limit.max(CHUNK) };
        let walk = Walk { set, prefix, after: page.after.clone() };
        self.collect(link, walk, page.limit, chunk, &|entry| Facets::of(entry).fit(query))
    }

    pub(super) fn list_entries(&self, link: &mut Link, page: &Page) -> Outcome<Vec<Entry>> {
        let mut found = Vec::new();
        let mut after = page.after.clone();
        loop {
            let wanted = (page.limit - found.len()).min(CHUNK);
            let from = after.as_ref().map_or("-".into(), |after| format!("({after}"));
            let asked = [range(keys::ENTRIES, from.as_bytes(), b"+", wanted)];
            let answers = self.ask_whole(link, &asked)?;
            let answers = answers.into_iter().next().unwrap_or(redis::Value::Nil);
            let cids: Vec<String> = from_redis_value(answers)?;
            let cids: Vec<&str> = cids.iter().map(String::as_str).collect();
            found.extend(self.fetch(link, &cids)?.into_iter().flatten());
            if cids.len() < wanted || found.len() >= page.limit {
                return Ok(found);
            }
            after = cids.last().map(|cid| (*cid).to_owned());
        }
    }

    fn collect(
        &self,
        link: &mut Link,
        mut walk: Walk,
        limit: usize,
        chunk: usize,
        fits: &dyn Fn(&Entry) -> bool,
    ) -> Outcome<Vec<Entry>> {
        let mut found = Vec::new();
        let mut is_first = true;
        let chunk = chunk.min(CHUNK);
        while found.len() < limit {
            let shown = walk.next(self, link, chunk, is_first)?;
            is_first = false;
            found.extend(self.follow(link, &shown)?.into_iter().filter(|entry| fits(entry)));
            if shown.len() < chunk {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Of terms the one that the fewest entries have.
    fn rarest(&self, link: &mut Link, terms: &[String]) -> Outcome<Option<String>> {
        if terms.len() < 2 {
            return Ok(terms.first().cloned());
        }
        let count = |term: &String| {
            let mut count = command("ZLEXCOUNT", &[keys::FACETS]);
            count.arg(keys::start(&keys::member(&[term, ""]), None)).arg(keys::end(term));
            count
        };
        let counts = all(link.ask(&terms.iter().map(count).collect::<Vec<_>>())?)?;
        let counts: Vec<u64> =
            counts.into_iter().map(from_redis_value).collect::<Result<_, _>>()?;
        let rarest = terms.iter().zip(counts).min_by_key(|(_, count)| *count);
        Ok(rarest.map(|(term, _)| term.clone()))
    }
}

fn exact_terms(query: &Query) -> Vec<String> {
    let exact = |term| match term {
        Term::Exactly(term) => Some(term).filter(|term| !term.contains(keys::END)),
        Term::Beginning(_) => None,
    };
    wanted(query).into_iter().filter_map(exact).collect()
}
