//! Lenses one after the other.

use super::Lens;
use std::marker::PhantomData;

/// What can be done with every lens.
pub trait LensExt<S, V>: Lens<S, V> {
    /// This lens, and then the next on what it shows.
    ///
    /// ```
    /// use atdata::lens::{Lens, LensExt, lens};
    /// let first = lens(|pair: &(i32, i32)| pair.0, |one, pair: &(i32, i32)| (one, pair.1));
    /// let text = lens(i32::to_string, |text: String, old: &i32| text.parse().unwrap_or(*old));
    /// let both = first.then(text);
    /// assert_eq!(both.get(&(1, 2)), "1");
    /// assert_eq!(both.put("7".to_owned(), &(1, 2)), (7, 2));
    /// ```
    fn then<W, L: Lens<V, W>>(self, next: L) -> Then<Self, L, V>
    where
        Self: Sized;
}

impl<S, V, A: Lens<S, V>> LensExt<S, V> for A {
    fn then<W, L: Lens<V, W>>(self, next: L) -> Then<Self, L, V> {
        Then { first: self, next, between: PhantomData }
    }
}

/// One lens, then another on what it shows, which is a `V`; see [`LensExt::then`].
#[derive(Debug, Clone, Copy)]
pub struct Then<A, B, V> {
    first: A,
    next: B,
    between: PhantomData<fn() -> V>,
}

impl<S, V, W, A: Lens<S, V>, B: Lens<V, W>> Lens<S, W> for Then<A, B, V> {
    fn get(&self, source: &S) -> W {
        self.next.get(&self.first.get(source))
    }

    fn put(&self, view: W, source: &S) -> S {
        self.first.put(self.next.put(view, &self.first.get(source)), source)
    }
}

/// Shows a source as it is; see [`identity`].
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Identity;

/// The lens that shows a source as it is: composed with another it changes nothing.
///
/// ```
/// use atdata::lens::{Lens, identity};
/// assert_eq!((identity().get(&1), identity().put(2, &1)), (1, 2));
/// ```
#[must_use]
pub const fn identity() -> Identity {
    Identity
}

impl<S: Clone> Lens<S, S> for Identity {
    fn get(&self, source: &S) -> S {
        source.clone()
    }

    fn put(&self, view: S, _: &S) -> S {
        view
    }
}
