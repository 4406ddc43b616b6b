//! Views of one sample type as another, both ways.
//!
//! ```
//! use atdata::lens::{Lens, LensExt, LensNetwork, laws, lens};
//!
//! #[derive(Clone, Debug, PartialEq)]
//! struct Full { label: String, score: f64 }
//! #[derive(Clone, Debug, PartialEq)]
//! struct Label { label: String }
//!
//! let label = lens(
//!     |full: &Full| Label { label: full.label.clone() },
//!     |view: Label, full: &Full| Full { label: view.label, ..full.clone() },
//! );
//! let text = lens(
//!     |view: &Label| view.label.clone(),
//!     |label: String, _: &Label| Label { label },
//! );
//! let full = Full { label: "cat".into(), score: 0.5 };
//! assert_eq!(label.get(&full).label, "cat");
//! assert_eq!(label.put(Label { label: "dog".into() }, &full).score, 0.5);
//!
//! // Lenses compose, and a test can ask whether one keeps the laws.
//! let both = label.then(text);
//! assert_eq!(both.get(&full), "cat");
//! laws::check(&both, &[full.clone()], &["dog".to_owned()])?;
//!
//! // A network finds the way from one type to another.
//! let mut network = LensNetwork::new();
//! network.register(label);
//! network.register(text);
//! assert_eq!(network.find::<Full, String>()?.get(&full), "cat");
//! assert!(network.find::<String, Full>().is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compose;
pub mod laws;
mod network;
mod paths;

pub use compose::{Identity, LensExt, Then, identity};
pub use network::LensNetwork;

use std::sync::Arc;

/// A view of `S` as `V`.
///
/// A well-behaved lens gives back what was put, and changes nothing when what it gave is put;
/// [`laws`] checks that.
pub trait Lens<S, V> {
    /// The view of a source.
    fn get(&self, source: &S) -> V;

    /// The source with the changes that were made to its view.
    fn put(&self, view: V, source: &S) -> S;
}

/// A lens of two functions; see [`lens`].
#[derive(Debug, Clone, Copy)]
pub struct FnLens<G, P> {
    get: G,
    put: P,
}

/// A lens of a getter and a putter.
pub const fn lens<S, V, G, P>(get: G, put: P) -> FnLens<G, P>
where
    G: Fn(&S) -> V,
    P: Fn(V, &S) -> S,
{
    FnLens { get, put }
}

impl<S, V, G, P> Lens<S, V> for FnLens<G, P>
where
    G: Fn(&S) -> V,
    P: Fn(V, &S) -> S,
{
    fn get(&self, source: &S) -> V {
        (self.get)(source)
    }

    fn put(&self, view: V, source: &S) -> S {
        (self.put)(view, source)
    }
}

impl<S, V, L: Lens<S, V> + ?Sized> Lens<S, V> for &L {
    fn get(&self, source: &S) -> V {
        (**self).get(source)
    }

    fn put(&self, view: V, source: &S) -> S {
        (**self).put(view, source)
    }
}

impl<S, V, L: Lens<S, V> + ?Sized> Lens<S, V> for Arc<L> {
    fn get(&self, source: &S) -> V {
        (**self).get(source)
    }

    fn put(&self, view: V, source: &S) -> S {
        (**self).put(view, source)
    }
}

/// A lens of any kind, shared.
pub type SharedLens<S, V> = Arc<dyn Lens<S, V> + Send + Sync>;
