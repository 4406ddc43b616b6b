//! `atdata promote`: a data set of the index, published.

use crate::args::{Common, Promote};
use crate::error::Failure;
use crate::network::logged_in;
use crate::output::Output;
use crate::progress::watching;
use crate::publish::{about, advised, tell};
use crate::team;
use atdata::atmosphere::Promotion;
use atdata::open_store;
use atdata::source::is_remote;

/// Publishes an entry, its shards where others can read them.
pub(crate) fn run(options: &Promote, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let index = common.team.open()?;
    let entry = team::find(&index, &options.target)?;
    let atmosphere = logged_in()?.with_lexicons(options.saying.lexicons);
    if let Some(folder) = options.to.as_deref().filter(|to| !is_remote(to)) {
        let message = format!("{folder} is on this machine, where nobody else can read it");
        return Err(Failure::usage(message).hint("--to takes s3://, gs:// or az://"));
    }
    let store = options.to.as_deref().map(open_store).transpose();
    let promotion = Promotion {
        name: options.new_name.clone(),
        about: about(&options.saying),
        store: store.map_err(|error| Failure::data(&error, ""))?,
        blobs: options.blobs,
        strict: !options.saying.allow_unreadable,
        progress: watching("Uploading", entry.facts.bytes),
    };
    let found = atmosphere.promote(&index, &entry, promotion).map_err(advised)?;
    tell(&atmosphere, &found, common, out)
}
