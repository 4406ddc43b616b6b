//! Whether a JPEG is whole: its decoder paints what is missing grey, and says nothing.

use super::image::bad;
use atdata_format::Error;

const START_OF_SCAN: u8 = 0xda;
const END: [u8; 2] = [0xff, 0xd9];

/// Looks for the end of the image behind its headers, where a thumbnail may have one of its own.
pub(super) fn check_whole(bytes: &[u8]) -> Result<(), Error> {
    let scan = scan_of(bytes).unwrap_or_default();
    if scan.windows(2).rev().any(|pair| pair == END) {
        return Ok(());
    }
    Err(bad("the image is cut off: the end of the JPEG is missing".to_owned()))
}

/// The bytes from the first scan on.
fn scan_of(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(2..)?;
    loop {
        let marker = match rest {
            [0xff, 0xff, ..] => {
                rest = rest.get(1..)?;
                continue;
            }
            [0xff, marker, ..] => *marker,
            _ => return None,
        };
        rest = rest.get(2..)?;
        if marker == START_OF_SCAN {
            return Some(rest);
        }
        let length = usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        rest = rest.get(length..)?;
    }
}
