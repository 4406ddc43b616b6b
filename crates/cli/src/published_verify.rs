//! Whether the record of a data set is what its publisher has signed, and its schema what it was.

use crate::error::{Failure, message};
use crate::network::failure;
use crate::output::{Output, padded, visible};
use crate::published::type_of;
use atdata::Error;
use atdata::atmosphere::{Atmosphere, DatasetRecord, Found, SchemaRecord};
use atdata::atproto;
use serde_json::{Value as Json, json};

/// What was looked at, and what was found.
pub(crate) struct RecordCheck {
    findings: Vec<Finding>,
}

struct Finding {
    what: &'static str,
    /// What is right, or what is wrong.
    words: String,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Right,
    Doubtful,
    Wrong,
}

impl RecordCheck {
    /// Asks for proofs of both records.
    pub(crate) fn of(
        atmosphere: &Atmosphere,
        found: &Found<DatasetRecord>,
    ) -> Result<Self, Failure> {
        let record = Finding::of("record", atmosphere.verify_in_repository(found), || {
            format!("signed by {}: {}", found.uri.authority(), found.cid)
        })?;
        let mut findings = vec![record];
        let link = &found.record.schema;
        match atmosphere.follow::<SchemaRecord>(link) {
            Ok(schema) => {
                let signed = atmosphere.verify_in_repository(&schema);
                let words = || format!("{}, signed too: {}", type_of(schema.schema()), schema.cid);
                findings.push(Finding::of("schema", signed, words)?);
            }
            Err(error) => findings.push(Finding::of("schema", Err(error), String::new)?),
        }
        if link.cid.is_none() {
            let words = "the record does not pin its CID, so it may have changed".to_owned();
            findings.push(Finding { what: "schema", words, state: State::Doubtful });
        }
        Ok(Self { findings })
    }

    pub(crate) fn problems(&self) -> usize {
        self.findings.iter().filter(|finding| finding.state == State::Wrong).count()
    }

    pub(crate) fn show(&self, out: &mut Output) {
        for Finding { what, words, state } in &self.findings {
            let state = match state {
                State::Right => out.style.good("ok      "),
                State::Doubtful => out.style.warning("warning "),
                State::Wrong => out.style.error("problem "),
            };
            out.line(format!("{}  {state}  {}", padded(what, 6), visible(words)));
        }
    }

    pub(crate) fn to_json(&self) -> Json {
        let finding = |Finding { what, words, state }: &Finding| {
            let state = match state {
                State::Right => "right",
                State::Doubtful => "doubtful",
                State::Wrong => "wrong",
            };
            json!({"what": what, "state": state, "message": words})
        };
        self.findings.iter().map(finding).collect()
    }
}

impl Finding {
    /// What cannot be believed is a finding; a server that is away is none.
    fn of(
        what: &'static str,
        checked: atdata::Result<()>,
        words: impl FnOnce() -> String,
    ) -> Result<Self, Failure> {
        match checked {
            Ok(()) => Ok(Self { what, words: words(), state: State::Right }),
            Err(error) if is_finding(&error) => {
                Ok(Self { what, words: message(&error), state: State::Wrong })
            }
            Err(error) => Err(failure(error, "")),
        }
    }
}

fn is_finding(error: &Error) -> bool {
    use atproto::Error::{BadAnswer, BadIdentity, NotFound, Unverified};
    match error {
        Error::BadIndex(_) | Error::Invalid(_) => true,
        Error::Network(error) => {
            matches!(error, BadAnswer { .. } | BadIdentity(_) | NotFound(_) | Unverified { .. })
        }
        _ => false,
    }
}
