//! What people take for one character.

/// Counts characters as people see them.
///
/// Marks count with what they stand on, emoji joined by a zero-width joiner, skin tones and flags as
/// one; so does a line end of two. Unicode has more rules (syllables of Hangul jamo, some scripts of
/// India), for which this counts too many, never too few.
pub(super) fn count(text: &str) -> usize {
    let mut count = 0;
    let mut last = None;
    let mut flag_is_open = false;
    for c in text.chars() {
        let closes_flag = flag_is_open && is_flag_letter(c);
        let joined = extends(c) || last == Some(JOINER) || (last, c) == (Some('\r'), '\n');
        // Nothing stands on the start of a text, or of a line.
        let alone = matches!(last, None | Some('\n' | '\r')) && (last, c) != (Some('\r'), '\n');
        if alone || !(joined || closes_flag) {
            count += 1;
        }
        flag_is_open = is_flag_letter(c) && !closes_flag;
        last = Some(c);
    }
    count
}

const JOINER: char = '\u{200d}';

fn is_flag_letter(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Combining marks, variation selectors, the joiner, skin tones, tags.
fn extends(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{93c}' | '\u{94d}'
        | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}' | JOINER
        | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}
