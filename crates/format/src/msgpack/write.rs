//! Msgpack values appended to a buffer, each in its shortest form.

use crate::error::{Error, Kind, Result};

/// Appends nil.
pub fn write_nil(out: &mut Vec<u8>) {
    out.push(0xc0);
}

/// Appends a truth value.
pub fn write_bool(value: bool, out: &mut Vec<u8>) {
    out.push(if value { 0xc3 } else { 0xc2 });
}

/// Appends a 64-bit float.
pub fn write_float(value: f64, out: &mut Vec<u8>) {
    out.push(0xcb);
    out.extend_from_slice(&value.to_be_bytes());
}

/// Appends a signed integer.
pub fn write_int(value: i64, out: &mut Vec<u8>) {
    if let Ok(value) = u64::try_from(value) {
        return write_uint(value, out);
    }
    if let Ok(short) = i8::try_from(value) {
        if short >= -32 {
            out.push(short.cast_unsigned());
        } else {
            out.extend_from_slice(&[0xd0, short.cast_unsigned()]);
        }
    } else if let Ok(short) = i16::try_from(value) {
        tagged(0xd1, short.to_be_bytes(), out);
    } else if let Ok(short) = i32::try_from(value) {
        tagged(0xd2, short.to_be_bytes(), out);
    } else {
        tagged(0xd3, value.to_be_bytes(), out);
    }
}

/// Appends an unsigned integer.
pub fn write_uint(value: u64, out: &mut Vec<u8>) {
    if let Ok(short) = u8::try_from(value) {
        if short < 0x80 {
            out.push(short);
        } else {
            out.extend_from_slice(&[0xcc, short]);
        }
    } else if let Ok(short) = u16::try_from(value) {
        tagged(0xcd, short.to_be_bytes(), out);
    } else if let Ok(short) = u32::try_from(value) {
        tagged(0xce, short.to_be_bytes(), out);
    } else {
        tagged(0xcf, value.to_be_bytes(), out);
    }
}

/// Appends text.
///
/// # Errors
/// [`Kind::TooLarge`] at 4 GiB.
pub fn write_str(text: &str, out: &mut Vec<u8>) -> Result<()> {
    match text.len() {
        length @ 0..=31 => out.push(0xa0 | length as u8),
        length => write_length(length, Some(0xd9), 0xda, 0xdb, out)?,
    }
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Appends bytes.
///
/// # Errors
/// [`Kind::TooLarge`] at 4 GiB.
pub fn write_bin(bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
    write_bin_header(bytes.len(), out)?;
    out.extend_from_slice(bytes);
    Ok(())
}

/// Appends the header of so many bytes, which the caller then appends.
///
/// # Errors
/// [`Kind::TooLarge`] at 4 GiB.
pub fn write_bin_header(length: usize, out: &mut Vec<u8>) -> Result<()> {
    write_length(length, Some(0xc4), 0xc5, 0xc6, out)
}

/// Appends the header of a list of so many items.
///
/// # Errors
/// [`Kind::TooLarge`] at 2^32 items.
pub fn write_list_header(items: usize, out: &mut Vec<u8>) -> Result<()> {
    if items < 16 {
        out.push(0x90 | items as u8);
        return Ok(());
    }
    write_length(items, None, 0xdc, 0xdd, out)
}

/// Appends the header of a map of so many pairs.
///
/// # Errors
/// [`Kind::TooLarge`] at 2^32 pairs.
pub fn write_map_header(pairs: usize, out: &mut Vec<u8>) -> Result<()> {
    if pairs < 16 {
        out.push(0x80 | pairs as u8);
        return Ok(());
    }
    write_length(pairs, None, 0xde, 0xdf, out)
}

fn write_length(
    length: usize,
    tag8: Option<u8>,
    tag16: u8,
    tag32: u8,
    out: &mut Vec<u8>,
) -> Result<()> {
    match (tag8, u8::try_from(length), u16::try_from(length)) {
        (Some(tag), Ok(short), _) => out.extend_from_slice(&[tag, short]),
        (_, _, Ok(short)) => tagged(tag16, short.to_be_bytes(), out),
        _ => {
            let length = u32::try_from(length).map_err(|_| {
                let message = format!("a value of {length} bytes or items: msgpack ends at 4 GiB");
                Error::new(Kind::TooLarge, message)
            })?;
            tagged(tag32, length.to_be_bytes(), out);
        }
    }
    Ok(())
}

fn tagged<const N: usize>(tag: u8, bytes: [u8; N], out: &mut Vec<u8>) {
    out.push(tag);
    out.extend_from_slice(&bytes);
}
