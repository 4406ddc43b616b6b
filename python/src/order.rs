//! In which order samples are read, and by whom.

use atdata::plan::{Part, Shuffle};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// In which order, and which part of all samples.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Order {
    pub(crate) shuffle: Option<Shuffle>,
    pub(crate) part: Part,
}

#[pymethods]
impl Order {
    #[new]
    #[pyo3(signature = (shuffle = None, rank = 0, world = 1, worker = 0, workers = 1))]
    fn new(
        shuffle: Option<(u64, u64, usize, usize)>,
        rank: u64,
        world: u64,
        worker: u64,
        workers: u64,
    ) -> PyResult<Self> {
        let part = Part { rank, world, worker, workers };
        if !part.is_valid() {
            let message = format!(
                "rank {rank} of {world} and worker {worker} of {workers}: \
                 they count from 0 and must be less than how many there are"
            );
            return Err(PyValueError::new_err(message));
        }
        let shuffle = shuffle.map(|(seed, epoch, buffer_shards, buffer_samples)| Shuffle {
            seed,
            epoch,
            buffer_shards,
            buffer_samples,
        });
        Ok(Self { shuffle, part })
    }
}
