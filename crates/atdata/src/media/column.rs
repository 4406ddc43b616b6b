//! A column of files as a column of arrays.

use super::files::files;
use super::image::{ImageLimits, Shape, bad, decode_onto, shape_of};
use atdata_format::Error;
use atdata_format::batch::{ArrayItem, ArrayStack, Column, Memory};
use atdata_format::dtype::Dtype;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

type Result<T> = std::result::Result<T, Error>;

/// The most threads of one call, which all end with it.
const THREADS: usize = 4;

/// The decoded bytes from which on a second thread is worth being started.
const LARGE: usize = 512 * 1024;

/// The most that a column's images may take, decoded.
const MOST: usize = 4 << 30;

/// A column of arrays, and the rows that could not be decoded, which have none.
#[derive(Debug)]
pub struct Decoded {
    /// `uint8` arrays of height, width and channels: stacked where they are of one shape.
    pub column: Column,
    /// What was wrong in which row, in the order of the rows.
    pub errors: Vec<(usize, Error)>,
}

/// Decodes a column of image files, on several threads where they are large.
///
/// # Errors
/// [`BadImage`](atdata_format::Kind::BadImage) for more images at once than memory should be asked
/// for.
pub fn decode_column(column: &Column, limits: ImageLimits, memory: &dyn Memory) -> Result<Decoded> {
    let mut errors = Vec::new();
    let files = files(column, "an image", &mut errors);
    let mut shapes: Vec<Option<Shape>> = Vec::with_capacity(files.len());
    for (row, file) in files.iter().enumerate() {
        let shape = file.map(|file| shape_of(file, limits)).transpose();
        shapes.push(shape.unwrap_or_else(|error| {
            errors.push((row, error));
            None
        }));
    }
    let bytes = total(&shapes)?;
    let file = |row: usize| files.get(row).copied().flatten();
    let mut decoded = match common(&shapes) {
        Some(shape) => stacked(shape, shapes.len(), memory.reserve(bytes), &file, limits)?,
        None => apart(&shapes, &file, limits)?,
    };
    errors.append(&mut decoded.errors);
    errors.sort_by_key(|(row, _)| *row);
    Ok(Decoded { column: decoded.column, errors })
}

fn total(shapes: &[Option<Shape>]) -> Result<usize> {
    let mut sizes = shapes.iter().flatten().map(|shape| shape.bytes());
    let total = sizes.try_fold(0_usize, |sum, size| sum.checked_add(size?));
    total.filter(|total| *total <= MOST).ok_or_else(|| {
        bad(format!("the images of one batch take more than {MOST} bytes; ask for smaller batches"))
    })
}

/// The one shape of all rows.
fn common(shapes: &[Option<Shape>]) -> Option<Shape> {
    let first = (*shapes.first()?)?;
    shapes.iter().all(|shape| *shape == Some(first)).then_some(first)
}

/// An image's file, and where its pixels go.
struct Job<'a> {
    row: usize,
    file: &'a [u8],
    out: &'a mut [u8],
}

fn stacked<'a>(
    shape: Shape,
    rows: usize,
    mut data: Vec<u8>,
    file: &impl Fn(usize) -> Option<&'a [u8]>,
    limits: ImageLimits,
) -> Result<Decoded> {
    let size = shape.bytes().unwrap_or_default();
    data.resize(size.saturating_mul(rows), 0);
    let chunks = data.chunks_mut(size.max(1)).enumerate();
    let jobs = chunks.filter_map(|(row, out)| Some(Job { row, file: file(row)?, out }));
    let errors = run(jobs.collect(), limits);
    let stack = ArrayStack::new(uint8()?, dims(shape), rows, data)?;
    Ok(Decoded { column: Column::Stack(stack), errors })
}

fn apart<'a>(
    shapes: &[Option<Shape>],
    file: &impl Fn(usize) -> Option<&'a [u8]>,
    limits: ImageLimits,
) -> Result<Decoded> {
    let size = |shape: &Option<Shape>| shape.and_then(Shape::bytes);
    let mut data: Vec<Option<Vec<u8>>> =
        shapes.iter().map(|shape| size(shape).map(|size| vec![0; size])).collect();
    let outs = data.iter_mut().enumerate();
    let jobs = outs.filter_map(|(row, out)| {
        Some(Job { row, file: file(row)?, out: out.as_mut()?.as_mut_slice() })
    });
    let errors = run(jobs.collect(), limits);
    let dtype = uint8()?;
    let items = shapes.iter().zip(data).map(|(shape, data)| {
        Some(ArrayItem { dtype: dtype.clone(), shape: dims((*shape)?), data: data? })
    });
    Ok(Decoded { column: Column::Arrays(items.collect()), errors })
}

/// Decodes all, and says what was wrong.
fn run(jobs: Vec<Job<'_>>, limits: ImageLimits) -> Vec<(usize, Error)> {
    let bytes: usize = jobs.iter().map(|job| job.out.len()).sum();
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = if bytes < LARGE { 1 } else { cores.min(THREADS).min(jobs.len()) };
    let (waiting, errors) = (Mutex::new(jobs.into_iter()), Mutex::new(Vec::new()));
    let work = || {
        while let Some(Job { row, file, out }) = locked(&waiting).next() {
            if let Err(error) = decode_onto(file, limits, out) {
                locked(&errors).push((row, error));
            }
        }
    };
    thread::scope(|scope| {
        (1..threads).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    errors.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn uint8() -> Result<Dtype> {
    Dtype::parse("|u1")
}

fn dims(shape: Shape) -> Vec<usize> {
    vec![shape.height, shape.width, shape.channels]
}
