//! The verdict for people, for programs, and for build servers (JUnit XML).

use std::fmt::Write;

use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::{Value, json};

use super::{Failure, Outcome, Verdict};

/// What was run.
#[derive(Debug, Clone, Copy)]
pub struct Run<'r> {
    /// The scenario.
    pub scenario: &'r str,
    /// How the command ended, if it did not end well.
    pub ended: Option<&'r str>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Verdict {
    /// For people: one line for each expectation, and beneath it the calls that prove that it was not met.
    pub fn text(&self) -> String {
        let failed = self.outcomes.iter().filter(|outcome| outcome.failure.is_some()).count();
        let mut text = String::new();
        for Outcome { wanted, failure } in &self.outcomes {
            match failure {
                None => text.extend(["ok    ", wanted, "\n"]),
                Some(failure) => text.extend(["FAIL  ", wanted, "\n", &explain(failure)]),
            }
        }
        let all = self.outcomes.len();
        let verdict = match (all, failed) {
            (0, _) => "nothing was expected".to_owned(),
            (1, 0) => "the expectation was met".to_owned(),
            (_, 0) => format!("all {all} expectations were met"),
            _ => format!("{failed} of {all} expectations were not met"),
        };
        let calls = if self.judged == 1 { "call" } else { "calls" };
        // Writing to a text never fails.
        let _ = writeln!(text, "{verdict} ({} {calls})", self.judged);
        if self.missed > 0 {
            let _ = writeln!(
                text,
                "{} earlier calls had left the journal and were not judged; --journal-entries keeps more",
                self.missed
            );
        }
        text
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let outcomes = self.outcomes.iter().map(|Outcome { wanted, failure }| match failure {
            None => json!({ "wanted": wanted, "passed": true }),
            Some(Failure { message, calls }) => json!({
                "wanted": wanted,
                "passed": false,
                "message": message,
                "calls": calls.iter().map(|call| call.to_json()).collect::<Vec<_>>(),
            }),
        });
        let outcomes: Vec<Value> = outcomes.collect();
        json!({ "passed": self.has_passed(), "judged": self.judged, "missed": self.missed, "expect": outcomes })
    }

    /// For build servers: a test case for the command, and one for each expectation.
    pub fn junit(&self, run: &Run<'_>) -> std::io::Result<Vec<u8>> {
        let failed = |outcome: &&Outcome| outcome.failure.is_some();
        let unjudged = self.missed > 0;
        let failures = self.outcomes.iter().filter(failed).count()
            + usize::from(run.ended.is_some())
            + usize::from(unjudged);
        let tests = (self.outcomes.len() + 1 + usize::from(unjudged)).to_string();
        let failures = failures.to_string();
        let time = format!("{:.3}", run.seconds);
        let mut writer = quick_xml::Writer::new_with_indent(Vec::new(), b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let suite = [
            ("name", run.scenario),
            ("tests", &tests),
            ("failures", &failures),
            ("errors", "0"),
            ("skipped", "0"),
            ("time", &time),
        ];
        writer.create_element("testsuite").with_attributes(suite).write_inner_content(|writer| {
            let ended = run.ended.map(|ended| (ended.to_owned(), String::new()));
            case(writer, run.scenario, "the command ends well", &time, ended)?;
            for Outcome { wanted, failure } in &self.outcomes {
                let failure = failure.as_ref().map(|failure| (failure.message.clone(), explain(failure)));
                case(writer, run.scenario, wanted, "0", failure)?;
            }
            if unjudged {
                let failure = (format!("{} calls were not judged", self.missed), String::new());
                case(writer, run.scenario, "every call is judged", "0", Some(failure))?;
            }
            Ok(())
        })?;
        let mut xml = writer.into_inner();
        xml.push(b'\n');
        Ok(xml)
    }
}

fn case(
    writer: &mut quick_xml::Writer<Vec<u8>>,
    suite: &str,
    name: &str,
    time: &str,
    failure: Option<(String, String)>,
) -> std::io::Result<()> {
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

/// XML has no way to say what is a control sign.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// What went wrong, and the calls that prove it, with the time since the first of them.
fn explain(Failure { message, calls }: &Failure) -> String {
    let mut text = format!("      {message}\n");
    let start = calls.iter().map(|call| call.arrived).min().unwrap_or_default();
    for call in calls {
        let since = call.arrived.saturating_sub(start).as_secs_f64();
        // Writing to a text never fails.
        let _ = writeln!(text, "        +{since:.3}s  {call}");
    }
    text
}
