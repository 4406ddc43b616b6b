//! The laws of lenses, as checks for tests.
//!
//! Each check tries one example and says by an error which law is broken and with which values.
//! Property tests call them with many.
//!
//! ```
//! use atdata::lens::{laws, lens};
//! let rounded = lens(|x: &f64| x.round(), |whole: f64, _: &f64| whole);
//! laws::put_get(&rounded, &2.0, &0.4)?;
//! let error = laws::get_put(&rounded, &0.4).unwrap_err();
//! assert_eq!(error.law, "GetPut");
//! assert!(error.to_string().contains("source   0.4"));
//! # Ok::<(), laws::Broken>(())
//! ```

use super::Lens;
use std::error::Error;
use std::fmt::{self, Debug};

/// A law that a lens does not keep, and the values that show it. Its `Debug` is the message too,
/// for tests that unwrap.
#[derive(Clone, PartialEq, Eq)]
pub struct Broken {
    /// The law's name: `GetPut`, `PutGet` or `PutPut`.
    pub law: &'static str,
    /// What went otherwise, in words.
    pub what: &'static str,
    /// The values by their `Debug`, each with what it is.
    pub values: Vec<(&'static str, String)>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} does not hold: {}", self.law, self.what)?;
        self.values.iter().try_for_each(|(name, value)| write!(f, "\n  {name:7}  {value}"))
    }
}

impl Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for Broken {}

/// **`GetPut`**: what was got, put back, changes nothing.
///
/// # Errors
/// [`Broken`].
pub fn get_put<S: PartialEq + Debug, V: Debug>(
    lens: &(impl Lens<S, V> + ?Sized),
    source: &S,
) -> Result<(), Broken> {
    let view = lens.get(source);
    let got = format!("{view:?}");
    let result = lens.put(view, source);
    if result == *source {
        return Ok(());
    }
    let values = vec![("source", text(source)), ("got", got), ("result", text(&result))];
    Err(Broken { law: "GetPut", what: "a view that is put back changes the source", values })
}

/// **`PutGet`**: what was put is got.
///
/// # Errors
/// [`Broken`].
pub fn put_get<S: Debug, V: PartialEq + Clone + Debug>(
    lens: &(impl Lens<S, V> + ?Sized),
    view: &V,
    source: &S,
) -> Result<(), Broken> {
    let result = lens.put(view.clone(), source);
    let got = lens.get(&result);
    if got == *view {
        return Ok(());
    }
    let values = vec![
        ("source", text(source)),
        ("put", text(view)),
        ("result", text(&result)),
        ("got", text(&got)),
    ];
    Err(Broken { law: "PutGet", what: "a view that was put is not the one that is got", values })
}

/// **`PutPut`**: the second of two puts leaves nothing of the first.
///
/// # Errors
/// [`Broken`].
pub fn put_put<S: PartialEq + Debug, V: Clone + Debug>(
    lens: &(impl Lens<S, V> + ?Sized),
    first: &V,
    second: &V,
    source: &S,
) -> Result<(), Broken> {
    let both = lens.put(second.clone(), &lens.put(first.clone(), source));
    let only = lens.put(second.clone(), source);
    if both == only {
        return Ok(());
    }
    let values = vec![
        ("source", text(source)),
        ("first", text(first)),
        ("second", text(second)),
        ("both", text(&both)),
        ("only", text(&only)),
    ];
    Err(Broken { law: "PutPut", what: "the first of two puts leaves a trace", values })
}

/// All three laws, with every source and every view; without views, with those of the sources.
///
/// ```
/// use atdata::lens::{laws, lens};
/// let first = lens(|pair: &(i32, i32)| pair.0, |one, pair: &(i32, i32)| (one, pair.1));
/// laws::check(&first, &[(1, 2), (3, 4)], &[])?;
/// # Ok::<(), laws::Broken>(())
/// ```
///
/// # Errors
/// [`Broken`], for the first law that does not hold.
pub fn check<S: PartialEq + Debug, V: PartialEq + Clone + Debug>(
    lens: &(impl Lens<S, V> + ?Sized),
    sources: &[S],
    views: &[V],
) -> Result<(), Broken> {
    sources.iter().try_for_each(|source| get_put(lens, source))?;
    let own: Vec<V> = match views {
        [] => sources.iter().map(|source| lens.get(source)).collect(),
        _ => views.to_vec(),
    };
    for source in sources {
        own.iter().try_for_each(|view| put_get(lens, view, source))?;
    }
    for source in sources {
        for first in &own {
            own.iter().try_for_each(|second| put_put(lens, first, second, source))?;
        }
    }
    Ok(())
}

fn text(value: &impl Debug) -> String {
    format!("{value:?}")
}
