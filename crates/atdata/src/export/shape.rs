//! The forms of all columns together: what becomes the schema.

use super::array_form::beside;
use super::arrow;
use super::build::build;
use super::form::{Form, Kind};
use super::source::Rows;
use crate::error::Result;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use atdata_format::batch::{Column, ColumnSpec};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The columns and their forms, in the order in which they came.
#[derive(Debug)]
pub(super) struct Shape {
    columns: Vec<(String, Form)>,
    rows: u64,
    schema: SchemaRef,
}

impl Shape {
    /// Of declared fields, before any sample has come.
    pub(super) fn declared(fields: &[ColumnSpec]) -> Self {
        let form = |field: &ColumnSpec| {
            let nulls = field.default.is_some();
            (field.name.clone(), Form { nulls, ..Form::declared(&field.ty) })
        };
        let columns: Vec<_> = fields.iter().map(form).collect();
        let schema = schema(&columns);
        Self { columns, rows: 0, schema }
    }

    pub(super) const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Makes room for these rows; true when the schema is another for it.
    pub(super) fn absorb(&mut self, rows: &Rows) -> bool {
        let mut changed = false;
        for (name, form) in &mut self.columns {
            let found = find(rows, name);
            let missing = || Form { kind: Kind::Unknown, nulls: true };
            let before = form.clone();
            form.widen(found.map_or_else(missing, Form::of));
            changed |= *form != before;
        }
        for (name, column) in &rows.columns {
            if !self.columns.iter().any(|(own, _)| own == name) {
                let mut form = Form::of(column);
                form.nulls |= self.rows > 0;
                self.columns.push((name.clone(), form));
                changed = true;
            }
        }
        self.rows += rows.len as u64;
        changed && self.renew()
    }

    fn renew(&mut self) -> bool {
        let schema = schema(&self.columns);
        let other = schema != self.schema;
        if other {
            self.schema = schema;
        }
        other
    }

    /// Rows that were absorbed, as Arrow has them.
    pub(super) fn batch(&self, mut rows: Rows) -> Result<RecordBatch> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for (name, form) in &self.columns {
            let found = rows.columns.iter_mut().find(|(own, _)| own == name);
            let column = found.map(|(_, column)| std::mem::replace(column, Column::Values(vec![])));
            let mut built =
                column.map(|column| build(form, column)).transpose()?.unwrap_or_default();
            // What has no values at all has none beside it either.
            for field in self.schema.fields().iter().skip(arrays.len() + built.len()) {
                if built.len() == width(form) {
                    break;
                }
                built.push(new_null_array(field.data_type(), rows.len));
            }
            arrays.extend(built);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(rows.len));
        let schema = Arc::clone(&self.schema);
        RecordBatch::try_new_with_options(schema, arrays, &options).map_err(arrow)
    }
}

fn find<'a>(rows: &'a Rows, name: &str) -> Option<&'a Column> {
    rows.columns.iter().find(|(own, _)| own == name).map(|(_, column)| column)
}

/// How many Arrow columns one column is.
fn width(form: &Form) -> usize {
    match &form.kind {
        Kind::Array(Some(form)) => 1 + beside(&form.layout()).len(),
        _ => 1,
    }
}

fn schema(columns: &[(String, Form)]) -> SchemaRef {
    let mut taken: HashSet<String> = columns.iter().map(|(name, _)| name.clone()).collect();
    let fields = columns.iter().flat_map(|(name, form)| fields(name, form, &mut taken));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A column's field, and those beside it under names that are free.
fn fields(name: &str, form: &Form, taken: &mut HashSet<String>) -> Vec<Field> {
    let data_type = form.kind.data_type();
    let nulls = form.nulls || data_type == DataType::Null;
    let mut metadata = HashMap::new();
    let mut others = Vec::new();
    match &form.kind {
        Kind::Json => {
            metadata.insert("atdata.encoding".to_owned(), "json".to_owned());
        }
        Kind::Array(Some(arrays)) => {
            metadata.extend(arrays.metadata().into_iter().map(|(k, v)| (k.to_owned(), v)));
            for (end, data_type) in beside(&arrays.layout()) {
                let mut own = format!("{name}.{end}");
                while !taken.insert(own.clone()) {
                    own.push('_');
                }
                metadata.insert(format!("atdata.{end}_column"), own.clone());
                others.push(Field::new(own, data_type, nulls));
            }
        }
        _ => {}
    }
    let mut fields = vec![Field::new(name, data_type, nulls).with_metadata(metadata)];
    fields.append(&mut others);
    fields
}
