//! The wrong scenarios of `fixtures/scenario-errors`, and what is said about each: one file per noun, in it for each mistake
//! `=== NAME`, the text of the scenario, `>>>`, and the report.
#![expect(clippy::disallowed_methods, reason = "fixtures are read here, and written on demand")]

use std::path::{Path, PathBuf};

/// One wrong scenario.
pub(crate) struct Mistake {
    /// The file it is in.
    pub(crate) file: PathBuf,
    /// What the scenario's file is called: `effect-none.yaml`.
    pub(crate) name: String,
    /// The scenario.
    pub(crate) text: String,
    /// The whole report.
    pub(crate) report: String,
}

/// All of them.
pub(crate) fn all() -> Vec<Mistake> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenario-errors");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<Mistake> {
    let (mut mistakes, mut is_report) = (Vec::<Mistake>::new(), false);
    for line in std::fs::read_to_string(file).unwrap().split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("=== ") {
            let (file, name) = (file.to_owned(), name.trim_end().to_owned());
            mistakes.push(Mistake { file, name, text: String::new(), report: String::new() });
            is_report = false;
        } else if line == ">>>\n" {
            is_report = true;
        } else {
            let mistake = mistakes.last_mut().unwrap();
            if is_report { &mut mistake.report } else { &mut mistake.text }.push_str(line);
        }
    }
    mistakes
}

/// Writes them to their files.
pub(crate) fn write(mistakes: &[Mistake]) {
    for group in mistakes.chunk_by(|one, other| one.file == other.file) {
        let entries =
            group.iter().map(|Mistake { name, text, report, .. }| format!("=== {name}\n{text}>>>\n{report}"));
        std::fs::write(&group[0].file, entries.collect::<String>()).unwrap();
    }
}
