//! `atdata search`: data sets by what is said of them.

use crate::args::{Common, Search};
use crate::datasets;
use crate::error::{Failure, OK};
use crate::output::Output;
use atdata::provider::Query;

/// Shows what fits, in the order of the names.
pub(crate) fn run(options: &Search, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let data = |error| Failure::data(&error, "");
    let index = common.team.open()?;
    let query = Query {
        words: Vec::new(),
        tags: options.tags.clone(),
        schema: options.schema.clone(),
        license: options.license.clone(),
    };
    let query = query.text(&options.words.join(" "));
    let limit = options.limit as usize;
    let mut entries = index.search(&query, limit.saturating_add(1)).map_err(data)?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    if entries.is_empty() && !common.json {
        out.line(format!("no data set fits in {}", index.provider().address()));
        return Ok(OK);
    }
    datasets::show_all(&index, entries, common.json, out).map_err(data)?;
    if more && !common.json {
        out.line(out.style.dim("  … and more; --limit shows them"));
    }
    Ok(OK)
}
