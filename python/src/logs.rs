//! What the engine has to say, in Python's logging.

use pyo3::prelude::*;
use std::fmt::{self, Write};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Lets the engine's warnings be those of `logging.getLogger("atdata")`.
pub(crate) fn forward() {
    // Another part of the process may listen already: then they are its own.
    let _ = tracing::subscriber::set_global_default(Logging);
}

struct Logging;

impl Subscriber for Logging {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event()
            && *metadata.level() <= Level::WARN
            && metadata.target().starts_with("atdata")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message::default();
        event.record(&mut message);
        // A process that ends has nobody left to tell.
        let _ = Python::try_attach(|py| warn(py, &message.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn warn(py: Python<'_>, message: &str) -> PyResult<()> {
    let logger = py.import("logging")?.call_method1("getLogger", ("atdata",))?;
    logger.call_method1("warning", ("%s", message)).map(drop)
}

#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}
