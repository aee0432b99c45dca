//! A written document without some of its parts, laid out so that each part has a line and its place is known.

use serde_json::Value as Json;
use serde_saphyr::Spanned;

use super::written::{TextPlace, WrittenParts, WrittenValue, text_place};

/// A document that was laid out anew, and where each part stands in it and stood before.
pub(crate) struct LaidOut {
    pub(crate) text: String,
    pub(crate) places: Vec<LaidPart>,
    /// Where the text ends.
    end: TextPlace,
}

pub(crate) struct LaidPart {
    /// Which part it is (RFC 6901), in the whole document.
    pub(crate) pointer: String,
    /// Where its name stands; items of lists have none.
    pub(crate) name: Option<TextPlace>,
    pub(crate) value: TextPlace,
    /// Where both stood in the document as it is written.
    pub(crate) written_name: Option<TextPlace>,
    pub(crate) written_value: TextPlace,
}

impl LaidOut {
    /// Adds a part of a line.
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.end.1 += text.chars().count() as u64;
    }

    fn begin_line(&mut self) {
        self.text.push('\n');
        self.end = (self.end.0 + 1, 1);
    }
}

/// What is within a list or a mapping: its path, its name in a mapping, its value.
type Inner<'v> = (String, Option<&'v Spanned<String>>, &'v WrittenValue);

impl WrittenValue {
    /// All of it but some parts, in JSON with a line for each part.
    pub(crate) fn without(&self, left_out: &[String]) -> LaidOut {
        let mut laid = LaidOut { text: String::new(), places: Vec::new(), end: (1, 1) };
        self.lay_out(left_out, String::new(), None, &mut laid);
        laid.begin_line();
        laid
    }

    fn lay_out(
        &self,
        left_out: &[String],
        pointer: String,
        name: Option<&Spanned<String>>,
        laid: &mut LaidOut,
    ) {
        let mut part = LaidPart {
            pointer,
            name: None,
            value: laid.end,
            written_name: name.map(|name| text_place(&name.referenced)),
            written_value: text_place(&self.0.referenced),
        };
        if let Some(name) = name {
            part.name = Some(laid.end);
            laid.push(&Json::from(name.value.as_str()).to_string());
            laid.push(": ");
        }
        part.value = laid.end;
        let pointer = part.pointer.clone();
        laid.places.push(part);
        let (open, close, parts): (_, _, Vec<Inner<'_>>) = match &self.0.value {
            WrittenParts::Scalar(scalar) => {
                laid.push(&scalar.to_string());
                return;
            }
            WrittenParts::Items(items) => {
                let items =
                    items.iter().enumerate().map(|(index, item)| (format!("{pointer}/{index}"), None, item));
                ("[", "]", items.collect())
            }
            WrittenParts::Members(members) => {
                let step = |name: &str| name.replace('~', "~0").replace('/', "~1");
                let members = members
                    .iter()
                    .map(|(name, value)| (format!("{pointer}/{}", step(&name.value)), Some(name), value));
                ("{", "}", members.collect())
            }
        };
        laid.push(open);
        let mut comma = "";
        for (pointer, name, value) in parts.into_iter().filter(|(pointer, ..)| !left_out.contains(pointer)) {
            laid.push(comma);
            laid.begin_line();
            comma = ",";
            value.lay_out(left_out, pointer, name, laid);
        }
        laid.begin_line();
        laid.push(close);
    }
}
