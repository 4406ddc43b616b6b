//! One image.

use super::jpeg;
use crate::guarded::quietly;
use atdata_format::{Error, Kind};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError};
use image::{ImageFormat, ImageReader, Limits};
use std::io::Cursor;

type Result<T> = std::result::Result<T, Error>;

/// What an image may be at most: a small file can claim any size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageLimits {
    /// Width times height.
    pub pixels: u64,
}

impl Default for ImageLimits {
    /// 64 megapixels.
    fn default() -> Self {
        Self { pixels: 64 << 20 }
    }
}

/// The most bytes that decoders may set aside for a pixel: four channels of 16 bits.
const BYTES_A_PIXEL: u64 = 8;

/// What they may set aside whatever the size.
const SOME: u64 = 16 << 20;

/// An image as numbers of 8 bits: row by row, the channels of a pixel beside each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// The number of rows.
    pub height: usize,
    /// The number of pixels in a row.
    pub width: usize,
    /// 1 for grey, 2 for grey and alpha, 3 for RGB, 4 for RGBA.
    pub channels: usize,
    /// `height * width * channels` bytes.
    pub data: Vec<u8>,
}

impl Pixels {
    /// The image as a PNG file.
    ///
    /// # Errors
    /// [`Kind::BadImage`] where the data is not of that shape, or nothing is in it.
    pub fn to_png(&self) -> Result<Vec<u8>> {
        let color = match self.channels {
            1 => ExtendedColorType::L8,
            2 => ExtendedColorType::La8,
            3 => ExtendedColorType::Rgb8,
            4 => ExtendedColorType::Rgba8,
            other => return Err(bad(format!("an image has 1 to 4 channels, not {other}"))),
        };
        let side = |side: usize| u32::try_from(side).ok().filter(|side| *side > 0);
        let shape = Shape { height: self.height, width: self.width, channels: self.channels };
        match (side(self.width), side(self.height)) {
            (Some(width), Some(height)) if shape.bytes() == Some(self.data.len()) => {
                let mut out = Vec::new();
                let png = PngEncoder::new_with_quality(
                    &mut out,
                    CompressionType::Fast,
                    FilterType::Adaptive,
                );
                png.write_image(&self.data, width, height, color).map_err(broken)?;
                Ok(out)
            }
            _ => Err(bad(format!("{} bytes are no image of {shape:?}", self.data.len()))),
        }
    }
}

/// The lengths of an image's axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
}

impl Shape {
    pub(super) fn bytes(self) -> Option<usize> {
        self.height.checked_mul(self.width)?.checked_mul(self.channels)
    }

    fn of(decoder: &impl ImageDecoder) -> Self {
        let (width, height) = decoder.dimensions();
        let channels = decoder.color_type().channel_count().into();
        Self { height: height as usize, width: width as usize, channels }
    }
}

/// Decodes a PNG, JPEG or WebP file: its first frame, as it is stored (a camera's note on which way
/// up it is stays a note). 16 bits become 8, a palette the colours it names.
///
/// # Errors
/// [`Kind::BadImage`] for other files, broken ones, and images beyond the limits.
pub fn decode_image(bytes: &[u8], limits: ImageLimits) -> Result<Pixels> {
    let shape = shape_of(bytes, limits)?;
    let mut data = vec![0; shape.bytes().unwrap_or_default()];
    decode_onto(bytes, limits, &mut data)?;
    Ok(Pixels { height: shape.height, width: shape.width, channels: shape.channels, data })
}

/// The shape that an image says it has, which is within the limits.
pub(super) fn shape_of(bytes: &[u8], limits: ImageLimits) -> Result<Shape> {
    unless_it_panics(|| open(bytes, limits).map(|decoder| Shape::of(&decoder)))
}

/// Decodes an image into as many bytes as its shape has.
pub(super) fn decode_onto(bytes: &[u8], limits: ImageLimits, out: &mut [u8]) -> Result<()> {
    unless_it_panics(|| {
        let decoder = open(bytes, limits)?;
        if decoder.color_type().bytes_per_pixel() == decoder.color_type().channel_count() {
            return if decoder.total_bytes() == out.len() as u64 {
                decoder.read_image(out).map_err(broken)
            } else {
                Err(bad("the image is not what it said it was".to_owned()))
            };
        }
        let color = decoder.color_type();
        let image = DynamicImage::from_decoder(decoder).map_err(broken)?;
        let data = in_8_bits(image, color);
        if data.len() != out.len() {
            return Err(bad("the image is not what it said it was".to_owned()));
        }
        out.copy_from_slice(&data);
        Ok(())
    })
}

fn in_8_bits(image: DynamicImage, color: ColorType) -> Vec<u8> {
    match color.channel_count() {
        1 => image.into_luma8().into_raw(),
        2 => image.into_luma_alpha8().into_raw(),
        3 => image.into_rgb8().into_raw(),
        _ => image.into_rgba8().into_raw(),
    }
}

fn open(bytes: &[u8], limits: ImageLimits) -> Result<impl ImageDecoder> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|error| bad(error.to_string()))?;
    match reader.format() {
        Some(ImageFormat::Jpeg) => jpeg::check_whole(bytes)?,
        Some(ImageFormat::Png | ImageFormat::WebP) => {}
        Some(other) => {
            let name = format!("{other:?}").to_uppercase();
            return Err(bad(format!("the image is {name}; PNG, JPEG and WebP are decoded")));
        }
        None => return Err(bad("the bytes are no PNG, JPEG or WebP image".to_owned())),
    }
    let mut allowed = Limits::default();
    allowed.max_alloc = Some(limits.pixels.saturating_mul(BYTES_A_PIXEL).saturating_add(SOME));
    reader.limits(allowed);
    let decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.pixels {
        let most = limits.pixels;
        let message =
            format!("the image has {width} x {height} pixels; {most} at most are decoded");
        return Err(bad(message));
    }
    Ok(decoder)
}

fn unless_it_panics<T>(decode: impl FnOnce() -> Result<T>) -> Result<T> {
    quietly(decode).unwrap_or_else(|| Err(bad("the image is broken: its decoder gave up".into())))
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: ImageError) -> Error {
    bad(format!("the image cannot be decoded: {error}"))
}

pub(super) fn bad(message: String) -> Error {
    Error::new(Kind::BadImage, message)
}
