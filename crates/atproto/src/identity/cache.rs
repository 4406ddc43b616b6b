//! What was found out lately about accounts.

use super::Identity;
use crate::error::{Error, Result};
use crate::syntax::Did;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an identity is good for.
const GOOD: Duration = Duration::from_secs(300);
/// How long it is remembered that there is none.
const BAD: Duration = Duration::from_secs(5);
/// How many are kept.
const MOST: usize = 1000;

/// By the name that was asked for. Nothing slow happens while it is locked, so that a fork hardly
/// ever finds it so.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<String, (Instant, Found)>>);

#[derive(Debug, Clone)]
enum Found {
    Identity(Box<Identity>),
    Nobody(String),
    Bad(String),
}

impl Cache {
    /// What is known, or what `find` finds out. That a server was not reached is not kept.
    pub(crate) fn get(
        &self,
        who: &str,
        find: impl FnOnce() -> Result<Identity>,
    ) -> Result<Identity> {
        if let Some(known) = self.known(who) {
            return known.into();
        }
        let found = find();
        let (kept, ttl) = match &found {
            Ok(identity) => (Found::Identity(Box::new(identity.clone())), GOOD),
            Err(Error::NotFound(message)) => (Found::Nobody(message.clone()), BAD),
            Err(Error::BadIdentity(message)) => (Found::Bad(message.clone()), BAD),
            Err(_) => return found,
        };
        self.keep(who, kept, ttl);
        found
    }

    /// Forgets all that is known of an account.
    pub(crate) fn forget(&self, did: &Did) {
        self.locked(|map| {
            map.retain(|who, (_, found)| {
                who != did.as_str() && !matches!(found, Found::Identity(known) if known.did == *did)
            });
        });
    }

    fn known(&self, who: &str) -> Option<Found> {
        let now = Instant::now();
        let fresh = |(until, _): &&(Instant, Found)| *until > now;
        self.locked(|map| map.get(who).filter(fresh).map(|(_, found)| found.clone()))
    }

    fn keep(&self, who: &str, found: Found, ttl: Duration) {
        let now = Instant::now();
        self.locked(|map| {
            if map.len() >= MOST {
                map.retain(|_, (until, _)| *until > now);
            }
            if map.len() >= MOST {
                map.clear();
            }
            map.insert(who.to_owned(), (now + ttl, found));
        });
    }

    fn locked<T>(&self, work: impl FnOnce(&mut HashMap<String, (Instant, Found)>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl From<Found> for Result<Identity> {
    fn from(found: Found) -> Self {
        match found {
            Found::Identity(identity) => Ok(*identity),
            Found::Nobody(message) => Err(Error::NotFound(message)),
            Found::Bad(message) => Err(Error::BadIdentity(message)),
        }
    }
}
