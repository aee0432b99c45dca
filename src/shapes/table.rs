//! The table of all operations: compiled in compressed, unpacked at its first use.

use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;

use super::read;
use super::shape::OperationShape;

/// `fixtures/shapes.jsonl`, packed.
static PACKED: &[u8] = include_bytes!("../../fixtures/shapes.gz");

/// A line for each operation, sorted by name. A test unpacks the table, so the fallback is never used.
static LINES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut text = String::new();
    let read = GzDecoder::new(PACKED).read_to_string(&mut text);
    // It lives as long as the program: names and words of shapes are borrowed from it.
    read.map_or_else(|_| Vec::new(), |_| text.leak().lines().collect())
});

/// The metadata of an operation, read from its line.
pub(crate) fn find(name: &str) -> Option<OperationShape> {
    let place = LINES.binary_search_by(|line| name_of(line).cmp(name)).ok()?;
    read::operation(LINES[place])
}

/// The names of all operations, sorted.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    LINES.iter().copied().map(name_of)
}

fn name_of(line: &str) -> &str {
    line.split('"').nth(3).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, GzBuilder};

    use super::*;

    const TEXT: &str = include_str!("../../fixtures/shapes.jsonl");

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the packed table is written on demand")]
    fn the_packed_table_is_the_readable_one() {
        if std::env::var_os("UPDATE_SHAPES").is_some() {
            let mut packer = GzBuilder::new().write(Vec::new(), Compression::best());
            packer.write_all(TEXT.as_bytes()).unwrap();
            let target = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/shapes.gz");
            return std::fs::write(target, packer.finish().unwrap()).unwrap();
        }
        let lines: Vec<&str> = TEXT.lines().collect();
        assert!(*LINES == lines, "run UPDATE_SHAPES=1 cargo test --lib shapes");
    }

    #[test]
    fn each_operation_is_found_by_its_name() {
        assert_eq!(names().count(), 965);
        assert!(names().is_sorted());
        for name in names() {
            let shape = find(name).unwrap_or_else(|| panic!("the line of {name}"));
            assert_eq!(shape.name, name);
            assert!(!shape.reply.members().is_empty(), "{name}");
            for required in shape.required {
                assert!(shape.params.iter().any(|(param, _)| *param == required), "{name} {required}");
            }
        }
        assert!(find("Nonsense").is_none());
    }
}
