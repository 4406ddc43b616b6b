//! Images and recordings: bytes fields that hold a file, decoded when that is asked for.
//!
//! On disk the bytes are those of the original file. [`Batches::decoding`](crate::Batches::decoding)
//! puts pixels in their place while batches are read.
//!
//! ```
//! use atdata::media::{ImageLimits, Pixels, decode_image};
//! let grey = Pixels { height: 2, width: 3, channels: 1, data: vec![7; 6] };
//! let file = grey.to_png()?;
//! assert_eq!(decode_image(&file, ImageLimits::default())?, grey);
//! # Ok::<(), atdata::format::Error>(())
//! ```

mod column;
mod describe;
mod files;
mod image;
mod jpeg;
mod recording;
mod recordings;
mod thumbnail;

pub use column::{Decoded, decode_column};
pub use describe::describe;
pub use image::{ImageLimits, Pixels, decode_image};
pub use recording::{Recording, decode_recording};
pub use recordings::{Recordings, decode_recordings};
pub use thumbnail::thumbnail;
