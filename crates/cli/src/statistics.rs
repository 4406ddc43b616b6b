//! What manifests say of fields, in words and as JSON.

use crate::output::{Output, WIDTH, count, counted, cut, padded, visible, width};
use atdata::format::manifest::Aggregate;
use atdata::manifest::Statistics;
use serde_json::{Value as Json, json};

/// The widest that names become.
const NAMES: usize = 24;

/// How many values are named.
const VALUES: usize = 6;

/// Shows a line a field.
pub(crate) fn show(statistics: &Statistics, out: &mut Output) {
    let names = statistics.fields.keys().map(|name| width(name)).max().unwrap_or(0).min(NAMES);
    for (name, aggregate) in &statistics.fields {
        let words = cut(&visible(&words(aggregate)), WIDTH.saturating_sub(4 + names));
        out.line(format!("  {}  {words}", padded(&cut(name, names), names)));
    }
}

/// Of how many shards the statistics are.
pub(crate) fn title(statistics: &Statistics) -> String {
    let shards = counted(statistics.shards as u64, "shard");
    if statistics.described == statistics.shards {
        return format!("Statistics (from the manifests of {shards})");
    }
    format!("Statistics (from the manifests of {} of {shards})", statistics.described)
}

/// The statistics by field, and of how many shards they are.
pub(crate) fn to_json(statistics: &Statistics) -> Json {
    json!({"shards": statistics.described, "fields": statistics.fields})
}

fn words(aggregate: &Aggregate) -> String {
    match aggregate {
        Aggregate::Numeric { count: 0, .. } => "no numbers".to_owned(),
        Aggregate::Numeric { min, max, mean, count: numbers } => {
            let numbers = counted(*numbers, "number");
            format!("{} to {}, mean {} ({numbers})", short(*min), short(*max), short(*mean))
        }
        Aggregate::Categorical { cardinality, value_counts } => {
            let mut values: Vec<_> = value_counts.iter().collect();
            values.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let named: Vec<String> =
                values.iter().take(VALUES).map(|(v, n)| format!("{v} {}", count(**n))).collect();
            let different = counted(*cardinality, "value");
            format!("{different}: {}", listed(&named, *cardinality))
        }
        Aggregate::Set { all_values } => {
            let named: Vec<String> = all_values.iter().take(VALUES).cloned().collect();
            let different = counted(all_values.len() as u64, "value");
            format!("lists of {different}: {}", listed(&named, all_values.len() as u64))
        }
    }
}

fn listed(named: &[String], all: u64) -> String {
    let more = if all > named.len() as u64 { ", …" } else { "" };
    format!("{}{more}", named.join(", "))
}

/// A number in at most six digits.
fn short(number: f64) -> String {
    let text = format!("{number:.4}");
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    if trimmed.len() <= 12 { trimmed.to_owned() } else { format!("{number:.5e}") }
}
