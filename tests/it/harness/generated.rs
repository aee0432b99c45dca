//! Parts of pages that are made from the tables of the program; `UPDATE_DOCS=1` writes them.
#![expect(clippy::disallowed_methods, reason = "pages are read and written here")]

/// Compares the part of a page between `<!-- name: …` and `<!-- /name -->` with what the program says.
pub(crate) fn check_part(page: &str, name: &str, expected: &str) {
    let path = format!("{}/{page}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let mark = format!("<!-- {name}: made from the table of the program; a test compares -->\n");
    let end = format!("<!-- /{name} -->");
    let (before, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("{page} has no line {mark}"));
    let (stands, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{page} has no line {end}"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{mark}{expected}{end}{after}")).unwrap();
    } else {
        assert!(
            stands == expected,
            "the part {name} of {page} is not up to date: UPDATE_DOCS=1 cargo test --test it lists"
        );
    }
}
