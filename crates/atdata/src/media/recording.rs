//! One recording.

use crate::guarded::quietly;
use atdata_format::{Error, Kind};
use hound::{SampleFormat, WavReader};

/// A recording as numbers: frame by frame, the channels beside each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Frames a second.
    pub rate: u32,
    /// The number of channels.
    pub channels: usize,
    /// Samples from -1 to 1, a frame's channels beside each other.
    pub samples: Vec<f32>,
}

/// Decodes a WAV file of 8, 16, 24 or 32 bits, or of 32-bit floats.
///
/// ```
/// let error = atdata::media::decode_recording(b"OggS").unwrap_err();
/// assert_eq!(error.kind(), atdata::format::Kind::BadAudio);
/// ```
///
/// # Errors
/// [`Kind::BadAudio`] for other files and broken ones.
pub fn decode_recording(bytes: &[u8]) -> Result<Recording, Error> {
    if !(bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE")) {
        let message = "the bytes are no WAV file, which is the only recording that is decoded";
        return Err(Error::new(Kind::BadAudio, message));
    }
    let broken = |error: &dyn std::fmt::Display| {
        Error::new(Kind::BadAudio, format!("the recording cannot be decoded: {error}"))
    };
    let decoded = quietly(|| decode(bytes).map_err(|error| broken(&error)));
    decoded.unwrap_or_else(|| Err(broken(&"its decoder gave up")))
}

fn decode(bytes: &[u8]) -> hound::Result<Recording> {
    let mut reader = WavReader::new(bytes)?;
    let spec = reader.spec();
    let samples: hound::Result<Vec<f32>> = match spec.sample_format {
        SampleFormat::Float => reader.samples::<f32>().collect(),
        SampleFormat::Int => {
            let bits = i32::from(spec.bits_per_sample.clamp(1, 32));
            let scale = 2_f32.powi(1 - bits);
            reader.samples::<i32>().map(|sample| Ok(sample? as f32 * scale)).collect()
        }
    };
    Ok(Recording { rate: spec.sample_rate, channels: spec.channels.into(), samples: samples? })
}
