//! Reads Rust sources well enough to know what each file imports, re-exports resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A file of `src`.
pub(crate) struct Source {
    /// Such as `domain/plan.rs`.
    pub(crate) name: String,
    pub(crate) text: String,
    /// The text without comments, literals and what is only compiled for tests.
    pub(crate) code: String,
    /// Absolute paths of all that it names: segments after `crate`.
    pub(crate) paths: BTreeSet<Vec<String>>,
    /// What it calls by another path: the name in this file, and the absolute path.
    aliases: BTreeMap<String, Vec<String>>,
}

/// All files of `src`, by module path: `domain::plan`.
pub(crate) struct Sources(pub(crate) BTreeMap<Vec<String>, Source>);

impl Sources {
    pub(crate) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = BTreeMap::new();
        for file in rust_files(&root) {
            let name = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let module: Vec<String> = name
                .trim_end_matches(".rs")
                .trim_end_matches("/mod")
                .split('/')
                .filter(|part| *part != "lib")
                .map(str::to_owned)
                .collect();
            let text = std::fs::read_to_string(&file).unwrap();
            let code = without_tests(&blanked(&text));
            let (paths, aliases) = (BTreeSet::new(), BTreeMap::new());
            found.insert(module, Source { name, text, code, paths, aliases });
        }
        assert!(found.len() > 30, "the sources moved");
        let modules: BTreeSet<Vec<String>> = found.keys().cloned().collect();
        for (module, source) in &mut found {
            for (path, alias) in written_paths(&source.code) {
                if let Some(path) = absolute(&path, module, &modules) {
                    if let Some(alias) = alias {
                        source.aliases.insert(alias, path.clone());
                    }
                    source.paths.insert(path);
                }
            }
        }
        Self(found)
    }

    /// The modules that a module's paths lead to, past re-exports.
    pub(crate) fn imports(&self, module: &[String]) -> BTreeSet<Vec<String>> {
        let paths = self.0[module].paths.iter();
        paths.map(|path| self.resolve(path, 8)).filter(|target| target != module).collect()
    }

    /// The module in which the last segment of a path is defined, as far as file names and re-exports say.
    fn resolve(&self, path: &[String], hops: usize) -> Vec<String> {
        let mut module = Vec::new();
        for (place, segment) in path.iter().enumerate() {
            module.push(segment.clone());
            if self.0.contains_key(&module) {
                continue;
            }
            module.pop();
            let alias = self.0.get(&module).and_then(|source| source.aliases.get(segment));
            let Some(alias) = alias.filter(|alias| hops > 0 && alias.as_slice() != path) else { break };
            let rest = path[place + 1..].iter().cloned();
            return self.resolve(&alias.iter().cloned().chain(rest).collect::<Vec<_>>(), hops - 1);
        }
        module
    }
}

/// All files with Rust code in a folder and the folders in it, sorted.
pub(crate) fn rust_files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.insert(path);
        }
    }
    found
}

/// The text with comments and the contents of literals left out.
pub(crate) fn blanked(text: &str) -> String {
    let (mut code, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("r\"") || rest.starts_with("r#") {
            raw_literal(rest)
        } else if first == '"' {
            literal(rest, '"')
        } else if first == '\'' && is_character(rest) {
            literal(rest, '\'')
        } else {
            0
        };
        if skip == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            rest = &rest[skip..];
        }
    }
    code
}

/// Whether a quote begins a character and not a lifetime.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    chars.next() == Some('\\') || chars.next() == Some('\'')
}

/// The length of a literal between these quotes.
fn literal(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => (),
        }
    }
    text.len()
}

/// The length of a raw text, 0 for a raw identifier.
fn raw_literal(text: &str) -> usize {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    if !text[1 + hashes..].starts_with('"') {
        return 0;
    }
    let (begin, end) = (hashes + 2, format!("\"{}", "#".repeat(hashes)));
    text[begin..].find(&end).map_or(text.len(), |at| begin + at + end.len())
}

/// Leaves out each item under `#[cfg(test)]`: up to its semicolon or the end of its block.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let Some((before, after)) = code.split_once(MARK) else { return code.to_owned() };
    let item = after.find([';', '{']).unwrap_or(after.len());
    let mut depth = 0_usize;
    let end = after[item..].char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => (),
        }
        (depth == 0).then_some(item + at + 1)
    });
    format!("{before}{}", without_tests(&after[end.unwrap_or(after.len())..]))
}

/// Every path as it is written, and the name that a `use` gives it.
pub(crate) fn written_paths(code: &str) -> Vec<(Vec<String>, Option<String>)> {
    let mut found = Vec::new();
    let uses = regex_lite::Regex::new(r"\buse\s+([^;]+);").unwrap();
    for tree in uses.captures_iter(code) {
        expand(&[], &tree[1], &mut found);
    }
    let inline = regex_lite::Regex::new(r"\b(?:crate|super|self)(?:\s*::\s*\w+)+").unwrap();
    for path in inline.find_iter(&uses.replace_all(code, ";")) {
        found.push((segments(path.as_str()), None));
    }
    found
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(|segment| segment.trim().to_owned()).collect()
}

/// A tree such as `a::{b, c::{self, D as E}}` as its paths.
fn expand(prefix: &[String], tree: &str, found: &mut Vec<(Vec<String>, Option<String>)>) {
    let tree = tree.trim();
    if let Some((head, group)) = tree.split_once('{') {
        let head = segments(head.trim().trim_end_matches("::"));
        let prefix: Vec<String> =
            prefix.iter().cloned().chain(head.into_iter().filter(|it| !it.is_empty())).collect();
        let (mut depth, mut begin) = (0_usize, 0);
        let group = &group[..group.rfind('}').unwrap_or(group.len())];
        for (at, c) in group.char_indices().chain([(group.len(), ',')]) {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    expand(&prefix, &group[begin..at], found);
                    begin = at + 1;
                }
                _ => (),
            }
        }
    } else if !tree.is_empty() {
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
        let mut path: Vec<String> = prefix.iter().cloned().chain(segments(path)).collect();
        if path.len() > 1 && path.last().is_some_and(|last| last == "self" || last == "*") {
            path.pop();
        }
        let alias = alias.map(|alias| alias.trim().to_owned()).or_else(|| path.last().cloned());
        found.push((path, alias));
    }
}

/// The path from the crate's root; `None` for another crate's.
fn absolute(path: &[String], module: &[String], modules: &BTreeSet<Vec<String>>) -> Option<Vec<String>> {
    let (mut base, mut rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" => (module.to_vec(), &path[1..]),
        "super" => (module.to_vec(), path),
        first => {
            let child: Vec<String> = module.iter().cloned().chain([first.to_owned()]).collect();
            if !modules.contains(&child) {
                return None;
            }
            (module.to_vec(), path)
        }
    };
    while rest.first().is_some_and(|segment| segment == "super") {
        base.pop();
        rest = &rest[1..];
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

#[test]
fn sources_are_read_as_the_compiler_reads_them() {
    let text = r##"
        use crate::a::{self, b::{C, D as E}, f::*}; // use crate::comment::X;
        fn of<'x>(x: &'x str) -> char { super::g::h(x, "crate::text::X \" {", r#"}" crate::raw::X"#); '"' }
        #[cfg(test)]
        mod tests { use crate::test::X; fn nested() { crate::test::Y } }
        pub use self::i::J;
    "##;
    let paths = written_paths(&without_tests(&blanked(text)));
    let paths: Vec<String> = paths.iter().map(|(path, _)| path.join("::")).collect();
    let expected =
        ["crate::a", "crate::a::b::C", "crate::a::b::D", "crate::a::f", "self::i::J", "super::g::h"];
    assert_eq!(paths, expected);
}
