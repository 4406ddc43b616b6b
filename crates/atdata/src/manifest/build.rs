//! Makes a shard's manifest while the shard is written.

use super::ManifestFiles;
use crate::error::{Error, Result};
use crate::export::{ExportSource, ParquetOptions, Rows, write_parquet};
use atdata_format::Sample;
use atdata_format::batch::{Batch, BatchDecoder, Column, ColumnSpec};
use atdata_format::manifest::{Aggregate, AggregateKind, Manifest, VERSION};
use atdata_format::schema::FieldType;
use atdata_format::tar::ShardSummary;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// What manifests say of samples of one type.
#[derive(Debug, Clone)]
pub struct ManifestSpec {
    /// The sample type's name.
    pub schema_type: String,
    /// The sample type's version.
    pub schema_version: String,
    /// The fields with a column of their own.
    pub fields: Vec<ManifestField>,
}

/// A field that a manifest tells of.
#[derive(Debug, Clone)]
pub struct ManifestField {
    /// How it is decoded.
    pub column: ColumnSpec,
    /// How it is summed up.
    pub kind: AggregateKind,
}

impl ManifestSpec {
    /// All fields of a Rust type that hold numbers, text, truth values or lists of those.
    #[must_use]
    pub fn of<T: Sample>() -> Self {
        let schema = T::schema();
        let fields = T::columns().into_iter().filter_map(|column| {
            let kind = kind_of(&column.ty)?;
            Some(ManifestField { column, kind })
        });
        let schema_version = schema.version.unwrap_or_else(|| "1.0.0".to_owned());
        Self { schema_type: schema.name, schema_version, fields: fields.collect() }
    }
}

/// How fields of a type are summed up, unless something else is asked for.
fn kind_of(ty: &FieldType) -> Option<AggregateKind> {
    match ty {
        FieldType::Int | FieldType::Float => Some(AggregateKind::Numeric),
        FieldType::Str | FieldType::Bool => Some(AggregateKind::Categorical),
        FieldType::List(item) => kind_of(item).map(|_| AggregateKind::Set),
        _ => None,
    }
}

/// Gathers the rows of the shard that is being written.
#[derive(Debug)]
pub(crate) struct ManifestBuilder {
    spec: ManifestSpec,
    columns: Arc<[ColumnSpec]>,
    rows: BatchDecoder,
}

impl ManifestBuilder {
    pub(crate) fn new(spec: ManifestSpec) -> Self {
        let columns: Arc<[ColumnSpec]> =
            spec.fields.iter().map(|field| field.column.clone()).collect();
        let rows = BatchDecoder::new(Arc::clone(&columns), 0);
        Self { spec, columns, rows }
    }

    pub(crate) fn push(&mut self, payload: &[u8]) -> atdata_format::Result<()> {
        self.rows.push(payload)
    }

    /// The manifest of a shard that is whole.
    pub(crate) fn finish(&mut self, shard: &str, summary: &ShardSummary) -> Result<ManifestFiles> {
        let batch = self.rows.finish();
        let json = self.document(shard, summary, &batch).to_json();
        let failed = |error| Error::io("write", Path::new(shard), error);
        let folder = tempfile::tempdir().map_err(failed)?;
        let table = folder.path().join("manifest.parquet");
        write_parquet(&mut self.table(summary, batch), &table, ParquetOptions::new())?;
        Ok(ManifestFiles { json, parquet: fs::read(table).map_err(failed)? })
    }

    fn document(&self, shard: &str, summary: &ShardSummary, batch: &Batch) -> Manifest {
        let sum_up = |field: &ManifestField| {
            let column = batch.column(&field.column.name)?;
            Some((field.column.name.clone(), Aggregate::of(field.kind, column)))
        };
        let aggregates: BTreeMap<_, _> = self.spec.fields.iter().filter_map(sum_up).collect();
        Manifest {
            manifest_version: VERSION.to_owned(),
            shard_id: stem(shard).to_owned(),
            schema_type: self.spec.schema_type.clone(),
            schema_version: self.spec.schema_version.clone(),
            num_samples: summary.index.len() as u64,
            size_bytes: summary.bytes,
            created_at: humantime::format_rfc3339_micros(SystemTime::now()).to_string(),
            aggregates,
            provenance: None,
        }
    }

    /// A row a sample: its key, where its payload is in the shard, and the fields.
    fn table(&self, summary: &ShardSummary, batch: Batch) -> ExportSource {
        let index = &summary.index;
        let rows = index.len();
        let keys = Column::texts((0..rows).map(|row| index.key(row)));
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let offsets = index.extents().iter().map(|extent| whole(extent.offset)).collect();
        let sizes = index.extents().iter().map(|extent| whole(extent.len)).collect();
        let own = [
            ("__key__", keys),
            ("__offset__", Column::Ints(offsets)),
            ("__size__", Column::Ints(sizes)),
        ];
        let own = own.map(|(name, column)| (name.to_owned(), column));
        let columns: Vec<_> = own.into_iter().chain(batch.into_columns()).collect();
        let types = [FieldType::Str, FieldType::Int, FieldType::Int];
        let types = types.into_iter().chain(self.columns.iter().map(|spec| spec.ty.clone()));
        let fields = columns.iter().zip(types).map(|((name, _), ty)| ColumnSpec {
            name: name.clone(),
            ty,
            default: None,
        });
        ExportSource::of_rows(fields.collect(), move || {
            let columns = columns.clone();
            Ok(std::iter::once(Ok(Rows { len: rows, columns })))
        })
    }
}

/// The name of a shard without its folders and its extension.
fn stem(shard: &str) -> &str {
    let name = shard.rsplit('/').next().unwrap_or(shard);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
