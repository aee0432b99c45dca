//! Verdicts as text for people, as JSON for programs, and as JUnit XML for build servers.

use std::fmt::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::{Value, json};

use super::outcome::{Failure, Outcome, Verdict};
use crate::text::counted::counted;

#[derive(Debug, Clone, Copy)]
pub struct Run<'r> {
    pub scenario: &'r str,
    /// How the command ended, if it did not end well.
    pub ended: Option<&'r str>,
    /// Whether escaped calls are a failure.
    pub guards_leaks: bool,
    pub seconds: f64,
}

/// `all 3 expectations were met`
pub(crate) fn how_many_met(all: usize, failed: usize) -> String {
    match (all, failed) {
        (0, _) => "nothing was expected".to_owned(),
        (1, 0) => "the expectation was met".to_owned(),
        (_, 0) => format!("all {all} expectations were met"),
        _ => format!("{failed} of {all} expectations were not met"),
    }
}

impl Verdict {
    /// For people: one line for each expectation, and beneath it the calls that prove that it was not met.
    pub fn text(&self) -> String {
        let failed = self.outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
        let mut text = String::new();
        for outcome @ Outcome { wanted, failure, .. } in &self.outcomes {
            match failure {
                None => text.extend(["ok    ", wanted, "\n"]),
                Some(failure) => text.extend(["FAIL  ", wanted, "\n", &outcome.explain(failure)]),
            }
        }
        let all = self.outcomes.len();
        let verdict = how_many_met(all, failed);
        // Writing to a text never fails.
        let _ = writeln!(text, "{verdict} ({})", counted(self.judged, "call"));
        for (host, calls) in &self.escaped {
            let calls = counted(*calls, "call");
            let _ = writeln!(text, "ESCAPED  {calls} to {host}, refused and not forwarded");
        }
        if self.missed > 0 {
            let _ = writeln!(
                text,
                "{} earlier calls had left the journal and were not judged; --journal-entries keeps more",
                self.missed
            );
        }
        text
    }

    /// For programs, as `GET verdict` answers.
    pub fn to_json(&self) -> Value {
        let outcomes: Vec<Value> = self.outcomes.iter().map(|outcome| outcome.to_json(false)).collect();
        let mut shown = json!({
            "passed": self.has_passed(),
            "judged": self.judged,
            "missed": self.missed,
            "expect": outcomes,
        });
        if !self.escaped.is_empty() {
            let host = |(host, calls)| json!({ "host": host, "calls": calls });
            shown["escaped"] = self.escaped.iter().map(host).collect();
        }
        shown
    }

    /// For build servers: a test case for the command, and one for each expectation.
    pub fn junit(&self, run: &Run<'_>) -> std::io::Result<Vec<u8>> {
        let time = format!("{:.3}", run.seconds);
        let alone = |message: String| (message, String::new());
        let ended = run.ended.map(|ended| alone(ended.to_owned()));
        let mut cases = vec![("the command ends well", time.as_str(), ended)];
        cases.extend(self.outcomes.iter().map(|outcome| {
            let failure = outcome.failure.as_ref();
            let failure = failure.map(|failure| (outcome.beneath(failure), outcome.explain(failure)));
            (outcome.wanted.as_str(), "0", failure)
        }));
        if run.guards_leaks {
            let hosts = self.escaped.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let failure = (!hosts.is_empty()).then(|| alone(format!("calls to {hosts} were refused")));
            cases.push(("no call escapes", "0", failure));
        }
        if self.missed > 0 {
            let failure = alone(format!("{} calls were not judged", self.missed));
            cases.push(("every call is judged", "0", Some(failure)));
        }
        let failures = cases.iter().filter(|(.., failure)| failure.is_some()).count();
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let suite = [
            ("name", run.scenario),
            ("tests", &cases.len().to_string()),
            ("failures", &failures.to_string()),
            ("errors", "0"),
            ("skipped", "0"),
            ("time", &time),
        ];
        writer.create_element("testsuite").with_attributes(suite).write_inner_content(|writer| {
            cases.into_iter().try_for_each(|each| case(writer, run.scenario, each))
        })?;
        let mut xml = writer.into_inner();
        xml.push(b'\n');
        Ok(xml)
    }
}

impl Outcome {
    /// For programs: with the nearest calls and how each differs, as `POST verify` answers; or with those that prove it.
    pub(super) fn to_json(&self, with_nearest: bool) -> Value {
        let mut shown = json!({ "passed": self.failure.is_none(), "wanted": self.wanted });
        if with_nearest {
            shown["seen"] = json!(self.seen);
        }
        let Some(failure) = &self.failure else { return shown };
        if !with_nearest {
            shown["message"] = json!(self.beneath(failure));
            shown["calls"] = failure.calls.iter().map(|call| call.to_json()).collect();
            return shown;
        }
        shown["message"] = json!(self.alone(failure));
        if !failure.nearest.is_empty() {
            let near = failure.nearest.iter();
            shown["nearest"] =
                near.map(|(call, differs)| json!({ "differs": differs, "call": call.to_json() })).collect();
        }
        shown
    }

    /// What went wrong, for where nothing says what was wanted. An order names its steps.
    fn alone(&self, failure: &Failure) -> String {
        let Failure { message, .. } = failure;
        if self.is_order { message.clone() } else { format!("wanted {}; {message}", self.wanted) }
    }

    /// What went wrong, for beneath what was wanted and above the calls that prove it.
    pub(crate) fn beneath(&self, Failure { message, nearest, .. }: &Failure) -> String {
        let are_others = !self.is_order && nearest.iter().any(|(_, differs)| !differs.is_empty());
        if are_others { format!("{message}; the nearest others") } else { message.clone() }
    }

    /// Beneath what was wanted: what went wrong, and the calls that prove it with the time since the first of them.
    fn explain(&self, failure: &Failure) -> String {
        let mut text = format!("      {}\n", self.beneath(failure));
        let start = failure.calls.iter().map(|call| call.arrived).min().unwrap_or_default();
        for call in &failure.calls {
            let since = call.arrived.saturating_sub(start).as_secs_f64();
            // Writing to a text never fails.
            let _ = writeln!(text, "        +{since:.3}s  {call}");
        }
        text
    }
}

impl fmt::Display for Verdict {
    /// What was not met, and the calls that came near, a line each; nothing if all was met.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for outcome in &self.outcomes {
            let Some(failure) = &outcome.failure else { continue };
            writeln!(f, "{}", outcome.alone(failure))?;
            for (call, differs) in failure.nearest.iter().filter(|(_, differs)| !differs.is_empty()) {
                writeln!(f, "  call {} comes near: {}", call.sequence, differs.join(", "))?;
            }
        }
        Ok(())
    }
}

/// A name, a time, and the message and text of a failure.
type Case<'c> = (&'c str, &'c str, Option<(String, String)>);

fn case(writer: &mut Writer<Vec<u8>>, suite: &str, (name, time, failure): Case<'_>) -> std::io::Result<()> {
    let attributes = [("classname", suite), ("name", name), ("time", time)];
    let element = writer.create_element("testcase").with_attributes(attributes);
    match failure {
        None => element.write_empty()?,
        Some((message, text)) => element.write_inner_content(|writer| {
            let failure =
                writer.create_element("failure").with_attribute(("message", printable(&message).as_str()));
            failure.write_text_content(BytesText::new(&printable(&text)))?;
            Ok(())
        })?,
    };
    Ok(())
}

/// XML cannot hold control characters.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
