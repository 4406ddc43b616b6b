//! `com.atproto.sync.*`: what can be verified.

use super::call::{Answer, Call, Reply};
use super::network::State;

/// The proof of a record, or that it is not there.
pub(super) fn get_record(state: &State, call: &Call) -> Answer {
    let account = state.synced(call)?;
    let path = format!("{}/{}", call.param("collection")?, call.param("rkey")?);
    Ok(Reply::bytes("application/vnd.ipld.car", &account.repository.proof(&path)))
}

pub(super) fn latest_commit(state: &State, call: &Call) -> Answer {
    Ok(Reply::Json(state.synced(call)?.repository.commit()))
}
