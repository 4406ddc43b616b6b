//! Images and recordings, decoded.

use crate::arrays::adopted;
use crate::columns;
use crate::errors::raise;
use atdata::batch::Column;
use atdata::format::dtype::Dtype;
use atdata::media::{self, ImageLimits, Pixels};
use atdata::{Error, Recycled, Value};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use std::sync::Weak;

/// What was decoded of a list, and what was wrong in which place.
type Decoded = (Py<PyAny>, Vec<(usize, Py<PyAny>)>);

/// Image files as one array, or a list of arrays; and the errors by their places.
#[pyfunction]
#[pyo3(signature = (files, field = None, /))]
pub(crate) fn decode_images(
    py: Python<'_>,
    files: Vec<Option<PyBackedBytes>>,
    field: Option<&str>,
) -> PyResult<Decoded> {
    let decoded = py.detach(|| {
        let file = |file: PyBackedBytes| Value::Bytes(file.to_vec());
        let values = files.into_iter().map(|value| value.map_or(Value::Nil, file));
        let column = Column::Values(values.collect());
        media::decode_column(&column, ImageLimits::default(), &Recycled::default())
    });
    let wrong = |error: atdata::format::Error| match field {
        Some(field) => raise(py, error.in_field(field).into()),
        None => raise(py, error.into()),
    };
    let decoded = decoded.map_err(wrong)?;
    let errors = decoded.errors.into_iter();
    let errors = errors.map(|(row, error)| (row, wrong(error).into_value(py).into_any()));
    let errors = errors.collect();
    Ok((columns::shown(py, decoded.column)?, errors))
}

/// A WAV file: frames a second, and its samples as an array of frames and channels.
#[pyfunction]
#[pyo3(signature = (file, /))]
#[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
pub(crate) fn decode_recording(
    py: Python<'_>,
    file: PyBackedBytes,
) -> PyResult<(u32, Bound<'_, PyAny>)> {
    let decoded = py.detach(|| {
        let found = media::decode_recording(&file)?;
        let frames = found.samples.len() / found.channels.max(1);
        let bytes = found.samples.iter().flat_map(|sample| sample.to_le_bytes());
        let bytes: Vec<u8> = bytes.take(frames * found.channels * size_of::<f32>()).collect();
        Ok((found.rate, [frames, found.channels], bytes, Dtype::parse("<f4")?))
    });
    let (rate, shape, bytes, dtype) =
        decoded.map_err(|error: atdata::format::Error| raise(py, Error::from(error)))?;
    Ok((rate, adopted(py, &dtype, &shape, bytes, &Weak::new())?))
}

/// An image file, scaled down, as a PNG file.
#[pyfunction]
#[pyo3(signature = (file, side, /))]
#[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
pub(crate) fn thumbnail(
    py: Python<'_>,
    file: PyBackedBytes,
    side: usize,
) -> PyResult<Bound<'_, PyBytes>> {
    let made = py.detach(|| media::thumbnail(&file, side));
    made.map(|png| PyBytes::new(py, &png)).map_err(|error| raise(py, error.into()))
}

/// Pixels (height, width, channels), scaled down, as a PNG file.
#[pyfunction]
#[pyo3(signature = (pixels, shape, side, /))]
#[allow(clippy::needless_pass_by_value, reason = "arguments of a Python function are owned")]
pub(crate) fn png_of(
    py: Python<'_>,
    pixels: PyBackedBytes,
    shape: (usize, usize, usize),
    side: usize,
) -> PyResult<Bound<'_, PyBytes>> {
    let (height, width, channels) = shape;
    let made = py
        .detach(|| Pixels { height, width, channels, data: pixels.to_vec() }.within(side).to_png());
    made.map(|png| PyBytes::new(py, &png)).map_err(|error| raise(py, error.into()))
}
