//! Every mistake in a scenario has a file in `fixtures/scenario-errors` and, beside it, all that is said about it.
//!
//! `UPDATE_SCENARIO_ERRORS=1 cargo test --test it scenario_errors` writes what is said; read the difference.
#![expect(clippy::disallowed_methods, reason = "the pairs of files are read here")]

use std::path::{Path, PathBuf};

use sas_emulator::scenario::load;

fn pairs() -> Vec<(PathBuf, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenario-errors");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut pairs: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|extension| extension != "txt"))
        .map(|file| (file.clone(), file.with_extension("txt")))
        .collect();
    pairs.sort();
    pairs
}

/// What is said about the text of a file, whole.
fn said(file: &Path) -> String {
    let name = file.file_name().unwrap().to_str().unwrap();
    match load::parse(name, &std::fs::read_to_string(file).unwrap()) {
        Ok(_) => panic!("{name} is taken for right"),
        Err(error) => format!("{}\n", error.report()),
    }
}

#[test]
fn every_mistake_is_told_as_expected() {
    let pairs = pairs();
    assert!(pairs.len() > 150, "the fixtures moved");
    let update = std::env::var_os("UPDATE_SCENARIO_ERRORS").is_some();
    let mut wrong = Vec::new();
    for (file, expected) in pairs {
        let said = said(&file);
        if update {
            std::fs::write(&expected, &said).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap_or_else(|_| "(no file)\n".to_owned());
        if said != expected {
            wrong.push(format!("{}\nsaid:\n{said}expected:\n{expected}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_message_has_a_place_and_no_jargon_and_no_secret() {
    for (_, expected) in pairs() {
        let text = std::fs::read_to_string(&expected).unwrap();
        let name = expected.file_stem().unwrap().to_str().unwrap();
        let (message, excerpt) = text.split_once('\n').unwrap();
        let place: Vec<&str> = message.splitn(4, ':').collect();
        assert!(place[0].starts_with(name) && place[3].starts_with(' '), "{message}");
        assert!(place[1].parse::<u32>().unwrap() > 0 && place[2].parse::<u32>().unwrap() > 0, "{message}");
        assert!(excerpt.ends_with("^\n") && excerpt.lines().count() == 3, "{text}");
        for jargon in [
            "serde",
            "struct ",
            "variant",
            "untagged",
            "invalid type",
            "sequence",
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
    let schema: serde_json::Value = serde_json::from_str(&sas_emulator::scenario::schema()).unwrap();
    let texts: String = pairs().iter().map(|(file, _)| std::fs::read_to_string(file).unwrap()).collect();
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
    let told = load::parse("large.yaml", &large).unwrap_err().to_string();
    assert_eq!(told, "large.yaml: is larger than 1048576 bytes");
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
