//! How data is converted.

use super::format::Format;
use atdata_format::schema::Schema;
use std::fmt;

/// How far a conversion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Whether the types are being looked for, and nothing is written yet.
    pub looking: bool,
    /// Bytes of the input so far, over all passes.
    pub bytes: u64,
    /// Bytes of the input over all passes; twice as many from when it shows that another is needed.
    pub total: u64,
    /// Samples written so far.
    pub samples: u64,
}

pub(super) type Watch = Box<dyn FnMut(Done) -> bool + Send>;

/// How data of another format becomes shards.
#[derive(Default)]
pub struct ConvertOptions {
    pub(super) format: Option<Format>,
    pub(super) schema: Option<Schema>,
    pub(super) name: Option<String>,
    pub(super) max_count: Option<u64>,
    pub(super) max_size: Option<u64>,
    pub(super) rename_dots: bool,
    pub(super) overwrite: bool,
    pub(super) delimiter: Option<u8>,
    pub(super) split: Option<String>,
    pub(super) one_split: bool,
    pub(super) watch: Option<Watch>,
}

impl fmt::Debug for ConvertOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConvertOptions").field("format", &self.format).finish_non_exhaustive()
    }
}

impl ConvertOptions {
    /// The format and the schema are found, there is one shard (for each split), and nothing is
    /// overwritten.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The input's format.
    #[must_use]
    pub const fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// What the samples have to be; columns that it does not have are left out.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = Some(schema);
        self
    }

    /// What a schema that is found is called; without this, a name made of the target's.
    #[must_use]
    pub fn type_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// A new shard after so many samples.
    #[must_use]
    pub const fn max_count(mut self, samples: u64) -> Self {
        self.max_count = Some(samples);
        self
    }

    /// A new shard before one would have more than so many bytes.
    #[must_use]
    pub const fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// Turns the dots of keys, which no shard can have, into underscores.
    #[must_use]
    pub const fn rename_dots(mut self, rename: bool) -> Self {
        self.rename_dots = rename;
        self
    }

    /// Replaces shards that are there.
    #[must_use]
    pub const fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// What is between the columns of a CSV, instead of a comma or a tab.
    #[must_use]
    pub const fn delimiter(mut self, delimiter: u8) -> Self {
        self.delimiter = Some(delimiter);
        self
    }

    /// Only this split of the input.
    #[must_use]
    pub fn split(mut self, split: impl Into<String>) -> Self {
        self.split = Some(split.into());
        self
    }

    /// Refuses an input of several splits, which would become several data sets.
    #[must_use]
    pub const fn one_split(mut self) -> Self {
        self.one_split = true;
        self
    }

    /// Is told again and again how far the conversion is; false stops it, and nothing is left of it.
    #[must_use]
    pub fn progress(mut self, watch: impl FnMut(Done) -> bool + Send + 'static) -> Self {
        self.watch = Some(Box::new(watch));
        self
    }
}
