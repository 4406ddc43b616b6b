//! The part of msgpack that samples use: a walker over bytes that are already there, and a writer.
//!
//! Extension types are refused, and nesting is limited to [`MAX_DEPTH`].

mod head;
mod walker;
mod write;

pub(crate) use head::{Head, head};
pub use walker::{Token, Walker};
pub use write::{
    write_bin, write_bin_header, write_bool, write_float, write_int, write_list_header,
    write_map_header, write_nil, write_str, write_uint,
};

use crate::error::{Error, Kind, Result};

/// How deep lists and maps may be nested.
pub const MAX_DEPTH: usize = 1024;

/// Fails for a list or map that is this deep in others, where that is too deep.
pub(crate) fn check_depth(depth: usize) -> Result<()> {
    if depth < MAX_DEPTH {
        return Ok(());
    }
    let message = format!("lists or maps are nested more than {MAX_DEPTH} deep");
    Err(Error::new(Kind::TooDeep, message))
}
