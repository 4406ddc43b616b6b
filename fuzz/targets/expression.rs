//! A condition's text, and a payload that it is asked of, after the first line's end.
#![no_main]
use atdata_format::expression::{Expr, Filter};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let at = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let (text, payload) = bytes.split_at(at);
    let Some(expr) = std::str::from_utf8(text).ok().and_then(|text| text.parse::<Expr>().ok())
    else {
        return;
    };
    assert_eq!(expr.to_string().parse::<Expr>().expect("what is shown is read"), expr);
    let _ = Filter::open(expr).keeps(payload.get(1..).unwrap_or_default());
});
