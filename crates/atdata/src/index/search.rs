//! Finds data sets by what is said of them.

use super::Index;
use crate::error::Result;
use crate::provider::{Entry, Page, Query};

impl Query {
    /// The words of a text, in lower case: each must begin a word of a data set's name, description
    /// or tags.
    ///
    /// ```
    /// use atdata::provider::Query;
    /// assert_eq!(Query::default().text("Cat-images, 2024").words, ["cat", "images", "2024"]);
    /// ```
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        self.words.extend(words.map(str::to_lowercase));
        self
    }
}

impl Index {
    /// The current entries that fit a query, in the order of their names, at most `limit`.
    ///
    /// # Errors
    /// What the provider meets.
    pub fn search(&self, query: &Query, limit: usize) -> Result<Vec<Entry>> {
        self.provider.search(query, &Page { after: None, limit })
    }
}
