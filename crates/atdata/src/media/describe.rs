//! What a file is, by what its first bytes say.

use super::image::{ImageLimits, shape_of};
use crate::guarded::quietly;
use hound::WavReader;
use image::{ImageFormat, guess_format};

/// What an image or a recording is, in a few words: `image/png 640x480` (width, height) or
/// `audio/wav 44100 Hz, 2 channels, 1.5 s`. Only headers are read; `None` for other bytes.
///
/// ```
/// use atdata::media::{Pixels, describe};
/// let grey = Pixels { height: 2, width: 3, channels: 1, data: vec![7; 6] };
/// assert_eq!(describe(&grey.to_png()?).as_deref(), Some("image/png 3x2"));
/// assert_eq!(describe(b"text"), None);
/// # Ok::<(), atdata::format::Error>(())
/// ```
#[must_use]
pub fn describe(file: &[u8]) -> Option<String> {
    image(file).or_else(|| recording(file))
}

fn image(file: &[u8]) -> Option<String> {
    let format = guess_format(file).ok()?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP) {
        return None; // what begins as others do may be anything
    }
    let kind = format.to_mime_type();
    Some(match shape_of(file, ImageLimits::default()) {
        Ok(shape) => format!("{kind} {}x{}", shape.width, shape.height),
        Err(error) => format!("{kind}: {}", error.message()),
    })
}

fn recording(file: &[u8]) -> Option<String> {
    let reader = quietly(|| WavReader::new(file).ok()).flatten()?;
    let spec = reader.spec();
    let channels = match spec.channels {
        1 => "1 channel".to_owned(),
        more => format!("{more} channels"),
    };
    let seconds = f64::from(reader.duration()) / f64::from(spec.sample_rate.max(1));
    Some(format!("audio/wav {} Hz, {channels}, {seconds:.1} s", spec.sample_rate))
}
