//! Lenses: views of data sets, composition, laws; the network is in `lens_network.rs`.

use atdata::lens::{Lens, LensExt, LensNetwork, SharedLens, identity, laws, lens};
use atdata::{Sample, WriteOptions, write_samples};
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Sample, Clone, Debug, PartialEq)]
struct Full {
    label: String,
    score: f64,
}

#[derive(Sample, Clone, Debug, PartialEq)]
struct Label {
    label: String,
}

fn label() -> impl Lens<Full, Label> + Send + Sync + 'static {
    lens(
        |full: &Full| Label { label: full.label.clone() },
        |view: Label, full: &Full| Full { label: view.label, ..full.clone() },
    )
}

#[test]
fn a_dataset_is_seen_through_a_lens_and_by_names() {
    let folder = tempfile::tempdir().unwrap();
    let samples = (0..4).map(|n| Full { label: format!("l{n}"), score: 0.5 });
    let dataset = write_samples(samples, folder.path().join("a.tar"), WriteOptions::new()).unwrap();
    let views: Vec<Label> = dataset.view(label()).map(Result::unwrap).collect();
    assert_eq!(views[2].label, "l2");
    let by_name: Vec<Label> = dataset.as_type().ordered().into_iter().map(Result::unwrap).collect();
    assert_eq!(by_name, views);
}

#[test]
fn what_is_put_is_got_and_the_network_knows_it() {
    let mut network = LensNetwork::new();
    network.register(label());
    let found = network.find::<Full, Label>().unwrap();
    let full = Full { label: "cat".into(), score: 0.5 };
    assert_eq!(found.put(found.get(&full), &full), full);
    let dog = Label { label: "dog".into() };
    assert_eq!(found.get(&found.put(dog.clone(), &full)), dog);
    let error = network.find::<Label, Full>().map(drop).unwrap_err();
    assert!(error.to_string().contains("Label") && error.kind() == "no_lens", "{error}");
}

/// Trees of pairs, and lenses that look into them.
type Pair<A> = (A, i8);
type Deep = Pair<Pair<Pair<i8>>>;

fn first<A: Clone + 'static>() -> SharedLens<Pair<A>, A> {
    Arc::new(lens(|pair: &Pair<A>| pair.0.clone(), |one, pair: &Pair<A>| (one, pair.1)))
}

fn deep() -> impl Strategy<Value = Deep> {
    any::<(i8, i8, i8, i8)>().prop_map(|(a, b, c, d)| (((a, b), c), d))
}

proptest! {
    #[test]
    fn composition_is_associative(source in deep(), view: i8) {
        let left = first().then(first()).then(first::<i8>());
        let right = first().then(first().then(first::<i8>()));
        prop_assert_eq!(left.get(&source), right.get(&source));
        let (one, other) = (left.put(view, &source), right.put(view, &source));
        prop_assert_eq!(one, other);
        prop_assert_eq!(one, (((view, source.0.0.1), source.0.1), source.1));
    }

    #[test]
    fn identity_changes_nothing(source in deep(), view: Pair<Pair<i8>>) {
        let (plain, before, after) =
            (first(), identity().then(first()), first().then(identity()));
        prop_assert_eq!(plain.get(&source), before.get(&source));
        prop_assert_eq!(plain.get(&source), after.get(&source));
        let put = plain.put(view, &source);
        prop_assert_eq!((before.put(view, &source), after.put(view, &source)), (put, put));
    }

    #[test]
    fn composed_lenses_keep_the_laws(sources in prop::collection::vec(deep(), 1..4), views: Vec<i8>) {
        let views = &views[..views.len().min(3)];
        laws::check(&first().then(first()).then(first::<i8>()), &sources, views)?;
        laws::check(&identity(), &sources, &[])?;
    }

    #[test]
    fn broken_lenses_are_found(source in any::<Pair<i8>>(), one: i8, two: i8) {
        // Puts something else than it was given.
        let more = lens(|pair: &Pair<i8>| pair.0, |one, pair: &Pair<i8>| (one ^ 1, pair.1));
        prop_assert_eq!(laws::get_put(&more, &source).unwrap_err().law, "GetPut");
        prop_assert_eq!(laws::put_get(&more, &one, &source).unwrap_err().law, "PutGet");
        // Counts how often something was put.
        let count = |pair: &Pair<i8>| pair.1.wrapping_add(1);
        let counted = lens(|pair: &Pair<i8>| pair.0, |one, pair: &Pair<i8>| (one, count(pair)));
        laws::put_get(&counted, &one, &source)?;
        let error = laws::put_put(&counted, &one, &two, &source).unwrap_err();
        prop_assert_eq!(error.law, "PutPut");
        prop_assert!(laws::check(&counted, &[source], &[]).is_err());
        // Ignores what is put.
        let stuck = lens(|pair: &Pair<i8>| pair.0, |_, pair: &Pair<i8>| *pair);
        laws::get_put(&stuck, &source)?;
        prop_assert_eq!(laws::put_get(&stuck, &one, &source).is_err(), one != source.0);
    }
}

#[test]
fn a_broken_law_is_told_with_its_values() {
    let shout =
        lens(|label: &Label| label.label.to_uppercase(), |label, _: &Label| Label { label });
    let cat = Label { label: "cat".into() };
    let message = "GetPut does not hold: a view that is put back changes the source\n  \
        source   Label { label: \"cat\" }\n  \
        got      \"CAT\"\n  \
        result   Label { label: \"CAT\" }";
    let error = laws::check(&shout, &[cat], &[]).unwrap_err();
    assert_eq!((error.to_string().as_str(), format!("{error:?}").as_str()), (message, message));
}

#[test]
fn lenses_compose_by_reference_and_shared() {
    let (one, negated) = (first::<i8>(), lens(|n: &i8| -n, |n: i8, _: &i8| -n));
    let composed: SharedLens<Pair<i8>, i8> = Arc::new(Arc::clone(&one).then(negated));
    assert_eq!((composed.get(&(1, 2)), composed.put(5, &(1, 2))), (-1, (-5, 2)));
    assert_eq!((&one).then(&negated).then(&negated).get(&(1, 2)), one.get(&(1, 2)));
}
