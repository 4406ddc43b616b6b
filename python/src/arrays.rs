//! Arrays of numpy, from bytes.

use crate::errors::Fail;
use crate::views::{self, Arrays};
use atdata::Recycled;
use atdata::format::array::ArrayView;
use atdata::format::dtype::Dtype;
use numpy::npyffi::{self, PY_ARRAY_API, npy_intp};
use numpy::{PyArrayDescr, PyArrayDescrMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::PyTypeInfo;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use std::borrow::Cow;
use std::ptr;
use std::sync::{Mutex, PoisonError, Weak};

/// Makes arrays of one field; the last one's header is not read again when it comes again.
#[derive(Default)]
pub(crate) struct ArrayMaker {
    last: Option<Known>,
}

/// An array header that was read, and what it means to numpy.
struct Known {
    header: Vec<u8>,
    total: usize,
    descr: Py<PyArrayDescr>,
    shape: Vec<npy_intp>,
}

impl ArrayMaker {
    /// The array that these bytes hold.
    pub(crate) fn array<'py>(
        &mut self,
        py: Python<'py>,
        bytes: &[u8],
        arrays: Arrays<'_, 'py>,
    ) -> Result<Bound<'py, PyAny>, Fail> {
        if let Some(known) = &self.last
            && known.total == bytes.len()
            && let Some(data) = bytes.strip_prefix(known.header.as_slice())
        {
            let shape = Shape { descr: known.descr.bind(py).clone(), dims: &known.shape };
            return Ok(made(py, shape, data, arrays)?);
        }
        let view = ArrayView::parse(bytes)?;
        let descr = descr(py, &view.header.dtype)?;
        let dims = dims(&view.header.shape);
        let shape = Shape { descr: descr.clone(), dims: &dims };
        let array = match view.to_c_order() {
            Cow::Borrowed(data) => made(py, shape, data, arrays)?,
            Cow::Owned(data) => made(py, shape, &data, arrays.apart())?,
        };
        if !view.header.fortran {
            let header = bytes.get(..view.header.data_offset).unwrap_or_default().to_vec();
            let descr = descr.unbind();
            self.last = Some(Known { header, total: bytes.len(), descr, shape: dims });
        }
        Ok(array)
    }
}

/// An array's element type and the lengths of its axes.
pub(crate) struct Shape<'py, 'a> {
    pub(crate) descr: Bound<'py, PyArrayDescr>,
    pub(crate) dims: &'a [npy_intp],
}

impl Shape<'_, '_> {
    /// How many bytes its elements take.
    pub(crate) fn bytes(&self) -> Option<usize> {
        let mut dims = self.dims.iter().map(|&dim| usize::try_from(dim).ok());
        dims.try_fold(self.descr.itemsize(), |size, dim| size.checked_mul(dim?))
    }
}

/// An array of C-ordered data.
fn made<'py>(
    py: Python<'py>,
    shape: Shape<'py, '_>,
    data: &[u8],
    arrays: Arrays<'_, 'py>,
) -> PyResult<Bound<'py, PyAny>> {
    match arrays {
        Arrays::In(owner) if !data.is_empty() => views::looking(py, shape, data, owner),
        Arrays::Owned => copied(py, shape.descr, shape.dims, data),
        _ => views::frozen(copied(py, shape.descr, shape.dims, data)?),
    }
}

fn dims(shape: &[usize]) -> Vec<npy_intp> {
    // No array has more elements than a payload has bytes, but a shape with a 0 may say anything.
    shape.iter().map(|&dim| npy_intp::try_from(dim).unwrap_or(npy_intp::MAX)).collect()
}

/// numpy's object for an element type. The last few are kept: making one costs as much as a batch
/// of small arrays.
fn descr<'py>(py: Python<'py>, dtype: &Dtype) -> PyResult<Bound<'py, PyArrayDescr>> {
    static KNOWN: Mutex<Vec<(Dtype, Py<PyArrayDescr>)>> = Mutex::new(Vec::new());
    const KEPT: usize = 16;
    // Held for a look or a push only, never while Python code runs.
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, descr)) = known().iter().find(|(own, _)| own == dtype) {
        return Ok(descr.bind(py).clone());
    }
    let descr = new_descr(py, dtype)?;
    let mut known = known();
    let room = known.len().min(KEPT - 1);
    known.truncate(room);
    known.push((dtype.clone(), descr.clone().unbind()));
    Ok(descr)
}

fn new_descr<'py>(py: Python<'py>, dtype: &Dtype) -> PyResult<Bound<'py, PyArrayDescr>> {
    match dtype.descr() {
        None => PyArrayDescr::new(py, dtype.as_str()),
        Some(text) => {
            let descr = py.import("ast")?.call_method1("literal_eval", (text,))?;
            let format = py.import("numpy.lib.format")?;
            Ok(format.call_method1("descr_to_dtype", (descr,))?.cast_into()?)
        }
    }
}

/// A new array with a copy of C-ordered data.
#[allow(unsafe_code, reason = "the dtype is known at run time only, so no typed array can be made")]
fn copied<'py>(
    py: Python<'py>,
    descr: Bound<'py, PyArrayDescr>,
    shape: &[npy_intp],
    data: &[u8],
) -> PyResult<Bound<'py, PyAny>> {
    let array = new_array(py, descr, shape, ptr::null_mut(), 0)?;
    // SAFETY: numpy has allocated the array, C-contiguous and unshared; its size in bytes is
    // compared with that of the data before the copy.
    unsafe {
        let object = array.as_ptr().cast::<npyffi::PyArrayObject>();
        let size = array.cast_unchecked::<PyUntypedArray>();
        let bytes = size.len().saturating_mul(size.dtype().itemsize());
        if bytes != data.len() {
            let message = format!("the array needs {bytes} bytes of data, not {}", data.len());
            return Err(PyTypeError::new_err(message));
        }
        ptr::copy_nonoverlapping(data.as_ptr(), (*object).fields.data.cast(), bytes);
    }
    Ok(array)
}

/// Memory that an array looks at; it lives as long as the array.
#[pyclass(frozen, module = "atdata._atdata")]
struct Buffer {
    bytes: Vec<u8>,
    /// Who may use the memory again.
    memory: Weak<Recycled>,
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(memory) = self.memory.upgrade() {
            memory.give_back(std::mem::take(&mut self.bytes));
        }
    }
}

/// An array over bytes that it takes over, without a copy.
#[allow(unsafe_code, reason = "a batch's column is handed over as it was decoded")]
pub(crate) fn adopted<'py>(
    py: Python<'py>,
    dtype: &Dtype,
    shape: &[usize],
    bytes: Vec<u8>,
    memory: &Weak<Recycled>,
) -> PyResult<Bound<'py, PyAny>> {
    let descr = descr(py, dtype)?;
    let needed = shape.iter().try_fold(descr.itemsize(), |size, &dim| size.checked_mul(dim));
    if needed != Some(bytes.len()) || bytes.is_empty() {
        return copied(py, descr, &dims(shape), &bytes);
    }
    let owner = Bound::new(py, Buffer { bytes, memory: Weak::clone(memory) })?;
    let data = owner.get().bytes.as_ptr().cast_mut();
    let flags = npyffi::NPY_ARRAY_WRITEABLE | npyffi::NPY_ARRAY_C_CONTIGUOUS;
    let array = new_array(py, descr, &dims(shape), data.cast(), flags)?;
    // SAFETY: the array looks at bytes that `owner` keeps in place and that nothing else can
    // reach: the vector is never touched again, and numpy alone writes through the pointer. The
    // shape was checked against their number. Alignment is checked by numpy from the pointer.
    // The call takes over the reference to `owner`, also when it fails.
    let status =
        unsafe { PY_ARRAY_API.PyArray_SetBaseObject(py, array.as_ptr().cast(), owner.into_ptr()) };
    if status == 0 { Ok(array) } else { Err(PyErr::fetch(py)) }
}

#[allow(unsafe_code, reason = "numpy's C interface")]
pub(crate) fn new_array<'py>(
    py: Python<'py>,
    descr: Bound<'py, PyArrayDescr>,
    shape: &[npy_intp],
    data: *mut std::ffi::c_void,
    flags: i32,
) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the call takes over one reference to `descr`, reads `shape.len()` dimensions, and
    // returns a new reference or null with an exception set. With null `data` it allocates.
    unsafe {
        let array = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            PyUntypedArray::type_object_raw(py),
            descr.into_dtype_ptr(),
            shape.len() as i32,
            shape.as_ptr().cast_mut(),
            ptr::null_mut(),
            data,
            flags,
            ptr::null_mut(),
        );
        Bound::from_owned_ptr_or_err(py, array)
    }
}

/// The array that a sample's bytes hold.
#[pyfunction]
#[pyo3(signature = (data, /))]
pub(crate) fn bytes_to_array<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    ArrayMaker::default().array(py, data, Arrays::Owned).map_err(|fail| fail.raise(py))
}
