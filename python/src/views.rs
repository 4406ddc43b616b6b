//! Arrays that look at a shard where it lies in memory.

use crate::arrays::{Shape, new_array};
use atdata::format::Extent;
use atdata::source::MappedShard;
use numpy::npyffi::{self, PY_ARRAY_API};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// Whose memory a sample's arrays have.
#[derive(Clone, Copy)]
pub(crate) enum Arrays<'a, 'py> {
    /// Each its own.
    Owned,
    /// Each its own, which nobody may write to: what stands in for a look where there is none.
    ReadOnly,
    /// That of the shard.
    In(&'a Bound<'py, Mapping>),
}

impl Arrays<'_, '_> {
    /// The same for data that is not in the shard.
    pub(crate) const fn apart(self) -> Self {
        match self {
            Self::In(_) => Self::ReadOnly,
            other => other,
        }
    }
}

/// A shard in memory; it stays as long as an array looks at it.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Mapping {
    shard: Arc<MappedShard>,
}

impl Mapping {
    /// A payload's bytes.
    pub(crate) fn bytes(&self, payload: Extent) -> atdata::format::Result<&[u8]> {
        self.shard.bytes(payload)
    }
}

/// The mapping of the last shard, which is most often that of the next sample too.
#[derive(Default)]
pub(crate) struct LastMapping(Option<Py<Mapping>>);

impl LastMapping {
    pub(crate) fn of<'py>(
        &mut self,
        py: Python<'py>,
        shard: &Arc<MappedShard>,
    ) -> PyResult<Bound<'py, Mapping>> {
        if let Some(last) = &self.0
            && Arc::ptr_eq(&last.get().shard, shard)
        {
            return Ok(last.bind(py).clone());
        }
        let mapping = Bound::new(py, Mapping { shard: Arc::clone(shard) })?;
        self.0 = Some(mapping.clone().unbind());
        Ok(mapping)
    }
}

/// An array over C-ordered data of a shard, without a copy; it cannot be written to.
#[allow(unsafe_code, reason = "the array looks at memory that another object keeps")]
pub(crate) fn looking<'py>(
    py: Python<'py>,
    shape: Shape<'py, '_>,
    data: &[u8],
    owner: &Bound<'py, Mapping>,
) -> PyResult<Bound<'py, PyAny>> {
    if shape.bytes() != Some(data.len()) || !owner.get().shard.holds(data) {
        return Err(PyValueError::new_err("an array's data is not where its header says"));
    }
    let start = data.as_ptr().cast_mut().cast();
    let array = new_array(py, shape.descr, shape.dims, start, npyffi::NPY_ARRAY_C_CONTIGUOUS)?;
    let owner = owner.clone().into_ptr();
    // SAFETY: the array looks at bytes that `owner` keeps in place, as was just checked, and that
    // nothing writes to: the flag that would let numpy is not set. Alignment is checked by numpy
    // from the pointer. The call takes over the reference to `owner`, also when it fails.
    let status = unsafe { PY_ARRAY_API.PyArray_SetBaseObject(py, array.as_ptr().cast(), owner) };
    if status == 0 { Ok(array) } else { Err(PyErr::fetch(py)) }
}

/// The array, which nobody may write to any more.
pub(crate) fn frozen(array: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {
    let flags = PyDict::new(array.py());
    flags.set_item("write", false)?;
    array.call_method("setflags", (), Some(&flags))?;
    Ok(array)
}
