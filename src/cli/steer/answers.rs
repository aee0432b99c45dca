//! `answers`: what an entry is, and how it is shown.

use serde_json::Value;

use super::clock::items;
use super::entries::EntryKind;
use super::table::{aligned, text};
use super::words::{Words, written};
use crate::answers;
use crate::scenario::load;

pub(super) const ANSWERS: EntryKind = EntryKind {
    name: "answers",
    added: "added",
    gone: "removed",
    words: |words| Words::read(words, "answer", &answers::keys()),
    read: |source, text| load::answers(source, text).map(drop),
    listed,
};

fn listed(answer: &Value) -> String {
    let rows = items(answer, "answers")
        .map(|answer| [text(&answer["id"]), text(&answer["hits"]), written(&answer["answer"], &["match"])]);
    let rows: Vec<[String; 3]> = rows.collect();
    if rows.is_empty() { "no answers\n".to_owned() } else { aligned(["id", "given", "what"], rows) }
}
