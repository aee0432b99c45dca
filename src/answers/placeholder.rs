//! `{{…}}` in texts of scripted answers: what is filled in for each call.

use jiff::SignedDuration;

use crate::text::duration;
use crate::text::similar::{misspelt, nearest, shortened};

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TextPart {
    Fixed(String),
    Filled(Placeholder),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placeholder {
    /// A parameter of the call, by its name.
    Param(String),
    /// The task clock, so much later, in whole seconds or as the documented type wants it.
    Now {
        later: SignedDuration,
        in_seconds: bool,
    },
    RequestId,
    /// The AccessKeyId of the caller.
    Account,
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";
const PARAMS: &str = "params.";
const KNOWN: [&str; 5] = ["params.NAME", "now", "now_seconds", "request_id", "account"];

/// The parts of a text; `\{{` stands for `{{` itself.
pub(super) fn parts(text: &str) -> Result<Vec<TextPart>, String> {
    let (mut parts, mut fixed, mut rest) = (Vec::new(), String::new(), text);
    while let Some((before, after)) = rest.split_once(OPEN) {
        if let Some(before) = before.strip_suffix('\\') {
            fixed.extend([before, OPEN]);
            rest = after;
            continue;
        }
        let Some((name, after)) = after.split_once(CLOSE) else {
            return Err(format!(
                "{:?} opens a placeholder with {{{{ and does not close it with }}}}; \\{{{{ stands for {{{{ itself",
                shortened(text)
            ));
        };
        fixed.push_str(before);
        if !fixed.is_empty() {
            parts.push(TextPart::Fixed(std::mem::take(&mut fixed)));
        }
        parts.push(TextPart::Filled(placeholder(name.trim())?));
        rest = after;
    }
    fixed.push_str(rest);
    if !fixed.is_empty() || parts.is_empty() {
        parts.push(TextPart::Fixed(fixed));
    }
    Ok(parts)
}

fn placeholder(written: &str) -> Result<Placeholder, String> {
    if let Some(name) = written.strip_prefix(PARAMS).filter(|name| !name.is_empty()) {
        return Ok(Placeholder::Param(name.to_owned()));
    }
    match written {
        "request_id" => return Ok(Placeholder::RequestId),
        "account" => return Ok(Placeholder::Account),
        _ => (),
    }
    let (name, later) = match written.find(['+', '-']) {
        Some(sign) => (written[..sign].trim_end(), &written[sign..]),
        None => (written, ""),
    };
    let in_seconds = name == "now_seconds";
    if !in_seconds && name != "now" {
        return Err(unknown(written));
    }
    let later: String = later.split_whitespace().collect::<Vec<_>>().join(" ").replacen("+ ", "+", 1);
    let later = match later.replacen("- ", "-", 1).as_str() {
        "" => SignedDuration::ZERO,
        later => duration::parse(later)?,
    };
    Ok(Placeholder::Now { later, in_seconds })
}

fn unknown(written: &str) -> String {
    let meant = match written.split_once('.') {
        Some((_, name)) if !name.is_empty() => Some(format!("{PARAMS}{name}")),
        _ => nearest(written, KNOWN).or_else(|| misspelt(written, KNOWN)).map(str::to_owned),
    };
    let known = KNOWN.map(|name| format!("{{{{{name}}}}}")).join(", ");
    let hint = meant.map_or_else(
        || format!("; known are {known}"),
        |meant| format!("; did you mean {{{{{meant}}}}}? Known are {known}"),
    );
    format!("there is no placeholder {:?}{hint}", shortened(written))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        parts(text).map(|parts| format!("{parts:?}"))
    }

    #[test]
    fn texts_fall_into_parts() {
        for (text, read_as) in [
            ("plain", r#"[Fixed("plain")]"#),
            ("", r#"[Fixed("")]"#),
            ("{{params.Name}}", r#"[Filled(Param("Name"))]"#),
            ("a {{ params.Uuids.1 }} b", r#"[Fixed("a "), Filled(Param("Uuids.1")), Fixed(" b")]"#),
            (
                r"\{{now}} {{request_id}}{{account}}",
                r#"[Fixed("{{now}} "), Filled(RequestId), Filled(Account)]"#,
            ),
            ("{{now}}", "[Filled(Now { later: 0s, in_seconds: false })]"),
            ("{{now + 5m}}", "[Filled(Now { later: 5m, in_seconds: false })]"),
            ("{{now_seconds - 1h 30m}}", "[Filled(Now { later: 1h 30m ago, in_seconds: true })]"),
            ("{{now+2s}}", "[Filled(Now { later: 2s, in_seconds: false })]"),
            ("}} {", r#"[Fixed("}} {")]"#),
        ] {
            assert_eq!(read(text).as_deref(), Ok(read_as), "{text}");
        }
    }

    #[test]
    fn what_is_no_placeholder_is_refused() {
        let said =
            ["{{nw}}", "{{request.Name}}", "{{x", "{{now + soon}}", "{{}}", "{{params.}}", "{{colour}}"]
                .map(|text| read(text).unwrap_err());
        insta::assert_snapshot!(said.join("\n"), @r#"
        there is no placeholder "nw"; did you mean {{now}}? Known are {{params.NAME}}, {{now}}, {{now_seconds}}, {{request_id}}, {{account}}
        there is no placeholder "request.Name"; did you mean {{params.Name}}? Known are {{params.NAME}}, {{now}}, {{now_seconds}}, {{request_id}}, {{account}}
        "{{x" opens a placeholder with {{ and does not close it with }}; \{{ stands for {{ itself
        "+soon" is not a length of time; expected a length of time such as 2s, 1m 30s, 6h or 3650d
        there is no placeholder ""; known are {{params.NAME}}, {{now}}, {{now_seconds}}, {{request_id}}, {{account}}
        there is no placeholder "params."; did you mean {{params.NAME}}? Known are {{params.NAME}}, {{now}}, {{now_seconds}}, {{request_id}}, {{account}}
        there is no placeholder "colour"; known are {{params.NAME}}, {{now}}, {{now_seconds}}, {{request_id}}, {{account}}
        "#);
    }
}
