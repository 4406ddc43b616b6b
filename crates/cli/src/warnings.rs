//! What the library says while a command runs. Warnings are told at the end, when no bar is drawn;
//! that a server is waited for at once.

use crate::error;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber, dispatcher};

/// What the library says here is for whoever waits meanwhile.
const WAITING: &str = "atdata::waiting";

/// So many are told at most: a repository may hold any number of broken records.
const MOST: usize = 20;

/// Runs something, and gives what was warned of on this thread meanwhile.
pub(crate) fn collect<T>(run: impl FnOnce() -> T) -> (T, Vec<String>) {
    let warnings = Warnings::default();
    let done = dispatcher::with_default(&Dispatch::new(warnings.clone()), run);
    let mut told = warnings.0.lock().unwrap_or_else(PoisonError::into_inner);
    (done, std::mem::take(&mut *told))
}

#[derive(Debug, Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let (target, is_warning) = (metadata.target(), *metadata.level() == Level::WARN);
        let told = target == WAITING || (is_warning && target.starts_with("atdata"));
        metadata.is_event() && told
    }

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        if event.metadata().target() == WAITING {
            return error::waiting(&message.0);
        }
        let mut warnings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if warnings.len() < MOST && !warnings.contains(&message.0) {
            warnings.push(message.0);
        }
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            // Writing into a text does not fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}
