//! A column of recordings as a column of arrays.

use super::files::files;
use super::recording::decode_recording;
use atdata_format::Error;
use atdata_format::batch::{ArrayItem, Column};
use atdata_format::dtype::Dtype;

/// Recordings of a batch, and the rows that could not be decoded, which have none.
#[derive(Debug)]
pub struct Recordings {
    /// `float32` arrays of frames and channels.
    pub column: Column,
    /// Frames a second, 0 where there is no recording.
    pub rates: Vec<u32>,
    /// What was wrong in which row, in the order of the rows.
    pub errors: Vec<(usize, Error)>,
}

/// Decodes a column of WAV files.
///
/// # Errors
/// None for what is in the files: that is in the result.
pub fn decode_recordings(column: &Column) -> Result<Recordings, Error> {
    let mut errors = Vec::new();
    let files = files(column, "a recording", &mut errors);
    let (mut rates, mut items) = (vec![0; files.len()], vec![None; files.len()]);
    let dtype = Dtype::parse("<f4")?;
    for (row, file) in files.iter().enumerate() {
        let Some(file) = file else { continue };
        match decode_recording(file) {
            Err(error) => errors.push((row, error)),
            Ok(found) => {
                let frames = found.samples.len() / found.channels.max(1);
                let whole = found.samples.iter().take(frames * found.channels);
                let data = whole.flat_map(|sample| sample.to_le_bytes()).collect();
                let shape = vec![frames, found.channels];
                rates[row] = found.rate;
                items[row] = Some(ArrayItem { dtype: dtype.clone(), shape, data });
            }
        }
    }
    errors.sort_by_key(|(row, _)| *row);
    Ok(Recordings { column: Column::Arrays(items), rates, errors })
}
