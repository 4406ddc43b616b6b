//! The part of msgpack that samples use: a walker over bytes that are already there, and a writer.
//!
//! Extension types are refused, and nesting is limited to [`MAX_DEPTH`].

mod walker;
mod write;

pub use walker::{Token, Walker};
pub use write::{
    write_bin, write_bin_header, write_bool, write_float, write_int, write_list_header,
    write_map_header, write_nil, write_str, write_uint,
};

/// How deep lists and maps may be nested.
pub const MAX_DEPTH: usize = 1024;
