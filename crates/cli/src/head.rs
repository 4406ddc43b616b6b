//! `atdata head`: the first samples.

use crate::args::{Common, Head};
use crate::error::{Failure, OK};
use crate::output::{Output, visible};
use crate::samples::{Found, Samples};
use crate::target::Target;
use crate::{error, json, show};
use atdata::{Value, source};

/// Shows samples until there are enough, no more, or one that cannot be read.
pub(crate) fn run(options: &Head, common: &Common, out: &mut Output) -> Result<i32, Failure> {
    let data = |error| Failure::data(&error, &options.target);
    let target = Target::find(&options.target, common)?;
    let several = target.splits.iter().map(|(_, shards)| shards.len()).sum::<usize>() > 1;
    let mut samples = Samples::open(&target.source, options.condition.as_ref()).map_err(data)?;
    let mut wanted = Wanted::new(&options.fields);
    let mut shown = 0;
    while shown < options.samples && out.is_open() {
        let Some(found) = samples.next().map_err(data)? else { break };
        let fields = wanted.choose(found.sample.fields());
        if common.json {
            out.line(json::sample(&found, fields.into_iter(), options.full));
        } else {
            text(&found, fields, (shown, several), out);
        }
        shown += 1;
    }
    if shown == 0 && options.samples > 0 {
        let target = source::shown(&options.target);
        error::note(&match &options.condition {
            None => format!("there are no samples in {target}"),
            Some(condition) => format!("there is no sample in {target} with {condition}"),
        });
    }
    wanted.check(shown).map(|()| OK)
}

/// A heading and a line a field; the shard where there are several.
fn text(found: &Found, fields: Vec<(&str, &Value)>, place: (u64, bool), out: &mut Output) {
    let (number, several) = place;
    if number > 0 {
        out.line("");
    }
    heading(found, several, out);
    show::fields(fields.into_iter(), out);
}

/// A sample's key, and its shard if asked for.
pub(crate) fn heading(found: &Found, with_shard: bool, out: &mut Output) {
    let key = out.style.bold(&visible(&found.key));
    let shard = if with_shard { format!("  {}", visible(&found.shard)) } else { String::new() };
    out.line(format!("{key}{}", out.style.dim(&shard)));
}

/// The fields that were asked for, and which of them no sample had so far.
struct Wanted<'a> {
    names: &'a [String],
    missing: Vec<&'a str>,
    known: Vec<String>,
}

impl<'a> Wanted<'a> {
    fn new(names: &'a [String]) -> Self {
        let missing = names.iter().map(String::as_str).collect();
        Self { names, missing, known: Vec::new() }
    }

    /// The wanted fields of a sample, in the order they were asked for.
    fn choose<'v>(&mut self, fields: &'v [(String, Value)]) -> Vec<(&'v str, &'v Value)> {
        let all = fields.iter().map(|(name, value)| (name.as_str(), value));
        if self.names.is_empty() {
            return all.collect();
        }
        if !self.missing.is_empty() {
            self.missing.retain(|missing| fields.iter().all(|(name, _)| name != missing));
            let new = all.clone().map(|(name, _)| name);
            let new: Vec<_> =
                new.filter(|name| self.known.iter().all(|known| known != name)).collect();
            self.known.extend(new.into_iter().map(str::to_owned));
        }
        self.names.iter().filter_map(|name| all.clone().find(|(own, _)| own == name)).collect()
    }

    /// A field that no sample had is a slip; one that only some lack is not.
    fn check(&self, shown: u64) -> Result<(), Failure> {
        match self.missing.first() {
            Some(name) if shown > 0 => {
                let message = format!("no sample shown has a field {name}");
                let hint = format!("the fields are {}", self.known.join(", "));
                Err(Failure::usage(message).hint(hint))
            }
            _ => Ok(()),
        }
    }
}
