//! What people take for one character: extended grapheme clusters, as Unicode's annex 29 has them.

use icu_properties::props::{
    ExtendedPictographic, GraphemeClusterBreak as Gcb, IndicConjunctBreak as Incb,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Counts characters as people see them.
pub(super) fn count(text: &str) -> usize {
    let mut count = 0;
    let mut last: Option<Before> = None;
    for c in text.chars() {
        let next = Kind::of(c);
        let goes_on = last.as_ref().is_some_and(|last| last.goes_on_with(&next));
        count += usize::from(!goes_on);
        last = Some(Before::new(last.filter(|_| goes_on), next));
    }
    count
}

/// A code point, as the rules see it.
#[derive(Clone, Copy)]
struct Kind {
    cluster: Gcb,
    conjunct: Incb,
    is_picture: bool,
}

impl Kind {
    fn of(c: char) -> Self {
        Self {
            cluster: CodePointMapData::<Gcb>::new().get(c),
            conjunct: CodePointMapData::<Incb>::new().get(c),
            is_picture: CodePointSetData::new::<ExtendedPictographic>().contains(c),
        }
    }
}

/// The last code point, and what the rules want to know of the character so far.
struct Before {
    kind: Gcb,
    /// A picture, marks on it, and perhaps a joiner.
    picture: bool,
    /// A flag's first half.
    half_flag: bool,
    /// A consonant of an Indic script, and whether it is to be joined with the next.
    conjunct: Option<bool>,
}

impl Before {
    fn new(before: Option<Self>, next: Kind) -> Self {
        let before = before.unwrap_or(Self {
            kind: Gcb::Other,
            picture: false,
            half_flag: false,
            conjunct: None,
        });
        let extends = matches!(next.cluster, Gcb::Extend | Gcb::ZWJ);
        Self {
            kind: next.cluster,
            picture: next.is_picture || before.picture && extends,
            half_flag: next.cluster == Gcb::RegionalIndicator && !before.half_flag,
            conjunct: match next.conjunct {
                Incb::Consonant => Some(false),
                Incb::Linker => before.conjunct.map(|_| true),
                Incb::Extend => before.conjunct,
                _ => None,
            },
        }
    }

    /// Whether there is no boundary; the rules by their names in the annex.
    fn goes_on_with(&self, next: &Kind) -> bool {
        let is_control = |kind| matches!(kind, Gcb::Control | Gcb::CR | Gcb::LF);
        match (self.kind, next.cluster) {
            // GB3, GB4, GB5
            (Gcb::CR, Gcb::LF) => true,
            (last, next) if is_control(last) || is_control(next) => false,
            // GB6, GB7, GB8
            (Gcb::L, Gcb::L | Gcb::V | Gcb::LV | Gcb::LVT)
            | (Gcb::LV | Gcb::V, Gcb::V | Gcb::T)
            | (Gcb::LVT | Gcb::T, Gcb::T) => true,
            // GB9, GB9a, GB9b
            (_, Gcb::Extend | Gcb::ZWJ | Gcb::SpacingMark) | (Gcb::Prepend, _) => true,
            // GB9c
            _ if self.conjunct == Some(true) && next.conjunct == Incb::Consonant => true,
            // GB11
            (Gcb::ZWJ, _) => self.picture && next.is_picture,
            // GB12, GB13
            (Gcb::RegionalIndicator, Gcb::RegionalIndicator) => self.half_flag,
            _ => false,
        }
    }
}
