//! All mistakes of a scenario, not only the first one: what is wrong is left out, and the rest is read again.
//!
//! What may follow from leaving something out is not reported: once the rest is right, it shows by itself.

use super::LoadError;
use super::parse::{self, Text, part, wrong};
use super::veil::Veil;
use super::words::missing_key;
use crate::answers::{LaidOut, WrittenValue};
use crate::text::similar::nearest;

/// Most mistakes of one document that are reported.
const MOST: usize = 20;

/// What is wrong, in the order in which it is found; nothing if all is right.
pub fn of(Text { source, text }: &Text) -> Vec<LoadError> {
    let Err(first) = parse::parse(source, text) else { return Vec::new() };
    let mut found = vec![first];
    // A document that cannot be read as such has one mistake that hides all others.
    let (Ok(written), Some(LoadError::Wrong { line, column, .. })) =
        (part::<WrittenValue>(source, text), found.first())
    else {
        return found;
    };
    let mut left_out = Vec::new();
    let mut next = written_at(&written.without(&[]), (*line, *column));
    // Each turn leaves out one part more.
    while let Some(pointer) = next.take().filter(|pointer| !pointer.is_empty() && !left_out.contains(pointer))
    {
        left_out.push(pointer);
        let laid = written.without(&left_out);
        let Err(LoadError::Wrong { line, column, message, .. }) = parse::parse(source, &laid.text) else {
            break;
        };
        let Some((pointer, place)) = part_at(&laid, (line, column)) else { break };
        if let Some(key) = missing_key(&message) {
            // What it was in is left out with it: that, too, shows by itself once the rest is right.
            let gone = left_out.iter().rev().find(|gone| is_meant(gone, key)).or(left_out.last());
            next = gone.and_then(|gone| Some(gone.rsplit_once('/')?.0.to_owned()));
            continue;
        }
        if !may_follow(&pointer, &left_out) {
            found.push(wrong(source, &Veil::over_scenario(text), place, message));
            if found.len() == MOST {
                break;
            }
        }
        next = Some(pointer);
    }
    found
}

/// Whether what was left out was that key, or a misspelt one.
fn is_meant(gone: &str, key: &str) -> bool {
    let name = gone.rsplit('/').next().unwrap_or_default();
    name == key || nearest(name, [key]).is_some()
}

/// Whether a mistake in a part may be there only because other parts were left out.
fn may_follow(pointer: &str, left_out: &[String]) -> bool {
    let is_within = |gone: &String| gone.strip_prefix(pointer).is_some_and(|rest| rest.starts_with('/'));
    // Expectations name accounts, faults, and error codes of faults and answers.
    let is_entry = |gone: &String| {
        let is_named = ["/accounts", "/faults", "/answers"].iter().any(|list| gone.starts_with(list));
        is_named && gone.matches('/').count() <= 2
    };
    left_out.iter().any(is_within) || (pointer.starts_with("/expect") && left_out.iter().any(is_entry))
}

/// The part of a document that is at a place of it as it is written: the smallest.
fn written_at(whole: &LaidOut, place: (u64, u64)) -> Option<String> {
    let starts = whole.places.iter().flat_map(|part| {
        let starts = part.written_name.into_iter().chain([part.written_value]);
        starts.map(move |start| (start, part))
    });
    // Of those at the same place, the last one is the smallest.
    let at = starts.filter(|(start, _)| *start <= place).max_by_key(|(start, _)| *start);
    at.map(|(_, part)| part.pointer.clone())
}

/// The part at a place of a document that was laid out anew, and where it, or its name, stood before.
fn part_at(laid: &LaidOut, place: (u64, u64)) -> Option<(String, (u64, u64))> {
    let starts = laid.places.iter().flat_map(|part| {
        let name = part.name.zip(part.written_name).into_iter();
        name.chain([(part.value, part.written_value)]).map(move |(start, before)| (start, before, part))
    });
    let (_, before, part) = starts.filter(|(start, ..)| *start <= place).max_by_key(|(start, ..)| *start)?;
    Some((part.pointer.clone(), before))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        let text = Text { source: "a.yaml".to_owned(), text: text.to_owned() };
        of(&text).iter().map(ToString::to_string).collect()
    }

    fn places(text: &str) -> Vec<String> {
        said(text).iter().map(|line| line.split(": ").next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn every_mistake_is_found_at_its_place() {
        let begin = "version: 1\nname: x\nsed: 5\nlifecycles:\n  IMAGE_SCAN: { queued: soon, running: 8s }\n";
        let faults = "faults:\n  - effect: { eror: ServerError }\n  - effect: { error: ServerEror }\n    trigger: { times: many }\n";
        let expect =
            "expect:\n  - { action: GetLastOnceTaskInf }\n  - { action: CancelOnceTask, calls: few }\n";
        assert_eq!(
            places(&format!("{begin}{faults}")),
            ["a.yaml:3:1", "a.yaml:5:25", "a.yaml:7:15", "a.yaml:8:22", "a.yaml:9:23"]
        );
        assert_eq!(places(&format!("{begin}{expect}")).len(), 4);
    }

    /// An expectation may name a fault that was left out.
    #[test]
    fn what_may_follow_from_a_mistake_is_not_reported() {
        let text = "version: 1\nname: x\nfaults:\n  - { id: slow, effect: { dely: 1s } }\nexpect:\n  - { fault: slow }\n";
        assert_eq!(places(text), ["a.yaml:4:27"]);
    }

    #[test]
    fn a_right_document_has_none_and_a_broken_one_has_one() {
        assert!(said("version: 1\nname: x\n").is_empty());
        assert_eq!(said("version: 1\nname: [x\nsed: 1\n").len(), 1);
    }
}
