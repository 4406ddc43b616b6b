//! Rust numbers as array elements.

use super::{ByteOrder, Class, Scalar};

/// A Rust type that is exactly one numpy type, up to byte order. Sealed: the list is the format's.
pub trait Element: Copy + Send + Sync + sealed::Sealed + 'static {
    /// Its type in little-endian order.
    const SCALAR: Scalar;

    /// Its name in numpy and in schemas, such as `float32`.
    const NAME: &'static str;

    /// Reads elements of the given byte order. Bytes after the last whole element are left out.
    fn read(order: ByteOrder, bytes: &[u8]) -> Vec<Self>;

    /// Appends elements in little-endian order.
    fn write(values: &[Self], out: &mut Vec<u8>);
}

mod sealed {
    pub trait Sealed {}
}

/// Fixed-size chunks on both sides, so that the compiler makes block copies of the loops.
macro_rules! number {
    ($($type:ty, $size:literal, $class:ident, $text:literal, $name:literal;)*) => {$(
        impl sealed::Sealed for $type {}

        impl Element for $type {
            const SCALAR: Scalar = Scalar::known(Class::$class, $size, $text);
            const NAME: &'static str = $name;

            fn read(order: ByteOrder, bytes: &[u8]) -> Vec<Self> {
                let items = bytes.as_chunks::<$size>().0.iter();
                match order {
                    ByteOrder::Little => items.map(|item| <$type>::from_le_bytes(*item)).collect(),
                    ByteOrder::Big => items.map(|item| <$type>::from_be_bytes(*item)).collect(),
                }
            }

            fn write(values: &[Self], out: &mut Vec<u8>) {
                let start = out.len();
                out.resize(start + size_of_val(values), 0);
                let items = out.get_mut(start..).unwrap_or_default().as_chunks_mut::<$size>().0;
                for (item, value) in items.iter_mut().zip(values) {
                    *item = value.to_le_bytes();
                }
            }
        }
    )*};
}

number! {
    u8, 1, Uint, "|u1", "uint8";
    u16, 2, Uint, "<u2", "uint16";
    u32, 4, Uint, "<u4", "uint32";
    u64, 8, Uint, "<u8", "uint64";
    i8, 1, Int, "|i1", "int8";
    i16, 2, Int, "<i2", "int16";
    i32, 4, Int, "<i4", "int32";
    i64, 8, Int, "<i8", "int64";
    half::f16, 2, Float, "<f2", "float16";
    f32, 4, Float, "<f4", "float32";
    f64, 8, Float, "<f8", "float64";
}

impl sealed::Sealed for bool {}

impl Element for bool {
    const SCALAR: Scalar = Scalar::known(Class::Bool, 1, "|b1");
    const NAME: &'static str = "bool";

    /// Any byte but 0 is true, as in numpy.
    fn read(_: ByteOrder, bytes: &[u8]) -> Vec<Self> {
        bytes.iter().map(|byte| *byte != 0).collect()
    }

    fn write(values: &[Self], out: &mut Vec<u8>) {
        out.extend(values.iter().map(|value| u8::from(*value)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dtype;
    use super::*;

    fn round_trip<T: Element + PartialEq + std::fmt::Debug>(values: &[T], text: &str) {
        assert_eq!(Dtype::parse(text).unwrap(), Dtype::Scalar(T::SCALAR));
        let mut bytes = vec![7];
        T::write(values, &mut bytes);
        assert_eq!(bytes.len() - 1, size_of_val(values));
        assert_eq!(T::read(ByteOrder::Little, &bytes[1..]), values);
        let size = size_of::<T>();
        let swapped: Vec<u8> =
            bytes[1..].chunks(size).flat_map(|c| c.iter().rev().copied()).collect();
        assert_eq!(T::read(ByteOrder::Big, &swapped), values);
    }

    #[test]
    fn numbers_keep_their_values_in_both_orders() {
        round_trip::<bool>(&[true, false], "|b1");
        round_trip::<u8>(&[0, 255], "|u1");
        round_trip::<i8>(&[-128, 127], "|i1");
        round_trip::<u16>(&[1, 65535], "<u2");
        round_trip::<i16>(&[-2], "<i2");
        round_trip::<u32>(&[1, 2, 3], "<u4");
        round_trip::<i32>(&[-1, 1 << 20], "<i4");
        round_trip::<u64>(&[u64::MAX], "<u8");
        round_trip::<i64>(&[i64::MIN, 5], "<i8");
        round_trip::<half::f16>(&[half::f16::from_f32(1.5)], "<f2");
        round_trip::<f32>(&[1.5, -0.1], "<f4");
        round_trip::<f64>(&[], "<f8");
    }
}
