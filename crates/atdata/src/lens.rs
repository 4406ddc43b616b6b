//! Views of one sample type as another, both ways.
//!
//! ```
//! use atdata::lens::{Lens, LensNetwork, lens};
//!
//! #[derive(Clone)]
//! struct Full { label: String, score: f64 }
//! struct Label { label: String }
//!
//! let label = lens(
//!     |full: &Full| Label { label: full.label.clone() },
//!     |view: Label, full: &Full| Full { label: view.label, ..full.clone() },
//! );
//! let full = Full { label: "cat".into(), score: 0.5 };
//! assert_eq!(label.get(&full).label, "cat");
//! assert_eq!(label.put(Label { label: "dog".into() }, &full).score, 0.5);
//!
//! let mut network = LensNetwork::new();
//! network.register(label);
//! assert_eq!(network.find::<Full, Label>()?.get(&full).label, "cat");
//! assert!(network.find::<Label, Full>().is_err());
//! # Ok::<(), atdata::Error>(())
//! ```

use crate::error::{Error, Result};
use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::sync::Arc;

/// A view of `S` as `V`.
///
/// A well-behaved lens gives back what was put, and changes nothing when what it gave is put.
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

/// Lenses by the types they lead from and to.
#[derive(Debug, Default)]
pub struct LensNetwork {
    lenses: HashMap<(TypeId, TypeId), Box<dyn Any + Send + Sync>>,
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
        let shared: SharedLens<S, V> = Arc::new(lens);
        self.lenses.insert((TypeId::of::<S>(), TypeId::of::<V>()), Box::new(shared));
    }

    /// The lens from `S` to `V`.
    ///
    /// # Errors
    /// [`Error::NoLens`].
    pub fn find<S: 'static, V: 'static>(&self) -> Result<SharedLens<S, V>> {
        let found = self.lenses.get(&(TypeId::of::<S>(), TypeId::of::<V>()));
        let lens = found.and_then(|lens| lens.downcast_ref::<SharedLens<S, V>>());
        lens.cloned().ok_or_else(|| Error::NoLens {
            source_type: type_name::<S>().to_owned(),
            view_type: type_name::<V>().to_owned(),
        })
    }
}
