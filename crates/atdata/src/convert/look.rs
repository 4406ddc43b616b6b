//! Which types the fields of an input have: what its format tells, and what a pass over it shows.

use super::draft::{Draft, Targets};
use super::input::{Input, MOST_FIELDS, Records, Row, too_many};
use super::options::{Done, Watch};
use crate::error::{Error, Result};
use crate::infer::Inference;
use crate::write::ShardSet;
use atdata_format::schema::{Field, FieldType, Schema};

/// After so many records the progress is told.
pub(super) const OFTEN: u64 = 256;

/// What the format tells of all inputs; nothing where it tells nothing, or of each something else.
pub(super) fn told(inputs: &[(String, Box<dyn Input>)]) -> Result<Option<Schema>> {
    let mut told: Option<Schema> = None;
    for (_, input) in inputs {
        let Some(schema) = input.told()? else { return Ok(None) };
        told = match told {
            None => Some(schema),
            Some(known) => match joined(known, &schema) {
                Some(known) => Some(known),
                None => return Ok(None),
            },
        };
    }
    Ok(told)
}

/// One schema for all files of an input; nothing where more than nulls differ.
pub(super) fn told_by_all<F>(
    files: &[F],
    schema: impl Fn(&F) -> Result<Schema>,
) -> Result<Option<Schema>> {
    let mut told: Option<Schema> = None;
    for file in files {
        let schema = schema(file)?;
        told = match told {
            None => Some(schema),
            Some(known) => match joined(known, &schema) {
                Some(known) => Some(known),
                None => return Ok(None),
            },
        };
    }
    Ok(told)
}

/// One schema for both, where only nulls differ.
fn joined(mut known: Schema, other: &Schema) -> Option<Schema> {
    for field in &mut known.fields {
        let same = other.field(&field.name).filter(|same| same.ty == field.ty)?;
        field.optional |= same.optional;
    }
    (known.fields.len() == other.fields.len()).then_some(known)
}

/// The schema that the records of all inputs fit, and their shards, where no record had to be changed
/// for it. Of a schema that was told, only fields that may be anything are looked at.
pub(super) fn look(
    inputs: &[(String, Box<dyn Input>)],
    told: Option<Schema>,
    targets: Targets<'_>,
    watched: &mut Watched,
) -> Result<(Schema, Option<Vec<ShardSet>>)> {
    let mixed = inputs.first().map_or(FieldType::Any, |(_, input)| input.mixed());
    let whole = told.is_none() && inputs.iter().all(|(_, input)| input.is_looked_at_whole());
    let open = told.as_ref().map(|told| {
        let fields = told.fields.iter().filter(|field| field.ty == FieldType::Any).cloned();
        Schema { fields: fields.collect(), ..Schema::default() }
    });
    let draft = Draft::new(targets, whole);
    let mut look = Look { mixed, draft, inference: Inference::default() };
    for (_, input) in inputs {
        look.at(&**input, open.as_ref(), watched)?;
    }
    let found = look.found(inputs)?;
    Ok((told.map_or(found.clone(), |told| filled(told, &found)), look.draft.into_sets()))
}

/// A schema that was told, with what was found of fields that may be anything.
fn filled(mut told: Schema, found: &Schema) -> Schema {
    for field in told.fields.iter_mut().filter(|field| field.ty == FieldType::Any) {
        if let Some(Field { ty, optional, .. }) = found.field(&field.name) {
            field.ty = ty.clone();
            field.optional |= optional;
        }
    }
    told
}

/// What is seen on the way through all records.
struct Look<'a> {
    /// What a field is whose values are of several types.
    mixed: FieldType,
    inference: Inference,
    draft: Draft<'a>,
}

impl Look<'_> {
    fn at(
        &mut self,
        input: &dyn Input,
        open: Option<&Schema>,
        watched: &mut Watched,
    ) -> Result<()> {
        let (mut row, mut payload) = (Row::default(), Vec::new());
        let mut records = input.records(open)?;
        self.draft.begin()?;
        while next(&mut *records, &mut row)? {
            payload.clear();
            if let Some(open) = open {
                row.unpack()?;
                row.fields.retain(|(name, _)| open.field(name).is_some());
            }
            row.pack(&mut payload)?;
            self.see(&mut row, &payload)?;
            if self.inference.samples().is_multiple_of(OFTEN) {
                watched.see(&self.draft, records.done())?;
            }
        }
        watched.base += input.bytes();
        watched.see(&self.draft, 0)
    }

    fn see(&mut self, row: &mut Row, payload: &[u8]) -> Result<()> {
        self.inference.add(payload).map_err(|error| {
            row.at.wrong(error.place().field.as_deref(), error.message().to_owned())
        })?;
        if self.inference.fields() > MOST_FIELDS {
            return Err(too_many(&row.at));
        }
        if !self.draft.stands() {
            return Ok(());
        }
        if self.inference.keeps_all(&self.mixed) {
            return self.draft.append(row, payload);
        }
        self.draft.drop_all();
        Ok(())
    }

    fn found(&self, inputs: &[(String, Box<dyn Input>)]) -> Result<Schema> {
        if self.inference.samples() == 0 {
            let nothing = || Error::Invalid("there is nothing to convert".to_owned());
            return Err(inputs.first().map_or_else(nothing, |(_, input)| empty(&**input)));
        }
        let mut found = self.inference.schema("");
        for field in found.fields.iter_mut().filter(|field| field.ty == FieldType::Any) {
            field.ty = self.mixed.clone();
        }
        Ok(found)
    }
}

/// The error of an input without records.
pub(super) fn empty(input: &dyn Input) -> Error {
    let message = "there are no records".to_owned();
    Error::Input { place: input.place(), column: None, message }
}

/// The next record, a clean row for it.
pub(super) fn next(records: &mut dyn Records, row: &mut Row) -> Result<bool> {
    row.clear();
    records.next(row)
}

/// Who is told how far it is.
pub(super) struct Watched {
    watch: Option<Watch>,
    /// The bytes of the inputs and passes that are done.
    pub(super) base: u64,
    /// The bytes of all inputs, and of all passes.
    bytes: u64,
    total: u64,
}

impl Watched {
    pub(super) fn new(watch: Option<Watch>, inputs: &[(String, Box<dyn Input>)]) -> Self {
        let bytes = inputs.iter().map(|(_, input)| input.bytes()).sum();
        Self { watch, base: 0, bytes, total: bytes }
    }

    /// Tells of the pass that looks, which is the only one while the draft stands.
    fn see(&mut self, draft: &Draft<'_>, done: u64) -> Result<()> {
        self.total = if draft.stands() { self.bytes } else { self.bytes * 2 };
        self.tell(!draft.stands(), done, draft.samples())
    }

    pub(super) fn tell(&mut self, looking: bool, done: u64, samples: u64) -> Result<()> {
        let Some(watch) = &mut self.watch else { return Ok(()) };
        let bytes = (self.base + done).min(self.total);
        let done = Done { looking, bytes, total: self.total, samples };
        if watch(done) { Ok(()) } else { Err(Error::Stopped) }
    }
}
