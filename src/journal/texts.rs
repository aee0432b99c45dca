//! Several short texts in two allocations: a journal holds ten thousand calls, and each has a dozen of them.

use std::borrow::Cow;

use smallvec::SmallVec;

#[derive(Debug)]
pub(super) struct Texts {
    text: Box<str>,
    /// Those of a usual call fit without an allocation.
    ends: SmallVec<[u32; 12]>,
}

#[derive(Debug)]
pub(super) struct Draft {
    text: String,
    ends: SmallVec<[u32; 12]>,
}

impl Draft {
    /// With room for as many texts as a usual call has.
    pub(super) fn new() -> Self {
        Self { text: String::with_capacity(192), ends: SmallVec::new() }
    }

    /// Adds a text. What is longer than `most` bytes is cut, and says by how much.
    pub(super) fn push(&mut self, text: &str, most: usize) {
        push(&mut self.text, text, most);
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    pub(super) fn finish(self) -> Texts {
        let mut ends = self.ends;
        ends.shrink_to_fit();
        Texts { text: self.text.into_boxed_str(), ends }
    }
}

impl Texts {
    /// The text at a place; empty if there is none.
    pub(super) fn get(&self, place: usize) -> &str {
        let end = |place: usize| self.ends.get(place).map_or(0, |end| *end as usize);
        let start = place.checked_sub(1).map_or(0, end);
        self.text.get(start..end(place)).unwrap_or_default()
    }

    pub(super) fn from(&self, place: usize) -> impl Iterator<Item = &str> {
        (place..self.ends.len()).map(|place| self.get(place))
    }

    pub(super) fn bytes(&self) -> usize {
        self.text.len() + if self.ends.spilled() { size_of_val(&*self.ends) } else { 0 }
    }
}

fn push(to: &mut String, text: &str, most: usize) {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    to.push_str(&text[..end]);
    if end < text.len() {
        to.extend(["…(+", &(text.len() - end).to_string(), " bytes)"]);
    }
}

/// The text, cut as [`Draft::push`] cuts it.
pub(super) fn shortened(text: Cow<'static, str>, most: usize) -> Cow<'static, str> {
    if text.len() <= most {
        return text;
    }
    let mut short = String::new();
    push(&mut short, &text, most);
    short.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_were_and_long_ones_say_what_is_missing() {
        let mut draft = Draft::new();
        for text in ["GET", "", "中中中", "end"] {
            draft.push(text, 7);
        }
        let texts = draft.finish();
        let all: Vec<&str> = texts.from(0).collect();
        assert_eq!(all, ["GET", "", "中中…(+3 bytes)", "end"]);
        assert_eq!((texts.get(3), texts.get(4)), ("end", ""));
        assert_eq!(texts.from(9).count(), 0);
    }
}
