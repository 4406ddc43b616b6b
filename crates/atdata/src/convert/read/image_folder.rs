//! A folder a class, with image files in it, perhaps in a folder a split.

use crate::convert::files::SourceFile;
use crate::convert::input::{At, Input, LARGEST, Records, Row};
use crate::error::{Error, Result};
use crate::load::{files_in, split_word};
use atdata_format::Value;
use atdata_format::schema::{Encoding, Field, FieldType, Schema};
use std::fs;
use std::path::Path;

/// What the names of images end in.
const IMAGES: [&str; 10] =
    ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "ppm", "pgm"];

/// How deep a class's folder is looked into.
const DEEPEST: usize = 16;

/// Whether a folder's folders have images in them, at most below those of splits.
pub(crate) fn has_classes(folder: &Path) -> Result<bool> {
    let mut waiting = vec![(folder.to_string_lossy().into_owned(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let (files, folders) = files_in(&folder, &[""])?;
        if depth > 0 && files.iter().any(|file| is_image(file)) {
            return Ok(true);
        }
        if depth < 3 {
            waiting.extend(folders.into_iter().map(|folder| (folder, depth + 1)));
        }
    }
    Ok(false)
}

fn is_image(path: &str) -> bool {
    let ending = Path::new(path).extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| IMAGES.contains(&ending.as_str()))
}

/// The images in a folder, by split.
pub(super) fn open(path: &Path) -> Result<Vec<(String, Box<dyn Input>)>> {
    let root = path.to_string_lossy().into_owned();
    if !path.is_dir() {
        return Err(Error::NotFound(format!("{root}: there is no such folder")));
    }
    let (_, folders) = files_in(&root, &[])?;
    let mut splits: Vec<(String, Vec<String>)> = Vec::new();
    for folder in &folders {
        if let Some(split) = split_word(name_of(folder)) {
            match splits.iter_mut().find(|(known, _)| known == split) {
                Some((_, folders)) => folders.push(folder.clone()),
                None => splits.push((split.to_owned(), vec![folder.clone()])),
            }
        }
    }
    // A folder called `test` beside folders of classes is a class.
    let all_splits =
        splits.iter().map(|(_, folders)| folders.len()).sum::<usize>() == folders.len();
    if !all_splits || splits.is_empty() {
        splits = vec![("train".to_owned(), vec![root.clone()])];
    }
    let order = |split: &str| ["train", "validation", "test"].iter().position(|s| *s == split);
    splits.sort_by_key(|(split, _)| order(split));
    let mut inputs: Vec<(String, Box<dyn Input>)> = Vec::new();
    for (split, bases) in splits {
        let folder = ImageFolder::open(&root, &bases)?;
        inputs.push((split, Box::new(folder)));
    }
    Ok(inputs)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// An image: its file, its class, and its path below the root.
#[derive(Debug, Clone)]
struct Image {
    file: SourceFile,
    label: String,
    path: String,
}

struct ImageFolder {
    images: Vec<Image>,
    place: String,
}

impl ImageFolder {
    fn open(root: &str, bases: &[String]) -> Result<Self> {
        let mut images = Vec::new();
        for base in bases {
            for class in files_in(base, &[])?.1 {
                add_images(&class, name_of(&class), root, DEEPEST, &mut images)?;
            }
        }
        let place = bases.join(", ");
        if images.is_empty() {
            let message = format!("{place}: there are no folders with images in them");
            return Err(Error::NotFound(message));
        }
        Ok(Self { images, place })
    }
}

fn add_images(
    folder: &str,
    label: &str,
    root: &str,
    depth: usize,
    images: &mut Vec<Image>,
) -> Result<()> {
    let (files, folders) = files_in(folder, &[""])?;
    for path in files.into_iter().filter(|file| is_image(file)) {
        let below = path.strip_prefix(root).unwrap_or(&path).trim_start_matches('/').to_owned();
        let file = SourceFile::new(path)?;
        images.push(Image { file, label: label.to_owned(), path: below });
    }
    for folder in folders.iter().filter(|_| depth > 0) {
        add_images(folder, label, root, depth - 1, images)?;
    }
    Ok(())
}

impl Input for ImageFolder {
    fn told(&self) -> Result<Option<Schema>> {
        let fields = vec![
            Field::new("image", FieldType::Bytes).encoded(Encoding::Image),
            Field::new("label", FieldType::Str),
            Field::new("path", FieldType::Str),
        ];
        Ok(Some(Schema { fields, ..Schema::default() }))
    }

    fn mixed(&self) -> FieldType {
        FieldType::Any
    }

    fn records(&self, _: Option<&Schema>) -> Result<Box<dyn Records>> {
        Ok(Box::new(Images { images: self.images.clone().into_iter(), done: 0 }))
    }

    fn bytes(&self) -> u64 {
        self.images.iter().map(|image| image.file.bytes).sum()
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}

struct Images {
    images: std::vec::IntoIter<Image>,
    done: u64,
}

impl Records for Images {
    fn next(&mut self, row: &mut Row) -> Result<bool> {
        let Some(Image { file, label, path }) = self.images.next() else { return Ok(false) };
        row.at = At::start(&file.path, "");
        if file.bytes > LARGEST {
            return Err(row.at.wrong(None, "a file of over 1 GiB is not read"));
        }
        let bytes = fs::read(&file.path).map_err(|error| file.failed(error))?;
        self.done += bytes.len() as u64;
        row.fields.push(("image".to_owned(), Value::Bytes(bytes)));
        row.fields.push(("label".to_owned(), Value::Str(label)));
        row.fields.push(("path".to_owned(), Value::Str(path)));
        Ok(true)
    }

    fn done(&self) -> u64 {
        self.done
    }
}
