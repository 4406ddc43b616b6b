//! Lenses by their types, and the ways that they make together.
//!
//! A registered lens knows its two types; the network only keeps their ids. On the way along several
//! lenses the values between them are therefore [`Any`], and each lens knows again what it is given:
//! [`Erased`] is the one place where that is done.

use super::paths::ShortestPaths;
use super::{Lens, SharedLens};
use crate::error::{Error, Result};
use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::iter;
use std::sync::Arc;

/// How many ways an error lists.
const LISTED: usize = 8;

/// Lenses by the types they lead from and to.
#[derive(Default)]
pub struct LensNetwork {
    edges: Vec<Edge>,
}

struct Edge {
    source: Node,
    view: Node,
    lens: Arc<dyn Erased>,
}

/// A type, and its name for people.
#[derive(Clone, Copy)]
struct Node {
    id: TypeId,
    name: &'static str,
}

impl LensNetwork {
    /// A network without lenses.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a lens the way from `S` to `V`, in place of an earlier one.
    pub fn register<S: 'static, V: 'static>(
        &mut self,
        lens: impl Lens<S, V> + Send + Sync + 'static,
    ) {
        let lens = Arc::new(Registered::<S, V>(Arc::new(lens)));
        let edge = Edge { source: Node::of::<S>(), view: Node::of::<V>(), lens };
        match self.edges.iter_mut().find(|known| known.same_types(&edge)) {
            Some(known) => *known = edge,
            None => self.edges.push(edge),
        }
    }

    /// The lens from `S` to `V`: the registered one, else the only shortest way over several.
    ///
    /// From a type to itself there is only a lens that was registered, such as
    /// [`identity()`](super::identity()).
    ///
    /// # Errors
    /// [`Error::NoLens`] when there is no way, [`Error::SeveralLenses`] when several are the
    /// shortest: which is meant cannot be known.
    ///
    /// ```
    /// use atdata::lens::{Lens, LensNetwork, lens};
    /// let mut network = LensNetwork::new();
    /// network.register(lens(|n: &u8| u16::from(*n), |n: u16, _: &u8| n as u8));
    /// network.register(lens(|n: &u16| n.to_string(), |n: String, _: &u16| n.parse().unwrap_or(0)));
    /// let found = network.find::<u8, String>()?;
    /// assert_eq!((found.get(&7), found.put("8".to_owned(), &7)), ("7".to_owned(), 8));
    /// # Ok::<(), atdata::Error>(())
    /// ```
    pub fn find<S: 'static, V: 'static>(&self) -> Result<SharedLens<S, V>> {
        let (from, to) = (Node::of::<S>(), Node::of::<V>());
        let path = match self.direct(from, to) {
            Some(edge) => vec![edge],
            None => self.only_path(from, to)?,
        };
        let lenses = path.into_iter().map(|edge| Arc::clone(&edge.lens));
        let joined = lenses.reduce(|first, next| Arc::new(Chain { first, next }));
        joined.map(typed).ok_or_else(|| no_lens(from, to))
    }

    fn direct(&self, from: Node, to: Node) -> Option<&Edge> {
        self.edges.iter().find(|edge| edge.source.id == from.id && edge.view.id == to.id)
    }

    fn only_path(&self, from: Node, to: Node) -> Result<Vec<&Edge>> {
        let ends: Vec<_> = self.edges.iter().map(|edge| (edge.source.id, edge.view.id)).collect();
        let mut paths = ShortestPaths::new(&ends, from.id, to.id)
            .map(|path| path.into_iter().filter_map(|edge| self.edges.get(edge)).collect());
        let Some(path) = paths.next() else { return Err(no_lens(from, to)) };
        let others: Vec<_> = paths.take(LISTED).collect();
        if others.is_empty() { Ok(path) } else { Err(several(from, to, &path, &others)) }
    }
}

impl fmt::Debug for LensNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lenses = self.edges.iter().map(|edge| in_words(&[edge]));
        f.debug_set().entries(lenses).finish()
    }
}

impl Edge {
    fn same_types(&self, other: &Self) -> bool {
        (self.source.id, self.view.id) == (other.source.id, other.view.id)
    }
}

impl Node {
    fn of<T: 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }
}

fn no_lens(from: Node, to: Node) -> Error {
    Error::NoLens { source_type: from.name.to_owned(), view_type: to.name.to_owned() }
}

fn several(from: Node, to: Node, path: &[&Edge], others: &[Vec<&Edge>]) -> Error {
    let others = others.iter().map(|path| in_words(path));
    let mut paths: Vec<_> = iter::once(in_words(path)).chain(others).collect();
    if let Some(too_many) = paths.get_mut(LISTED) {
        "and more".clone_into(too_many);
    }
    let (source_type, view_type) = (from.name.to_owned(), to.name.to_owned());
    Error::SeveralLenses { source_type, view_type, paths }
}

/// `A -> B -> C`.
fn in_words(path: &[&Edge]) -> String {
    let start = path.first().map(|edge| edge.source.name);
    let names = start.into_iter().chain(path.iter().map(|edge| edge.view.name));
    names.collect::<Vec<_>>().join(" -> ")
}

/// A lens whose types are known to itself alone. It is only ever given values of these types.
trait Erased: Any + Send + Sync {
    fn get(&self, source: &dyn Any) -> Box<dyn Any>;
    fn put(&self, view: Box<dyn Any>, source: &dyn Any) -> Box<dyn Any>;
}

/// A lens as it was registered.
struct Registered<S, V>(SharedLens<S, V>);

impl<S: 'static, V: 'static> Erased for Registered<S, V> {
    fn get(&self, source: &dyn Any) -> Box<dyn Any> {
        Box::new(self.0.get(known(source)))
    }

    fn put(&self, view: Box<dyn Any>, source: &dyn Any) -> Box<dyn Any> {
        Box::new(self.0.put(owned(view), known(source)))
    }
}

/// One lens, then another on what it shows.
struct Chain {
    first: Arc<dyn Erased>,
    next: Arc<dyn Erased>,
}

impl Erased for Chain {
    fn get(&self, source: &dyn Any) -> Box<dyn Any> {
        self.next.get(&*self.first.get(source))
    }

    fn put(&self, view: Box<dyn Any>, source: &dyn Any) -> Box<dyn Any> {
        let between = self.first.get(source);
        self.first.put(self.next.put(view, &*between), source)
    }
}

/// A way whose ends are of known types.
struct Typed(Arc<dyn Erased>);

impl<S: 'static, V: 'static> Lens<S, V> for Typed {
    fn get(&self, source: &S) -> V {
        owned(self.0.get(source))
    }

    fn put(&self, view: V, source: &S) -> S {
        owned(self.0.put(Box::new(view), source))
    }
}

/// The lens with its types, without a detour where it was registered as it is.
fn typed<S: 'static, V: 'static>(lens: Arc<dyn Erased>) -> SharedLens<S, V> {
    let any: &dyn Any = &*lens;
    match any.downcast_ref::<Registered<S, V>>() {
        Some(registered) => Arc::clone(&registered.0),
        None => Arc::new(Typed(lens)),
    }
}

// Where one lens of a path ends, the next one starts: `LensNetwork` joins no others, and it keeps
// them apart by the ids that are asked for here.

fn known<T: 'static>(value: &dyn Any) -> &T {
    value.downcast_ref().unwrap_or_else(|| unreachable!("the lenses of a path meet"))
}

fn owned<T: 'static>(value: Box<dyn Any>) -> T {
    *value.downcast().unwrap_or_else(|_| unreachable!("the lenses of a path meet"))
}
