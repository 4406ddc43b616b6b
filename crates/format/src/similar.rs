//! What somebody meant who wrote a name that there is not.

use strsim::osa_distance;

/// Longer names are not compared: it takes the product of two lengths.
const MAX_LENGTH: usize = 512;

/// The names that a slip of the keys may have meant, so many at most, the likeliest first.
///
/// A slip is a character that is wrong, missing, too much or swapped with the next, once for each
/// four characters; small and large letters are the same.
///
/// ```
/// use atdata_format::similar::similar;
/// assert_eq!(similar("scroe", ["label", "score"], 1), ["score"]);
/// assert!(similar("colour", ["label", "score"], 1).is_empty());
/// ```
pub fn similar<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
    most: usize,
) -> Vec<&'a str> {
    let length = wanted.chars().count();
    let allowed = (length / 4).clamp(1, 4);
    // A character has 4 bytes at most; whoever differs more in length is not compared.
    let close = names.into_iter().filter(|name| {
        name.len().max(wanted.len()) <= MAX_LENGTH
            && name.len().abs_diff(wanted.len()) <= 4 * allowed
    });
    let small = wanted.to_lowercase();
    let close = close.map(|name| (osa_distance(&small, &name.to_lowercase()), name));
    let is_slip = |distance: usize| distance <= allowed && distance < length;
    let mut close: Vec<_> = close.filter(|(distance, _)| is_slip(*distance)).collect();
    close.sort_unstable_by_key(|(distance, name)| (*distance, *name != wanted, *name));
    close.dedup();
    close.into_iter().take(most).map(|(_, name)| name).collect()
}

/// A question to put after an unknown name in a message, such as ` (did you mean 'score'?)`;
/// nothing where no name is similar.
///
/// ```
/// use atdata_format::similar::did_you_mean;
/// assert_eq!(did_you_mean("lable", ["label", "score"]), " (did you mean 'label'?)");
/// assert_eq!(did_you_mean("colour", ["label", "score"]), "");
/// ```
pub fn did_you_mean<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let found = similar(wanted, names, 1);
    found.first().map_or_else(String::new, |name| format!(" (did you mean '{name}'?)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slip_is_similar() {
        let similar =
            |wanted, most| similar(wanted, ["train-000000.tar", "train-000001.tar", "b.tar"], most);
        assert_eq!(similar("trian-000000.tar", 1), ["train-000000.tar"]);
        assert_eq!(similar("trian-000001.tar", 3), ["train-000001.tar", "train-000000.tar"]);
        assert!(similar("something.tar", 3).is_empty());
    }

    #[test]
    fn short_names_need_something_in_common() {
        assert!(similar("c", ["a", "b"], 1).is_empty());
        assert!(similar("", ["a"], 1).is_empty());
        assert_eq!(similar("C", ["a", "c"], 1), ["c"]);
        assert_eq!(similar("é1", ["e1"], 1), ["e1"]);
    }

    #[test]
    fn the_same_name_comes_first() {
        assert_eq!(similar("score", ["Score", "score", "score", "scores"], 2), ["score", "Score"]);
    }

    #[test]
    fn long_names_are_not_compared() {
        let long = "a".repeat(MAX_LENGTH + 1);
        assert!(similar(&long, [long.as_str()], 1).is_empty());
    }
}
