//! The Python module `atdata._atdata`: convert, release the interpreter, call, convert.

mod array_writer;
mod arrays;
mod atmosphere;
mod columns;
mod condition;
mod convert;
mod decode;
mod encode;
mod entry;
mod errors;
mod export;
mod index;
mod iterate;
mod layout;
mod logs;
mod media;
mod objects;
mod order;
mod places;
mod provider;
mod records;
mod shards;
mod signals;
mod source;
mod store;
mod streams;
mod views;
mod write;

use pyo3::prelude::*;
use std::ffi::OsString;

/// The engine of the Python package atdata.
#[pymodule]
mod _atdata {
    #[pymodule_export]
    use super::array_writer::array_to_bytes;
    #[pymodule_export]
    use super::arrays::bytes_to_array;
    #[pymodule_export]
    use super::atmosphere::{Atmosphere, BrowserLogin, LocalAtmosphere, Published};
    #[pymodule_export]
    use super::atmosphere::{at_uri, dataset_row, save_session, saved_session};
    #[pymodule_export]
    use super::columns::Columns;
    #[pymodule_export]
    use super::condition::Condition;
    #[pymodule_export]
    use super::convert::{Converted, convert, convert_records};
    #[pymodule_export]
    use super::encode::pack;
    #[pymodule_export]
    use super::errors::{did_you_mean, error_kinds};
    #[pymodule_export]
    use super::export::{Export, Table, export_samples};
    #[pymodule_export]
    use super::index::{Index, WriteOptions};
    #[pymodule_export]
    use super::iterate::{BatchIterator, Report, SampleIterator};
    #[pymodule_export]
    use super::layout::{Factory, Layout};
    #[pymodule_export]
    use super::main;
    #[pymodule_export]
    use super::media::{decode_images, decode_recording, png_of, thumbnail};
    #[pymodule_export]
    use super::objects::unpack;
    #[pymodule_export]
    use super::order::Order;
    #[pymodule_export]
    use super::places::entry_cid;
    #[pymodule_export]
    use super::places::{expand_braces, find_data};
    #[pymodule_export]
    use super::places::{home_folder, shown, split_of, usual_places};
    #[pymodule_export]
    use super::provider::Provider;
    #[pymodule_export]
    use super::shards::Shards;
    #[pymodule_export]
    use super::store::Store;
    #[pymodule_export]
    use super::streams::{ShardStream, read_whole};
    #[pymodule_export]
    use super::write::Written;
    #[pymodule_export]
    use super::write::write_samples;

    use super::layout;
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        // numpy's interface is looked up now, not within somebody's first batch.
        numpy::PyArrayDescr::new(module.py(), "|u1")?;
        super::logs::forward();
        super::signals::listen();
        module.add("VERSION", env!("CARGO_PKG_VERSION"))?;
        module.add("REQUIRED", layout::required(module.py())?)
    }
}

/// The command line; returns the exit code.
#[pyfunction]
#[pyo3(signature = (arguments, /))]
fn main(py: Python<'_>, arguments: Vec<OsString>) -> i32 {
    py.detach(|| atdata_cli::run(arguments))
}
