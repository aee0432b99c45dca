//! The timeline as SVG: one renderer for the control API, the console, `run --report` and the report page.

mod canvas;
mod lane;
mod rows;
mod shapes;
mod tasks;

use std::collections::HashSet;
use std::io;

use jiff::SignedDuration;
use quick_xml::Writer;

use self::canvas::{px, rect, text};
use self::lane::Drawn;
use super::axis::Axis;
use super::build::Timeline;
use super::calls::place;
use super::xml::{self, Xml, within};

/// The style sheet of every picture, embedded or beside it.
pub(crate) const CSS: &str = include_str!("timeline.css");

const WIDTH: f64 = 1000.0;
/// Where names of lanes stand.
const GUTTER: f64 = 152.0;
const PLOT: f64 = WIDTH - GUTTER - 16.0;

/// What a picture says beside the timeline.
#[derive(Debug)]
pub(super) struct Caption<'c> {
    pub(super) title: &'c str,
    pub(super) summary: &'c str,
    /// Numbers of the calls that prove what was not met.
    pub(super) proofs: &'c HashSet<u64>,
    /// Whether the style sheet is in the picture.
    pub(super) has_style: bool,
    /// Whether it is a file of its own.
    pub(super) is_alone: bool,
}

/// A picture being drawn.
struct Picture<'t> {
    timeline: &'t Timeline,
    axis: Axis,
    proofs: &'t HashSet<u64>,
}

pub(super) fn draw(timeline: &Timeline, caption: &Caption<'_>) -> Vec<u8> {
    let mut xml = Writer::new(Vec::new());
    // Writing to memory cannot fail.
    let _ = write(&mut xml, timeline, caption);
    let mut svg = xml.into_inner();
    if caption.is_alone {
        svg.push(b'\n');
    }
    svg
}

/// The same, into a document.
pub(super) fn write(xml: &mut Xml, timeline: &Timeline, caption: &Caption<'_>) -> io::Result<()> {
    let axis = Axis::new(&times(timeline), PLOT);
    let picture = Picture { timeline, axis, proofs: caption.proofs };
    let top = if caption.is_alone { 24.0 } else { 4.0 };
    let rows = rows::Rows::of(&picture, top);
    let mut y = rows.bottom;
    let placed = place(timeline, &picture.axis, picture.proofs);
    let mut lanes = Vec::new();
    for (lane, calls) in timeline.lanes.iter().zip(placed) {
        let drawn = Drawn::of(&picture, lane, calls, y);
        y = drawn.bottom();
        lanes.push(drawn);
    }
    let (lanes_end, clock) = (y, rows::clock_row(&picture));
    let height = lanes_end + if clock.is_some() { 18.0 } else { 2.0 } + 24.0;

    let size = format!("0 0 {WIDTH} {}", px(height));
    let (width, height) = (WIDTH.to_string(), px(height));
    let mut attributes = vec![
        ("class", "tl"),
        ("role", "img"),
        ("aria-labelledby", "tl-title tl-desc"),
        ("viewBox", size.as_str()),
        ("font-family", "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"),
        ("font-size", "10.5"),
    ];
    if caption.is_alone {
        attributes.extend([("width", width.as_str()), ("height", height.as_str())]);
    }
    // A page knows the name, another document must be told.
    attributes.push(("xmlns", "http://www.w3.org/2000/svg"));
    within(xml, "svg", &attributes, |xml| {
        let title_text = format!("Timeline of {}", caption.title);
        xml::text(xml, "title", &[("id", "tl-title")], &title_text, 200)?;
        xml::text(xml, "desc", &[("id", "tl-desc")], &describe(timeline, caption.summary), 1000)?;
        if caption.has_style {
            xml::style(xml, CSS)?;
        }
        shapes::define(xml)?;
        if caption.is_alone {
            rect(xml, "tl-paper", (0.0, 0.0), (WIDTH, y + 44.0), "")?;
            text(xml, (8.0, 16.0), &[("class", "tl-head"), ("font-weight", "600")], caption.title)?;
            let after = 8.0 + canvas::width_of(caption.title) * 1.12 + 14.0;
            text(xml, (after, 16.0), &[("class", "tl-soft")], caption.summary)?;
        }
        lanes.iter().try_for_each(|lane| lane.background(xml))?;
        rows.draw(xml, &picture, lanes_end)?;
        lanes.iter().try_for_each(|lane| lane.draw(xml, &picture))?;
        let mut y = lanes_end;
        if let Some(clock) = &clock {
            clock.draw(xml, y)?;
            y += 16.0;
        }
        rows::legend(xml, &picture, y + 18.0)
    })
}

/// When something happened, in order.
fn times(timeline: &Timeline) -> Vec<SignedDuration> {
    let calls = timeline.calls().flat_map(|call| [Some(call.arrived), call.finished()]).flatten();
    let stages = timeline.lanes.iter().flat_map(|lane| &lane.tasks).flat_map(|task| &task.stages);
    let commands = timeline.commands.iter().map(|command| command.at);
    let all = calls.chain(stages.filter_map(|stage| stage.at)).chain(commands);
    let mut times: Vec<SignedDuration> = all
        .filter(|at| (timeline.from..=timeline.to).contains(at))
        .chain([timeline.from, timeline.to])
        .collect();
    times.sort_unstable();
    times.dedup();
    times
}

/// For those who do not see the picture.
fn describe(timeline: &Timeline, summary: &str) -> String {
    let lanes =
        timeline.lanes.iter().take(10).map(|lane| format!("{}: {}", lane.shown_name(), lane.counts()));
    let mut text = format!("{summary}. ");
    text.push_str(&lanes.collect::<Vec<_>>().join("; "));
    text
}

impl Picture<'_> {
    /// The place of a real time in the picture.
    fn x(&self, at: SignedDuration) -> f64 {
        GUTTER + self.axis.x(at)
    }
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;
    use crate::domain::Status;
    use crate::timeline::testing::{CallEnd, Made};

    fn picture(timeline: &Timeline, proofs: &[u64]) -> String {
        let proofs = proofs.iter().copied().collect();
        let caption = Caption { title: "t", summary: "s", proofs: &proofs, has_style: false, is_alone: true };
        String::from_utf8(draw(timeline, &caption)).unwrap()
    }

    /// Checks that it is well-formed, and counts the elements of a name.
    fn count(svg: &str, name: &str) -> usize {
        let (mut reader, mut count, mut open) = (Reader::from_str(svg), 0, 0);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => {
                    start.attributes().for_each(|attribute| assert!(attribute.is_ok(), "{attribute:?}"));
                    open += 1;
                    count += usize::from(start.name().as_ref() == name);
                }
                Event::Empty(start) => count += usize::from(start.name().as_ref() == name),
                Event::End(_) => open -= 1,
                Event::Eof => break,
                _ => (),
            }
        }
        assert_eq!(open, 0);
        count
    }

    #[test]
    fn a_small_run() {
        let timeline = Made::new()
            .call("test", 0, 0, CallEnd::Task(7, "INIT"))
            .faulty("test", 100, 0, CallEnd::Reset, &["drop"])
            .command(200, 60, "clock advance 1m")
            .call("test", 300, 60, CallEnd::Task(7, "SUCCESS"))
            .task("test", 60, 7, &[(0, Status::Init), (5, Status::Start), (30, Status::Success)])
            .timeline();
        let svg = picture(&timeline, &[3]).replace("><", ">\n<");
        count(&svg, "g");
        let lines = svg.lines().skip_while(|line| !line.contains("tl-reach"));
        let lines: Vec<&str> = lines.take_while(|line| !line.contains("task clock")).collect();
        insta::assert_snapshot!(lines.join("\n"), @r##"
        <path class="tl-reach" stroke-dasharray="2 3" fill="none" d="M704.8,53V124"/>
        <use href="#tl-command" x="704.8" y="48">
        <title>+200 ms  clock advance 1m: done</title>
        </use>
        <text x="711.8" y="51.5" class="tl-note" font-size="9.5" stroke="none" text-anchor="start">clock advance 1m</text>
        </g>
        <text x="8" y="88" font-weight="600">test</text>
        <text x="8" y="100" class="tl-soft" font-size="9">3 calls, 1 broken</text>
        <rect class="tl-init" x="152" y="106" width="552.8" height="11" fill="none" stroke="#4a7ab5">
        <title>task 7 IMAGE_SCAN (console), INIT +0 s (2026-01-02T03:04:05Z), START +200 ms (2026-01-02T03:04:10Z), SUCCESS +200 ms (2026-01-02T03:04:35Z)</title>
        </rect>
        <g class="tl-success" fill="#00795b" stroke="#00795b">
        <use href="#tl-success" x="709.8" y="111.5">
        <title>task 7 IMAGE_SCAN (console), INIT +0 s (2026-01-02T03:04:05Z), START +200 ms (2026-01-02T03:04:10Z), SUCCESS +200 ms (2026-01-02T03:04:35Z)</title>
        </use>
        </g>
        <text x="157" y="115" class="tl-task" font-size="9.5">IMAGE_SCAN</text>
        <g class="tl-ok" fill="#00795b" stroke="#00795b">
        <use href="#tl-ok" x="152" y="90">
        <title>+0 s  #1 GetLastOnceTaskInfo TaskType=IMAGE_SCAN =&gt; 200 INIT, took 1.00 ms</title>
        </use>
        <g id="tl-call-3" class="tl-proof">
        <use href="#tl-proof" x="981.2" y="90"/>
        <use href="#tl-ok" x="981.2" y="90">
        <title>+300 ms  #3 GetLastOnceTaskInfo TaskType=IMAGE_SCAN =&gt; 200 SUCCESS, took 1.00 ms</title>
        </use>
        </g>
        </g>
        <g class="tl-broken" fill="#7b3fa0" stroke="#7b3fa0">
        <use href="#tl-broken" x="428.4" y="90">
        <title>+100 ms  #2 GetLastOnceTaskInfo TaskType=IMAGE_SCAN =&gt; connection broken (reset) fault=drop, took 1.00 ms</title>
        </use>
        </g>
        <g class="tl-fault" fill="#b0003a" stroke="#b0003a">
        <use href="#tl-fault" x="428.4" y="68">
        <title>fault drop</title>
        </use>
        <text x="435.4" y="71" class="tl-note" font-size="9" stroke="none">drop</text>
        </g>
        "##);
    }

    #[test]
    fn text_from_outside_stays_text() {
        let evil = "<script>\u{0}\u{1b}]]>&\"'\u{202e}\u{fffe}";
        let timeline =
            Made::new().faulty(evil, 0, 0, CallEnd::Error(500), &[evil]).command(5, 0, evil).timeline();
        let caption =
            Caption { title: evil, summary: evil, proofs: &HashSet::new(), has_style: true, is_alone: true };
        let svg = String::from_utf8(draw(&timeline, &caption)).unwrap();
        assert_eq!(count(&svg, "script"), 0);
        assert!(!svg.contains(['\u{0}', '\u{1b}', '\u{202e}', '\u{fffe}']));
    }

    #[test]
    fn no_inline_style_without_its_style_sheet() {
        let timeline = Made::new().call("test", 0, 0, CallEnd::None).timeline();
        let svg = picture(&timeline, &[]);
        assert!(!svg.contains("style"), "{svg}");
    }

    #[test]
    fn ten_thousand_calls_make_a_picture_of_bounded_size() {
        let made = (0..10_000).fold(Made::new(), |made, place| {
            let end = if place % 7 == 0 { CallEnd::Error(503) } else { CallEnd::Task(1, "START") };
            made.call(&format!("a{}", place % 60), place, 0, end)
        });
        let timeline = made.timeline();
        let svg = picture(&timeline, &[5000]);
        let marks = count(&svg, "use");
        assert!(marks <= 2_050, "{marks}");
        assert!(svg.len() < 600_000, "{}", svg.len());
        assert!(svg.contains("tl-call-5000"), "what proves something has a mark of its own");
    }

    #[test]
    fn the_same_run_makes_the_same_picture() {
        let run = || Made::new().call("test", 0, 0, CallEnd::Error(404)).command(9, 0, "reset").timeline();
        assert_eq!(picture(&run(), &[1]), picture(&run(), &[1]));
    }
}
