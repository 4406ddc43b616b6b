//! Schemas and lenses.

use super::super::{Outcome, same};
use super::{Check, document, first, paged};
use crate::provider::{Document, DocumentKind, IndexProvider};

pub(super) const CHECKS: &[Check] = &[
    ("a document comes back as it was put", comes_back),
    ("a document is created once and never changes", once),
    ("schemas and lenses are apart", kinds),
    ("the versions of a document are all there", versions),
    ("documents come in the order of name@version, in pages of any size", pages),
];

const KINDS: [DocumentKind; 2] = [DocumentKind::Schema, DocumentKind::Lens];

fn comes_back(provider: &dyn IndexProvider) -> Outcome {
    for kind in KINDS {
        same("before", &provider.document(kind, "Image", "1.0.0")?, &None)?;
        let given = document("Image", "1.0.0");
        same("created", &provider.create_document(kind, &given)?, &true)?;
        same("there", &provider.document(kind, "Image", "1.0.0")?, &Some(given))?;
        same("another version", &provider.document(kind, "Image", "1.0.1")?, &None)?;
        same("another case", &provider.document(kind, "image", "1.0.0")?, &None)?;
    }
    Ok(())
}

fn once(provider: &dyn IndexProvider) -> Outcome {
    for kind in KINDS {
        let given = document("Image", "1.0.0");
        provider.create_document(kind, &given)?;
        let other = Document { json: "{}".into(), ..given.clone() };
        same("other content", &provider.create_document(kind, &other)?, &false)?;
        same("the same content", &provider.create_document(kind, &given)?, &false)?;
        same("unchanged", &provider.document(kind, "Image", "1.0.0")?, &Some(given))?;
    }
    Ok(())
}

fn kinds(provider: &dyn IndexProvider) -> Outcome {
    provider.create_document(DocumentKind::Schema, &document("Image", "1.0.0"))?;
    same("no lens", &provider.document(DocumentKind::Lens, "Image", "1.0.0")?, &None)?;
    same("no lenses", &provider.documents(DocumentKind::Lens, &first(9))?, &vec![])?;
    same("no versions", &provider.versions(DocumentKind::Lens, "Image")?, &vec![])
}

fn versions(provider: &dyn IndexProvider) -> Outcome {
    for kind in KINDS {
        for (name, version) in
            [("A", "1.0.0"), ("A", "10.0.0"), ("A", "2.0.0"), ("AB", "3.0.0"), ("A-", "4.0.0")]
        {
            provider.create_document(kind, &document(name, version))?;
        }
        let mut found = provider.versions(kind, "A")?;
        found.sort();
        same("versions", &found, &["1.0.0", "10.0.0", "2.0.0"].map(str::to_owned).to_vec())?;
        same("none", &provider.versions(kind, "B")?, &vec![])?;
    }
    Ok(())
}

fn pages(provider: &dyn IndexProvider) -> Outcome {
    let order = ["A-b@1.0.0", "A@1.0.0", "A@10.0.0", "A@2.0.0", "AB@1.0.0", "a@1.0.0", "é@1.0.0"];
    for kind in KINDS {
        for key in order.iter().rev() {
            let (name, version) = key.split_once('@').unwrap_or_default();
            provider.create_document(kind, &document(name, version))?;
        }
        for limit in 1..9 {
            let found = paged(limit, key, |page| provider.documents(kind, page))?;
            let keys: Vec<String> = found.iter().map(key).collect();
            same("order", &keys, &order.map(str::to_owned).to_vec())?;
        }
    }
    Ok(())
}

fn key(document: &Document) -> String {
    format!("{}@{}", document.name, document.version)
}
