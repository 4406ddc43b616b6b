//! Brace patterns, one text for many shards: `data-{000000..000099}.tar`.
//!
//! They mean what they mean in bash, without its escapes and variables. A group is a list `{a,b}` or
//! a range `{1..9}`, `{a..e}`, `{0..10..2}`; any other brace stands for itself. All sizes are
//! counted before anything is made.

use crate::error::{Error, Kind, Result};
use crate::key::quote;

mod range;
use range::Range;

/// The most names that one pattern may stand for.
pub const MAX_RESULTS: u64 = 1_000_000;

/// The most bytes that these names may have together.
pub const MAX_BYTES: u64 = 1 << 28;

/// The longest pattern, in bytes.
const MAX_PATTERN_LEN: usize = 1 << 20;

/// How deep groups may be nested.
const MAX_NESTING: usize = 32;

/// All names that a pattern stands for, the last group moving first; at least one.
///
/// # Errors
/// [`Kind::BadPattern`] for more than [`MAX_RESULTS`] names or [`MAX_BYTES`] bytes of them, and for
/// patterns that are too long or too deep themselves.
///
/// ```
/// use atdata_format::pattern::expand;
/// assert_eq!(expand("d-{08..10}.tar")?, ["d-08.tar", "d-09.tar", "d-10.tar"]);
/// assert_eq!(expand("{train,test{2,1}}/{b..a}")?.join(" "), "train/b train/a test2/b test2/a test1/b test1/a");
/// assert_eq!(expand("{}-{x}-{1..")?, ["{}-{x}-{1.."]);
/// assert!(expand("{0..9}{1..999999}").unwrap_err().message().contains("9999990 names"));
/// # Ok::<(), atdata_format::Error>(())
/// ```
pub fn expand(pattern: &str) -> Result<Vec<String>> {
    if pattern.len() > MAX_PATTERN_LEN {
        return Err(bad(pattern, &format!("it is longer than {MAX_PATTERN_LEN} bytes")));
    }
    let closing = closing_braces(pattern);
    let sequence = Parser { pattern, closing: &closing }.sequence(0, pattern.len(), 0)?;
    let size = size_of_sequence(&sequence);
    if size.names > MAX_RESULTS {
        return Err(bad(
            pattern,
            &format!("it stands for {size} names, {MAX_RESULTS} are accepted"),
        ));
    }
    if size.bytes > MAX_BYTES {
        return Err(bad(pattern, &format!("its names would take more than {MAX_BYTES} bytes")));
    }
    Ok(expand_sequence(&sequence))
}

fn bad(pattern: &str, why: &str) -> Error {
    Error::new(Kind::BadPattern, format!("pattern {}: {why}", quote(pattern)))
}

enum Node<'a> {
    Text(&'a str),
    List(Vec<Vec<Node<'a>>>),
    Range(Range),
}

/// For every byte that opens a group, where the group closes; unbalanced braces have none.
fn closing_braces(pattern: &str) -> Vec<Option<usize>> {
    let mut closing = vec![None; pattern.len()];
    let mut open = Vec::new();
    for (at, byte) in pattern.bytes().enumerate() {
        match byte {
            b'{' => open.push(at),
            b'}' => {
                if let Some(slot) = open.pop().and_then(|at| closing.get_mut(at)) {
                    *slot = Some(at);
                }
            }
            _ => {}
        }
    }
    closing
}

struct Parser<'a, 'b> {
    pattern: &'a str,
    closing: &'b [Option<usize>],
}

impl<'a> Parser<'a, '_> {
    fn text(&self, start: usize, end: usize) -> &'a str {
        self.pattern.get(start..end).unwrap_or("")
    }

    fn closing(&self, at: usize) -> Option<usize> {
        self.closing.get(at).copied().flatten()
    }

    /// The parts of `pattern[start..end]`, in which all groups close.
    fn sequence(&self, start: usize, end: usize, depth: usize) -> Result<Vec<Node<'a>>> {
        let mut nodes = Vec::new();
        let (mut literal, mut at) = (start, start);
        while at < end {
            if let Some(close) = self.closing(at)
                && let Some(node) = self.group(at + 1, close, depth)?
            {
                nodes.push(Node::Text(self.text(literal, at)));
                nodes.push(node);
                at = close;
                literal = close + 1;
            }
            at += 1;
        }
        nodes.push(Node::Text(self.text(literal, end)));
        Ok(nodes)
    }

    /// What is between two braces, if they are a group at all.
    fn group(&self, start: usize, end: usize, depth: usize) -> Result<Option<Node<'a>>> {
        if let Some(range) = Range::parse(self.text(start, end)) {
            return Ok(Some(Node::Range(range)));
        }
        let commas = self.commas(start, end);
        if commas.is_empty() {
            return Ok(None);
        }
        if depth == MAX_NESTING {
            return Err(bad(self.pattern, &format!("lists are more than {MAX_NESTING} deep")));
        }
        let mut from = start;
        let mut choices = Vec::new();
        for comma in commas.into_iter().chain([end]) {
            choices.push(self.sequence(from, comma, depth + 1)?);
            from = comma + 1;
        }
        Ok(Some(Node::List(choices)))
    }

    /// The commas that are not inside another group.
    fn commas(&self, start: usize, end: usize) -> Vec<usize> {
        let bytes = self.pattern.as_bytes();
        let (mut commas, mut at) = (Vec::new(), start);
        while at < end {
            if bytes.get(at) == Some(&b',') {
                commas.push(at);
            }
            at = self.closing(at).unwrap_or(at) + 1;
        }
        commas
    }
}

/// How many names there are and how many bytes they have together, at most.
#[derive(Clone, Copy)]
struct Size {
    names: u64,
    bytes: u64,
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let more = if self.names == u64::MAX { "more than " } else { "" };
        write!(f, "{more}{}", self.names)
    }
}

fn size_of_sequence(nodes: &[Node<'_>]) -> Size {
    nodes.iter().map(size_of_node).fold(Size { names: 1, bytes: 0 }, |left, right| Size {
        names: left.names.saturating_mul(right.names),
        bytes: (left.bytes.saturating_mul(right.names))
            .saturating_add(right.bytes.saturating_mul(left.names)),
    })
}

fn size_of_node(node: &Node<'_>) -> Size {
    match node {
        Node::Text(text) => Size { names: 1, bytes: text.len() as u64 },
        Node::Range(range) => {
            Size { names: range.count(), bytes: range.count().saturating_mul(range.widest()) }
        }
        Node::List(choices) => choices.iter().map(|choice| size_of_sequence(choice)).fold(
            Size { names: 0, bytes: 0 },
            |sum, one| Size {
                names: sum.names.saturating_add(one.names),
                bytes: sum.bytes.saturating_add(one.bytes),
            },
        ),
    }
}

fn expand_sequence(nodes: &[Node<'_>]) -> Vec<String> {
    let mut names = vec![String::new()];
    for node in nodes {
        let endings: Vec<String> = match node {
            Node::Text(text) => {
                for name in &mut names {
                    name.push_str(text);
                }
                continue;
            }
            Node::Range(range) => range.texts().collect(),
            Node::List(choices) => {
                choices.iter().flat_map(|choice| expand_sequence(choice)).collect()
            }
        };
        names = combine(&names, &endings);
    }
    names
}

fn combine(starts: &[String], endings: &[String]) -> Vec<String> {
    let pair =
        |start: &String| endings.iter().map(move |end| format!("{start}{end}")).collect::<Vec<_>>();
    starts.iter().flat_map(pair).collect()
}

#[cfg(test)]
mod tests;
