//! Small pictures to look at.

use super::image::{ImageLimits, Pixels, decode_image};
use atdata_format::Error;

/// An image file, scaled down to `side` pixels at most, as a PNG file.
///
/// # Errors
/// As [`decode_image`].
pub fn thumbnail(bytes: &[u8], side: usize) -> Result<Vec<u8>, Error> {
    decode_image(bytes, ImageLimits::default())?.within(side).to_png()
}

impl Pixels {
    /// The same image, at most `side` pixels high and wide: each pixel the mean of what it stands for.
    #[must_use]
    pub fn within(self, side: usize) -> Self {
        let longest = self.height.max(self.width);
        if longest <= side || side == 0 || self.data.is_empty() {
            return self;
        }
        let scaled = |length: usize| (length * side / longest).max(1);
        let (height, width) = (scaled(self.height), scaled(self.width));
        let mut data = Vec::with_capacity(height * width * self.channels);
        for row in 0..height {
            for column in 0..width {
                let rows = span(row, height, self.height);
                let columns = span(column, width, self.width);
                (0..self.channels).for_each(|channel| {
                    data.push(self.mean(rows.clone(), columns.clone(), channel));
                });
            }
        }
        Self { height, width, data, ..self }
    }

    fn mean(
        &self,
        rows: std::ops::Range<usize>,
        columns: std::ops::Range<usize>,
        channel: usize,
    ) -> u8 {
        let count = (rows.len() * columns.len()).max(1) as u64;
        let at = |row: usize, column: usize| (row * self.width + column) * self.channels + channel;
        let places = rows.flat_map(|row| columns.clone().map(move |column| at(row, column)));
        let sum: u64 =
            places.filter_map(|place| self.data.get(place)).copied().map(u64::from).sum();
        u8::try_from(sum / count).unwrap_or(u8::MAX)
    }
}

/// The pixels along an axis that the one at `place` of `length` stands for.
fn span(place: usize, length: usize, all: usize) -> std::ops::Range<usize> {
    place * all / length..((place + 1) * all).div_ceil(length).min(all)
}
