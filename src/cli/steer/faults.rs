//! `faults`: what an entry is, and how it is shown.

use anyhow::bail;
use serde_json::Value;

use super::clock::items;
use super::entries::EntryKind;
use super::table::{aligned, text};
use super::words::{Words, written};
use crate::fault::rule;
use crate::scenario::load;

pub(super) const FAULTS: EntryKind = EntryKind {
    name: "faults",
    added: "armed",
    gone: "disarmed",
    words,
    read: |source, text| load::faults(source, text).map(drop),
    listed,
};

fn words(words: &[String]) -> anyhow::Result<Words<'_>> {
    let keys = rule::keys();
    let rule = Words::read(words, "fault", &keys)?;
    if !rule.has("effect") {
        let [(_, effects), ..] = keys;
        bail!("an effect is needed, such as error=ServerError; effects are {}", effects.join(", "));
    }
    Ok(rule)
}

fn listed(answer: &Value) -> String {
    let rows = items(answer, "faults").map(|fault| {
        let what = written(&fault["rule"], &["effect", "match", "trigger"]);
        [text(&fault["id"]), text(&fault["hits"]), what]
    });
    let rows: Vec<[String; 3]> = rows.collect();
    if rows.is_empty() { "no faults\n".to_owned() } else { aligned(["id", "hits", "what"], rows) }
}
