//! The report as a page of its own: the picture, the verdict with the calls that prove it, and the calls as a table.

use std::collections::HashSet;
use std::io;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Writer;
use quick_xml::events::{BytesText, Event};
use sha2::{Digest, Sha256};

use super::axis::length;
use super::report::RunReport;
use super::svg::{self, Caption};
use super::xml::{self, Xml, empty, within};
use crate::journal::CallRecord;
use crate::text::counted::counted;

/// Most calls of the table: the last ones, and those that prove something.
const MOST_CALLS: usize = 500;
/// Most commands, and most tasks, that are listed.
const MOST_ROWS: usize = 200;
/// Most bytes of a text.
const TEXT: usize = 400;

/// The one style sheet of the page.
const CSS: &str = concat!(include_str!("report.css"), include_str!("timeline.css"));

/// What the page may do: show itself, with the styles that are in it.
pub(crate) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(CSS));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
});

impl RunReport<'_> {
    /// The page: one file with everything in it.
    pub(crate) fn html(&self) -> Vec<u8> {
        let mut xml = Writer::new(Vec::new());
        // Writing to memory cannot fail.
        let _ = write(&mut xml, self);
        let mut page = xml.into_inner();
        page.push(b'\n');
        page
    }
}

fn write(xml: &mut Xml, report: &RunReport<'_>) -> io::Result<()> {
    let title = format!("{}: {}", report.scenario, report.judged());
    xml.write_event(Event::DocType(BytesText::new("html")))?;
    within(xml, "html", &[("lang", "en")], |xml| {
        within(xml, "head", &[], |xml| {
            empty(xml, "meta", &[("charset", "utf-8")])?;
            empty(xml, "meta", &[("http-equiv", "Content-Security-Policy"), ("content", &POLICY)])?;
            empty(xml, "meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")])?;
            empty(xml, "meta", &[("name", "color-scheme"), ("content", "light dark")])?;
            text(xml, "title", &[], &title)?;
            xml::style(xml, CSS)
        })?;
        within(xml, "body", &[], |xml| within(xml, "main", &[], |xml| content(xml, report)))
    })
}

fn content(xml: &mut Xml, report: &RunReport<'_>) -> io::Result<()> {
    let (summary, proofs) = (report.summary(), report.proofs());
    text(xml, "h1", &[], report.scenario)?;
    let class = if report.has_passed() { "verdict passed" } else { "verdict failed" };
    let word = if report.has_passed() { "PASSED" } else { "FAILED" };
    within(xml, "p", &[("class", class)], |xml| {
        text(xml, "strong", &[], word)?;
        text(xml, "span", &[], &format!(" {}", report.judged()))
    })?;
    facts(xml, report)?;
    within(xml, "figure", &[], |xml| {
        let caption = Caption {
            title: report.scenario,
            summary: &summary,
            proofs: &proofs,
            has_style: false,
            is_alone: false,
        };
        svg::write(xml, report.timeline, &caption)
    })?;
    expectations(xml, report)?;
    commands(xml, report)?;
    tasks(xml, report)?;
    calls(xml, report, &proofs)
}

/// What the run was.
fn facts(xml: &mut Xml, report: &RunReport<'_>) -> io::Result<()> {
    let timeline = report.timeline;
    let mut facts = vec![
        ("Began", format!("{:.3}", timeline.began)),
        ("Took", timeline.length()),
        ("Calls", timeline.calls().count().to_string()),
        ("Seed", report.seed.to_string()),
        ("sas-emulator", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    if let Some(ended) = report.ended {
        facts.push(("The command", ended.to_owned()));
    }
    for (host, calls) in &report.verdict.escaped {
        facts.push(("Escaped", format!("{calls} to {host}, refused and not forwarded")));
    }
    let missed = report.verdict.missed.max(timeline.missed);
    if missed > 0 {
        facts.push(("Not judged", format!("{} had left the journal", counted(missed, "earlier call"))));
    }
    within(xml, "dl", &[], |xml| {
        facts.iter().try_for_each(|(name, value)| {
            within(xml, "div", &[], |xml| {
                text(xml, "dt", &[], name)?;
                text(xml, "dd", &[], value)
            })
        })
    })
}

fn expectations(xml: &mut Xml, report: &RunReport<'_>) -> io::Result<()> {
    if report.verdict.outcomes.is_empty() {
        return Ok(());
    }
    text(xml, "h2", &[], "What was expected")?;
    within(xml, "ul", &[("class", "expect")], |xml| {
        report.verdict.outcomes.iter().try_for_each(|outcome| {
            let (class, word) = if outcome.failure.is_some() { ("failed", "FAIL") } else { ("passed", "ok") };
            within(xml, "li", &[("class", class)], |xml| {
                text(xml, "strong", &[], word)?;
                text(xml, "span", &[], &format!(" {}", outcome.wanted))?;
                let Some(failure) = &outcome.failure else { return Ok(()) };
                text(xml, "p", &[], &outcome.beneath(failure))?;
                within(xml, "ol", &[("class", "proof")], |xml| {
                    failure
                        .calls
                        .iter()
                        .try_for_each(|call| within(xml, "li", &[], |xml| proof(xml, report, call)))
                })
            })
        })
    })
}

/// A call that proves something, with links to its mark and to its row.
fn proof(xml: &mut Xml, report: &RunReport<'_>, call: &CallRecord) -> io::Result<()> {
    let number = call.sequence;
    text(xml, "a", &[("href", &format!("#tl-call-{number}"))], &format!("#{number}"))?;
    text(xml, "span", &[("class", "time")], &format!(" {} ", report.timeline.since(call.arrived)))?;
    text(xml, "a", &[("href", &format!("#call-{number}"))], &call.request_line())?;
    text(xml, "span", &[], &format!(" => {}", call.response_line()))
}

fn commands(xml: &mut Xml, report: &RunReport<'_>) -> io::Result<()> {
    let all = &report.timeline.commands;
    let rows = all.iter().skip(all.len().saturating_sub(MOST_ROWS)).map(|command| {
        let account = command.account.clone().unwrap_or_else(|| "all".to_owned());
        [
            report.timeline.since(command.at),
            format!("{:.0}", command.task_time),
            account,
            command.command.clone(),
            command.outcome.clone(),
        ]
    });
    table(xml, "Commands", ["real time", "task clock", "account", "command", "outcome"], all.len(), rows)
}

fn tasks(xml: &mut Xml, report: &RunReport<'_>) -> io::Result<()> {
    let lanes = &report.timeline.lanes;
    let all = || lanes.iter().flat_map(|lane| lane.tasks.iter().map(move |task| (lane, task)));
    let left_out: usize = lanes.iter().map(|lane| lane.tasks_left_out).sum();
    let count = all().count();
    let rows = all().skip(count.saturating_sub(MOST_ROWS)).map(|(lane, task)| {
        let began = task.stages.first().and_then(|stage| stage.time);
        let began = began.map(|time| format!("{time:.0}")).unwrap_or_default();
        let now = format!("{} {} %", task.status().as_str(), task.life.progress);
        [lane.account.clone(), task.life.number.to_string(), task.life.task_type.clone(), began, now]
    });
    table(xml, "Tasks", ["account", "task", "type", "started (task clock)", "state"], count + left_out, rows)
}

/// A table with a heading that says how many rows there are, and how many are not shown; nothing without rows.
fn table<const N: usize>(
    xml: &mut Xml,
    heading: &str,
    columns: [&str; N],
    total: usize,
    rows: impl Iterator<Item = [String; N]>,
) -> io::Result<()> {
    let rows: Vec<[String; N]> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    heading_of(xml, heading, total, rows.len())?;
    within(xml, "table", &[], |xml| {
        head(xml, &columns)?;
        within(xml, "tbody", &[], |xml| {
            rows.iter().try_for_each(|row| {
                within(xml, "tr", &[], |xml| row.iter().try_for_each(|cell| text(xml, "td", &[], cell)))
            })
        })
    })
}

fn calls(xml: &mut Xml, report: &RunReport<'_>, proofs: &HashSet<u64>) -> io::Result<()> {
    let mut all: Vec<&CallRecord> = report.timeline.calls().map(AsRef::as_ref).collect();
    all.sort_by_key(|call| call.sequence);
    let last = all.len().saturating_sub(MOST_CALLS);
    let listed =
        all.iter().enumerate().filter(|(place, call)| *place >= last || proofs.contains(&call.sequence));
    let listed: Vec<&CallRecord> = listed.map(|(_, call)| *call).collect();
    if listed.is_empty() {
        return Ok(());
    }
    heading_of(xml, "Calls", all.len(), listed.len())?;
    within(xml, "table", &[("class", "calls")], |xml| {
        head(xml, &["#", "real time", "task clock", "account", "call", "answer", "took"])?;
        within(xml, "tbody", &[], |xml| {
            listed.into_iter().try_for_each(|call| {
                let class = if proofs.contains(&call.sequence) { "proof" } else { "" };
                let id = format!("call-{}", call.sequence);
                within(xml, "tr", &[("id", &id), ("class", class)], |xml| row(xml, report, call))
            })
        })
    })
}

fn row(xml: &mut Xml, report: &RunReport<'_>, call: &CallRecord) -> io::Result<()> {
    let took = call.elapsed().map(|took| length(took.as_secs_f64()));
    let cells = [
        call.sequence.to_string(),
        report.timeline.since(call.arrived),
        format!("{:.0}", call.task_time),
        call.account().to_owned(),
        call.request_line(),
        call.response_line(),
        took.unwrap_or_default(),
    ];
    cells.iter().try_for_each(|cell| text(xml, "td", &[], cell))
}

fn heading_of(xml: &mut Xml, heading: &str, total: usize, shown: usize) -> io::Result<()> {
    let left_out = match total.saturating_sub(shown) {
        0 => String::new(),
        left_out => format!(", {left_out} of {total} left out"),
    };
    text(xml, "h2", &[], &format!("{heading}{left_out}"))
}

fn head(xml: &mut Xml, columns: &[&str]) -> io::Result<()> {
    within(xml, "thead", &[], |xml| {
        within(xml, "tr", &[], |xml| {
            columns.iter().try_for_each(|name| text(xml, "th", &[("scope", "col")], name))
        })
    })
}

fn text(xml: &mut Xml, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
    xml::text(xml, name, attributes, text, TEXT)
}
