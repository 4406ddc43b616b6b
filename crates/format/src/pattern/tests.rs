use super::*;
use proptest::prelude::*;

fn joined(pattern: &str) -> String {
    expand(pattern).unwrap().join(" ")
}

#[test]
fn groups_mean_what_they_mean_in_bash() {
    let cases = [
        ("{9..7}", "9 8 7"),
        ("{8..011}", "008 009 010 011"),
        ("{-01..1}", "-01 000 001"),
        ("{0..10..5}", "0 5 10"),
        ("{10..0..-4}", "10 6 2"),
        ("{1..3..0}", "1 2 3"),
        ("{a..e..2}", "a c e"),
        ("{c..a}", "c b a"),
        ("{a,b}{1,2}", "a1 a2 b1 b2"),
        ("x{,y}z", "xz xyz"),
        ("{a,{b,c}d,e{1..2}}", "a bd cd e1 e2"),
        ("{{a,b}}", "{a} {b}"),
        ("{a,b}}", "a} b}"),
        ("{{a,b}", "{a {b"),
        ("{a,{b,c}", "{a,b {a,c"),
        ("{a..1}", "{a..1}"),
        ("{1..2..3..4}", "{1..2..3..4}"),
        ("{1..}", "{1..}"),
        ("{}{a,b}", "{}a {}b"),
        ("", ""),
        ("é{ü,ö}", "éü éö"),
        ("{5..5}", "5"),
        ("{99999999999999999999..1}", "{99999999999999999999..1}"),
    ];
    for (pattern, expected) in cases {
        assert_eq!(joined(pattern), expected, "{pattern}");
    }
    let shards = expand("s3://b/d-{000000..000099}.tar").unwrap();
    assert_eq!((shards.len(), shards[99].as_str()), (100, "s3://b/d-000099.tar"));
}

#[test]
fn bombs_are_counted_not_built() {
    let wide = format!("{{1..1000000}}{}", "x".repeat(300));
    let deep = format!("{}{}", "{a,".repeat(33), "}".repeat(33));
    let long = "a".repeat(MAX_PATTERN_LEN + 1);
    let groups = "{a,b}".repeat(100);
    let lists = "{1..1000000}".repeat(9);
    let whole = "{-9223372036854775808..9223372036854775807}";
    for pattern in ["{0..1000000}", whole, &wide, &deep, &long, &groups, &lists] {
        let error = expand(pattern).unwrap_err();
        assert_eq!(error.kind(), Kind::BadPattern, "{error}");
    }
    assert!(expand("{0..1000000}").unwrap_err().message().contains("1000001 names"));
    assert_eq!(expand("{1..1000000}").unwrap().len(), 1_000_000);
    for text in ["{", "}", "{x", "{x}", "{x{", "{}"] {
        let text = text.repeat(100_000);
        assert_eq!(expand(&text).unwrap(), [text.as_str()]);
    }
    let nested = format!("{}{}", "{".repeat(100_000), "}".repeat(100_000));
    assert_eq!(expand(&nested).unwrap(), [nested]);
}

proptest! {
    #[test]
    fn any_text_expands_or_fails(pattern in "[{},.0-9a-c\\-]{0,40}") {
        if let Ok(names) = expand(&pattern) {
            prop_assert!(!names.is_empty());
            let plain = !pattern.contains('{');
            prop_assert!(!plain || names == [pattern]);
        }
    }

    #[test]
    fn a_padded_range_is_every_number(first in 0..500_u32, len in 0..500_u32) {
        let last = first + len;
        let names = expand(&format!("{{{first:06}..{last:06}}}")).unwrap();
        let expected: Vec<String> = (first..=last).map(|n| format!("{n:06}")).collect();
        prop_assert_eq!(names, expected);
    }
}
