//! Every mistake in a scenario stands in `fixtures/scenario-errors`, with all that is said about it.
//!
//! For a new one, add `=== NAME.yaml` and the scenario to the file of its noun. Then
//! `UPDATE_SCENARIO_ERRORS=1 cargo test --test it scenario_errors` writes what is said; read the difference.

use sas_emulator::internals::scenario::{load, mistakes as check};

use crate::harness::mistakes::{self, Mistake};

/// What is said about a wrong scenario, whole.
fn said(Mistake { name, text, .. }: &Mistake) -> String {
    match load::parse(name, text) {
        Ok(_) => panic!("{name} is taken for right"),
        Err(error) => format!("{}\n", error.report()),
    }
}

#[test]
fn every_mistake_has_the_expected_report() {
    let mut mistakes = mistakes::all();
    assert!(mistakes.len() > 220, "the fixtures moved");
    let update = std::env::var_os("UPDATE_SCENARIO_ERRORS").is_some();
    let mut wrong = Vec::new();
    for mistake in &mut mistakes {
        let said = said(mistake);
        if update {
            mistake.report = said;
        } else if said != mistake.report {
            wrong.push(format!("{}\nsaid:\n{said}expected:\n{}", mistake.name, mistake.report));
        }
    }
    if update {
        mistakes::write(&mistakes);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What follows from a mistake is not taken for another one.
#[test]
fn one_mistake_is_one() {
    for Mistake { name, text, .. } in mistakes::all() {
        let found = check::of(&load::Text { source: name, text });
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 1, "{said:#?}");
    }
}

#[test]
fn every_message_has_a_place_and_no_jargon_and_no_secret() {
    for Mistake { name, report: text, .. } in mistakes::all() {
        let (message, excerpt) = text.split_once('\n').unwrap();
        let place: Vec<&str> = message.splitn(4, ':').collect();
        assert!(place[0] == name && place[3].starts_with(' '), "{message}");
        assert!(place[1].parse::<u32>().unwrap() > 0 && place[2].parse::<u32>().unwrap() > 0, "{message}");
        assert!(excerpt.ends_with("^\n") && excerpt.lines().count() == 3, "{text}");
        for jargon in [
            "serde",
            "struct ",
            "variant",
            "untagged",
            "invalid type",
            "a sequence,",
            "scalar",
            "u32",
            "u64",
            "f64",
            "mapping",
            "unit value",
            "data did not match",
            "budget",
            "Some(",
            "deserializ",
            "`",
        ] {
            assert!(!place[3].contains(jargon), "{jargon:?} in {message}");
        }
        assert!(!text.contains("hunter2"), "{text}");
    }
}

/// Every key of the language is wrong in some file.
#[test]
fn every_key_has_its_mistakes() {
    let schema: serde_json::Value =
        serde_json::from_str(&sas_emulator::internals::scenario::schema()).unwrap();
    let texts: String = mistakes::all().into_iter().map(|mistake| mistake.text).collect();
    let mut keys = Vec::new();
    let mut parts = vec![&schema];
    while let Some(part) = parts.pop() {
        if let Some(members) = part.as_object() {
            keys.extend(
                members.get("properties").and_then(|of| of.as_object()).into_iter().flat_map(|of| of.keys()),
            );
            parts.extend(members.values());
        } else if let Some(list) = part.as_array() {
            parts.extend(list);
        }
    }
    // Of these any text is right, or any choice but the wrong one, of which there is one file for all of them.
    let free = [
        "description",
        "uuid",
        "instance_id",
        "internet_ip",
        "intranet_ip",
        "region",
        "os",
        "source",
        "message",
        "recommend",
    ];
    let choices = schema["$defs"]["Choices"]["properties"].as_object().unwrap();
    for key in keys.iter().filter(|key| !free.contains(&key.as_str()) && !choices.contains_key(key.as_str()))
    {
        assert!(
            texts.contains(&format!("{key}:")) || texts.contains(&format!("\"{key}\":")),
            "no mistake in {key:?}"
        );
    }
}

#[test]
fn a_file_too_large_is_refused_before_it_is_read() {
    let large = format!("version: 1\nname: x\ndescription: {}\n", "x".repeat(load::MAX_BYTES));
    let error = load::parse("large.yaml", &large).unwrap_err().to_string();
    assert_eq!(error, "large.yaml: is larger than 1048576 bytes");
    assert_eq!(load::read_from(std::io::repeat(b' ')).unwrap_err(), "is larger than 1048576 bytes");
    assert_eq!(load::read_from(&b"a\xff"[..]).unwrap_err(), "is not UTF-8 text: byte 2");
}

/// Not one of them may end the process, however deep.
#[test]
fn deep_nesting_is_refused_in_any_syntax() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")] {
        let text =
            format!("version: 1\nname: x\nfaults:\n {}{}\n", open.repeat(100_000), close.repeat(100_000));
        assert!(load::parse("deep.yaml", &text).is_err(), "{open}");
    }
}
