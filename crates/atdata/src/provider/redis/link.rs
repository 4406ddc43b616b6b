//! A connection to a server, or to all masters of a cluster as one thing.

use super::failure::Failure;
use super::keys;
use super::node::Node;
use super::options::RedisOptions;
use crate::error::Error;
use redis::{Cmd, ErrorKind, RedisError, Value, cmd, from_redis_value};

type Outcome<T> = Result<T, Failure>;

/// A connection.
pub(super) struct Link {
    /// One server, or all masters of a cluster.
    nodes: Vec<Node>,
    is_cluster: bool,
}

impl Link {
    pub(super) fn open(options: &RedisOptions) -> Outcome<Self> {
        let nodes = match options.cluster {
            true => Node::open_all(options)?,
            false => vec![Node::open(options, &options.hosts[0])?],
        };
        let mut link = Self { nodes, is_cluster: options.cluster };
        link.check_layout(options)?;
        Ok(link)
    }

    pub(super) fn is_cluster(&self) -> bool {
        self.is_cluster
    }

    /// A key for each master, that leads to it.
    pub(super) fn masters(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.key.clone()).collect()
    }

    /// Asks for several things in one round trip. On one server nothing comes between them; in a
    /// cluster each concerns one key. An error stands at the place of what met it.
    pub(super) fn ask(&mut self, commands: &[Cmd]) -> Outcome<Vec<Value>> {
        match self.is_cluster {
            _ if commands.is_empty() => Ok(Vec::new()),
            true => self.spread(commands),
            false => transact(&mut self.nodes[0], commands),
        }
    }

    /// Asks for several things that concern only our own keys, all or none.
    pub(super) fn ask_ours(&mut self, commands: &[Cmd]) -> Outcome<Vec<Value>> {
        let place = self.place_of(keys::LAYOUT.as_bytes())?;
        transact(&mut self.nodes[place], commands)
    }

    /// Asks each node for its part, all at once.
    fn spread(&mut self, commands: &[Cmd]) -> Outcome<Vec<Value>> {
        let places = commands.iter().map(|command| self.place_of(&key_of(command)));
        let places: Vec<usize> = places.collect::<Outcome<_>>()?;
        for (place, node) in self.nodes.iter_mut().enumerate() {
            let of_node = places.iter().zip(commands).filter(|(of, _)| **of == place);
            node.send(of_node.map(|(_, command)| command))?;
        }
        places.iter().map(|place| self.nodes[*place].receive()).collect()
    }

    fn place_of(&self, key: &[u8]) -> Outcome<usize> {
        let place = self.nodes.iter().position(|node| !self.is_cluster || node.has(key));
        let unowned = (ErrorKind::ClusterConnectionNotFound, "no master has the slot of a key");
        place.ok_or_else(|| RedisError::from(unowned).into())
    }

    /// Sees that what is here is no newer than this program.
    fn check_layout(&mut self, options: &RedisOptions) -> Outcome<()> {
        let found = one(self.ask(&[command("GET", &[keys::LAYOUT])])?)?;
        let layout: Option<String> = from_redis_value(found)?;
        match layout.map(|layout| layout.parse::<u32>()) {
            None => Ok(()),
            Some(Ok(layout)) if layout <= super::LAYOUT => Ok(()),
            _ => Err(newer(options).into()),
        }
    }
}

/// A command of text arguments.
pub(super) fn command(name: &str, arguments: &[&str]) -> Cmd {
    let mut command = cmd(name);
    command.arg(arguments);
    command
}

/// The only answer.
///
/// # Errors
/// What the server answered, if that is an error.
pub(super) fn one(answers: Vec<Value>) -> Outcome<Value> {
    Ok(answers.into_iter().next().unwrap_or(Value::Nil).extract_error()?)
}

/// The answers, or the first that is an error.
pub(super) fn all(answers: Vec<Value>) -> Outcome<Vec<Value>> {
    Ok(answers.into_iter().map(Value::extract_error).collect::<Result<_, _>>()?)
}

fn transact(node: &mut Node, commands: &[Cmd]) -> Outcome<Vec<Value>> {
    let (begin, end) = (cmd("MULTI"), cmd("EXEC"));
    node.send([&begin].into_iter().chain(commands).chain([&end]))?;
    // Every answer is taken before any is judged, or the next question would get it.
    let queued = [&begin].into_iter().chain(commands).map(|_| node.receive());
    let queued = queued.collect::<Outcome<Vec<Value>>>()?;
    let answer = node.receive()?;
    all(queued)?;
    match answer {
        Value::Array(answers) => Ok(answers),
        Value::ServerError(error) => Err(RedisError::from(error).into()),
        _ => Err(RedisError::from((ErrorKind::Parse, "no answer to EXEC")).into()),
    }
}

/// What a command is about: all of ours have one key, or several in one slot.
fn key_of(command: &Cmd) -> Vec<u8> {
    let argument = |place: usize| match command.args_iter().nth(place) {
        Some(redis::Arg::Simple(argument)) => argument.to_vec(),
        _ => Vec::new(),
    };
    if argument(0) == b"EVAL" { argument(3) } else { argument(1) }
}

fn newer(options: &RedisOptions) -> Error {
    Error::BadIndex(format!(
        "{}: a newer atdata has arranged the index there ({} is greater than {}); update atdata",
        options.address(),
        keys::LAYOUT,
        super::LAYOUT
    ))
}
