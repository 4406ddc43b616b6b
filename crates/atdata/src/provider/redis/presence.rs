//! Whether our own keys know of all that is there: the original writes without telling them.

use super::failure::Failure;
use super::keys;
use super::link::{Link, command};
use redis::{Cmd, Value, from_redis_value};

/// How many keys the database has, asked of one master.
const SIZE: &str = "return redis.call('DBSIZE')";

/// The questions by which missing rows show, to be asked along with others.
pub(super) struct Presence {
    masters: usize,
}

impl Presence {
    /// Adds the questions.
    pub(super) fn ask(link: &Link, commands: &mut Vec<Cmd>) -> Self {
        for set in [keys::ENTRIES, keys::SCHEMAS, keys::LENSES] {
            commands.push(command("ZCARD", &[set]));
        }
        commands.push(command("HLEN", &[keys::TARGETS]));
        commands.push(command("EXISTS", keys::OURS));
        commands.push(command("GET", &[keys::FOREIGN]));
        let masters = link.masters();
        commands.extend(masters.iter().map(|master| command("EVAL", &[SIZE, "1", master])));
        Self { masters: masters.len() }
    }

    /// Whether the database has as many keys as we know of; takes the answers off the end.
    pub(super) fn is_whole(&self, answers: &mut Vec<Value>) -> Result<bool, Failure> {
        let number = |value| Ok::<_, Failure>(from_redis_value::<Option<i64>>(value)?.unwrap_or(0));
        let mut take = |count: usize| {
            let first = answers.len().saturating_sub(count);
            answers.drain(first..).map(number).sum::<Result<i64, Failure>>()
        };
        let there = take(self.masters)?;
        Ok(take(6)? == there)
    }
}
