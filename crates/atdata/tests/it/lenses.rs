use atdata::lens::{Lens, LensNetwork, lens};
use atdata::{Sample, WriteOptions, write_samples};

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
