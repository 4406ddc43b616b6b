//! Writes Python samples.

use crate::encode::Encoder;
use crate::errors::raise;
use crate::layout::{Layout, field_type};
use atdata::batch::ColumnSpec;
use atdata::format::manifest::AggregateKind;
use atdata::index::Writing;
use atdata::manifest::{ManifestField, ManifestSpec};
use atdata::{Progress, ShardSet, Value};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString, PyType};
use std::ops::Range;
use std::path::PathBuf;

/// What was written.
#[pyclass(frozen, module = "atdata._atdata")]
pub(crate) struct Written {
    inner: atdata::Written,
}

impl Written {
    pub(crate) const fn new(inner: atdata::Written) -> Self {
        Self { inner }
    }
}

#[pymethods]
impl Written {
    #[getter]
    fn paths(&self) -> Vec<String> {
        self.inner.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect()
    }

    #[getter]
    const fn samples(&self) -> u64 {
        self.inner.progress.samples
    }

    #[getter]
    const fn bytes(&self) -> u64 {
        self.inner.progress.bytes
    }
}

/// Samples that are encoded together and then written with the interpreter released.
const ROWS: usize = 1000;
const BYTES: usize = 1 << 20;

#[derive(Default)]
struct Pending {
    bytes: Vec<u8>,
    rows: Vec<(Option<String>, Range<usize>)>,
}

impl Pending {
    const fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.bytes.len() >= BYTES
    }

    fn write(&mut self, target: &mut Target) -> atdata::Result<()> {
        for (key, payload) in self.rows.drain(..) {
            let payload = self.bytes.get(payload).unwrap_or_default();
            target.append(key.as_deref(), payload)?;
        }
        self.bytes.clear();
        Ok(())
    }
}

/// Where payloads go.
pub(crate) enum Target {
    /// Files.
    Folder(Box<ShardSet>),
    /// A store, for an index.
    Store(Box<Writing>),
}

impl Target {
    fn append(&mut self, key: Option<&str>, payload: &[u8]) -> atdata::Result<()> {
        match self {
            Self::Folder(set) => set.append(key, payload),
            Self::Store(writing) => writing.set().append(key, payload),
        }
    }

    fn progress(&mut self) -> Progress {
        match self {
            Self::Folder(set) => set.progress(),
            Self::Store(writing) => writing.set().progress(),
        }
    }

    fn with_manifest(self, spec: ManifestSpec) -> Self {
        match self {
            Self::Folder(set) => Self::Folder(Box::new(set.with_manifest(spec))),
            Self::Store(writing) => Self::Store(Box::new(writing.with_manifest(spec))),
        }
    }
}

/// Encodes samples with the layouts of their classes.
pub(crate) struct Writer<'py> {
    layout_of: Bound<'py, PyAny>,
    key: Option<Bound<'py, PyAny>>,
    encoder: Encoder,
    last: Option<(Bound<'py, PyType>, Py<Layout>)>,
    number: u64,
}

impl<'py> Writer<'py> {
    pub(crate) const fn new(
        layout_of: Bound<'py, PyAny>,
        key: Option<Bound<'py, PyAny>>,
        encoder: Encoder,
    ) -> Self {
        Self { layout_of, key, encoder, last: None, number: 0 }
    }

    fn add(&mut self, sample: &Bound<'py, PyAny>, pending: &mut Pending) -> PyResult<()> {
        let py = sample.py();
        let class = sample.get_type();
        let layout = match &self.last {
            Some((known, layout)) if known.is(&class) => layout.clone_ref(py),
            _ => {
                let layout: Py<Layout> = self.layout_of.call1((&class,))?.extract()?;
                self.last = Some((class, layout.clone_ref(py)));
                layout
            }
        };
        let key = self.key(sample)?;
        let start = pending.bytes.len();
        let encoded = self.encoder.sample(layout.get(), sample, &mut pending.bytes);
        if let Err(fail) = encoded {
            let named = key.unwrap_or_else(|| format!("{:09}", self.number));
            return Err(fail.placed(|error| error.in_key(named)).raise(py));
        }
        pending.rows.push((key, start..pending.bytes.len()));
        self.number += 1;
        Ok(())
    }

    fn key(&self, sample: &Bound<'py, PyAny>) -> PyResult<Option<String>> {
        let Some(key) = &self.key else { return Ok(None) };
        let made = match key.cast::<PyString>() {
            Ok(field) => sample.getattr(field)?,
            Err(_) => key.call1((self.number, sample))?,
        };
        Ok(Some(made.str()?.to_str()?.to_owned()))
    }
}

/// Writes samples into shards.
#[pyfunction]
#[pyo3(signature = (
    samples, path, layout_of, *, maxcount=None, maxsize=None, key=None, progress=None,
    manifest_of=None
))]
#[allow(
    clippy::too_many_arguments,
    clippy::needless_pass_by_value,
    reason = "keywords of a Python function, which are owned"
)]
pub(crate) fn write_samples<'py>(
    py: Python<'py>,
    samples: &Bound<'py, PyAny>,
    path: PathBuf,
    layout_of: Bound<'py, PyAny>,
    maxcount: Option<u64>,
    maxsize: Option<u64>,
    key: Option<Bound<'py, PyAny>>,
    progress: Option<Bound<'py, PyAny>>,
    manifest_of: Option<Bound<'py, PyAny>>,
) -> PyResult<Written> {
    let failed = |error| raise(py, error);
    let set = ShardSet::create(&path, maxcount, maxsize).map_err(failed)?;
    let mut writer = Writer::new(layout_of, key, Encoder::default());
    let target = Target::Folder(Box::new(set));
    let target = fill(samples, &mut writer, target, progress.as_ref(), manifest_of)?;
    let Target::Folder(set) = target else { return Err(PyValueError::new_err("no folder")) };
    let inner = py.detach(|| set.commit()).map_err(failed)?;
    tell(progress.as_ref(), inner.progress)?;
    Ok(Written { inner })
}

/// Encodes all samples, and appends them to what is written.
pub(crate) fn fill<'py>(
    samples: &Bound<'py, PyAny>,
    writer: &mut Writer<'py>,
    mut target: Target,
    progress: Option<&Bound<'py, PyAny>>,
    mut manifest_of: Option<Bound<'py, PyAny>>,
) -> PyResult<Target> {
    let py = samples.py();
    let mut pending = Pending::default();
    for sample in PyIterator::from_object(samples)? {
        let sample = sample?;
        // Which fields manifests tell of is known with the first sample.
        if let Some(manifest_of) = manifest_of.take() {
            let spec = manifest_spec(&manifest_of.call1((sample.get_type(),))?)?;
            target = target.with_manifest(spec);
        }
        writer.add(&sample, &mut pending)?;
        if pending.is_full() {
            py.check_signals()?;
            py.detach(|| pending.write(&mut target)).map_err(|error| raise(py, error))?;
            tell(progress, target.progress())?;
        }
    }
    py.detach(|| pending.write(&mut target)).map_err(|error| raise(py, error))?;
    tell(progress, target.progress())?;
    Ok(target)
}

/// A sample type's name and version, and fields with their kinds and how they are summed up.
fn manifest_spec(described: &Bound<'_, PyAny>) -> PyResult<ManifestSpec> {
    type Field = (String, String, String);
    let (schema_type, schema_version, fields): (String, String, Vec<Field>) =
        described.extract()?;
    let fields = fields.into_iter().map(|(name, kind, aggregate)| {
        let ty = field_type(&kind)?;
        let unknown = || PyValueError::new_err(format!("no way to sum up is called {aggregate}"));
        let kind = AggregateKind::named(&aggregate).ok_or_else(unknown)?;
        // A sample without the field has no value there.
        let column = ColumnSpec { name, ty, default: Some(Value::Nil) };
        Ok(ManifestField { column, kind })
    });
    let fields = fields.collect::<PyResult<_>>()?;
    Ok(ManifestSpec { schema_type, schema_version, fields })
}

fn tell(progress: Option<&Bound<'_, PyAny>>, so_far: Progress) -> PyResult<()> {
    match progress {
        None => Ok(()),
        Some(progress) => progress.call1((so_far.samples, so_far.bytes)).map(drop),
    }
}
