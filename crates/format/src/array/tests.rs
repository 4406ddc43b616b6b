use super::*;
use ndarray::{Array, Array3};
use proptest::prelude::*;

fn compact(dtype: &str, shape: &[i64], data: usize) -> Vec<u8> {
    let mut out = vec![dtype.len() as u8];
    out.extend(dtype.bytes());
    out.push(shape.len() as u8);
    out.extend(shape.iter().flat_map(|dim| dim.to_le_bytes()));
    out.resize(out.len() + data, 1);
    out
}

fn kind(bytes: &[u8]) -> Kind {
    ArrayView::parse(bytes).unwrap_err().kind()
}

#[test]
fn shapes_of_no_dimension_and_of_none_at_all() {
    for (shape, data) in [(&[][..], 4), (&[0], 0), (&[0, 5], 0), (&[5, 0], 0), (&[1; 64], 4)] {
        let bytes = compact("<f4", shape, data);
        let array = ArrayView::parse(&bytes).unwrap();
        assert_eq!(array.header.shape.len(), shape.len());
        let values = array.to_ndarray::<f32>().unwrap();
        assert_eq!((values.len(), values.ndim()), (data / 4, shape.len()));
    }
}

#[test]
fn lying_headers_are_refused() {
    let max = i64::MAX;
    let bad = [
        vec![],
        vec![3],
        vec![0, 0],
        compact("<f4", &[2], 7),
        compact("<f4", &[2], 9),
        compact("<f4", &[-1], 4),
        compact("<f4", &[max, max], 4),
        compact("<f4", &[max, 0], 0),
        compact("<f4", &[1 << 62, 4, 0], 0),
        compact("|V4", &[1], 4),
        compact("<f4", &[1; 65], 4),
        compact("<f5", &[1], 5),
        compact("|u1", &[max], 0),
        compact("<f4", &[], 0),
        b"\x02\xff\xff\x00".to_vec(),
        compact("<f4", &[2], 8)[..9].to_vec(),
        b"\x93NUMPY".to_vec(),
        b"\x93N".to_vec(),
    ];
    for bytes in bad {
        assert_eq!(kind(&bytes), Kind::BadArray, "{bytes:?}");
        assert!(looks_like_array(&bytes).is_none());
    }
    assert_eq!(kind(&compact("|O", &[1], 8)), Kind::ObjectArray);
    let message = ArrayView::parse(&compact("<f4", &[2, 3], 7)).unwrap_err().to_string();
    assert_eq!(message, "<f4 of shape (2, 3) takes 24 bytes, there are 7");
}

#[test]
fn a_prefix_is_enough_once_it_holds_the_header() {
    let mut image = Vec::new();
    npy::write_header("[('a', '<i4')]", &[2], &mut image).unwrap();
    let header = image.len();
    image.extend([0; 8]);
    for (bytes, header) in [(compact("<f4", &[1000], 4000), 13), (image, header)] {
        for cut in 0..=bytes.len().min(200) {
            let parsed = ArrayHeader::parse(&bytes[..cut], bytes.len()).unwrap();
            assert_eq!(parsed.is_some(), cut >= header, "{cut}");
        }
        let parsed = ArrayHeader::parse(&bytes, header + 1);
        assert_eq!(parsed.unwrap_err().kind(), Kind::BadArray);
    }
}

#[test]
fn fortran_images_become_c_order() {
    let text = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3, 2), }\n";
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.bytes());
    let array = Array3::from_shape_fn((2, 3, 2), |(i, j, k)| (100 * i + 10 * j + k) as i16);
    bytes.extend(array.t().iter().flat_map(|value| value.to_be_bytes()));
    let view = ArrayView::parse(&bytes).unwrap();
    assert!(view.header.fortran);
    assert_eq!(view.to_ndarray::<i16>().unwrap(), array.clone().into_dyn());
    assert_eq!(
        i16::read(crate::dtype::ByteOrder::Big, &view.to_c_order()),
        array.into_raw_vec_and_offset().0
    );
}

#[test]
fn any_layout_is_written_in_c_order() {
    let array = Array::from_shape_fn((3, 4), |(i, j)| (10 * i + j) as u16);
    for view in [array.view(), array.t(), array.slice(ndarray::s![..;-1, ..;2])] {
        let mut bytes = Vec::new();
        encode_ndarray(&view, &mut bytes).unwrap();
        let dtype = Dtype::from(u16::SCALAR);
        assert_eq!(bytes.len(), compact_len(&dtype, view.shape()).unwrap());
        let read = ArrayView::parse(&bytes).unwrap().to_ndarray::<u16>().unwrap();
        assert_eq!(read, view.into_dyn());
    }
    let error = ArrayView::parse(&compact("<u2", &[1], 2)).unwrap().to_ndarray::<i16>();
    assert_eq!(error.unwrap_err().kind(), Kind::WrongType);
}

#[test]
fn what_could_not_be_read_is_not_written() {
    let (f4, mut out) = (Dtype::from(f32::SCALAR), Vec::new());
    assert!(write_compact_header(&f4, &[1; 65], &mut out).is_err());
    assert!(write_compact_header(&f4, &[usize::MAX], &mut out).is_err());
    let record = Dtype::structured("[('a', '<i4')]", 4).unwrap();
    assert!(write_compact_header(&record, &[1], &mut out).is_err());
    assert!(out.is_empty());
}

proptest! {
    #[test]
    fn every_header_written_is_read(
        dtype in prop::sample::select(vec!["<f4", ">i8", "|b1", "<U7", "|S5", "<M8[25s]", "<c16"]),
        shape in prop::collection::vec(0..4_usize, 0..9),
    ) {
        let (dtype, mut bytes) = (Dtype::parse(dtype).unwrap(), Vec::new());
        write_compact_header(&dtype, &shape, &mut bytes).unwrap();
        bytes.resize(compact_len(&dtype, &shape).unwrap(), 0);
        let header = looks_like_array(&bytes).unwrap();
        prop_assert_eq!((&header.dtype, &header.shape[..]), (&dtype, &shape[..]));
        prop_assert_eq!(header.data_offset + header.data_len, bytes.len());
    }

    #[test]
    fn any_bytes_are_an_array_or_an_error(
        head in prop::sample::select(vec![&b""[..], b"\x03<f4", b"\x03|u1\x01", b"\x93NUMPY\x01\0"]),
        tail in prop::collection::vec(any::<u8>(), 0..40),
        total in 0..200_usize,
    ) {
        let bytes = [head, &tail].concat();
        let _ = ArrayHeader::parse(&bytes, total);
        if let Ok(view) = ArrayView::parse(&bytes) {
            prop_assert_eq!(view.to_c_order().len(), view.data.len());
        }
    }
}
