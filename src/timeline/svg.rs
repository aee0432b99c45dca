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
use quick_xml::events::BytesText;

pub(super) use self::canvas::shown;
use self::canvas::{Xml, px, rect, text};
use self::lane::Drawn;
use super::axis::Axis;
use super::build::Timeline;
use super::calls::place;

/// The style sheet of every picture, embedded or beside it.
pub(crate) const CSS: &str = include_str!("timeline.css");

const WIDTH: f64 = 1000.0;
/// Where names of lanes stand.
const GUTTER: f64 = 132.0;
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
    xml.create_element("svg").with_attributes(attributes).write_inner_content(|xml| {
        let title_text = format!("Timeline of {}", caption.title);
        xml.create_element("title")
            .with_attribute(("id", "tl-title"))
            .write_text_content(BytesText::new(&shown(&title_text, 200)))?;
        xml.create_element("desc")
            .with_attribute(("id", "tl-desc"))
            .write_text_content(BytesText::new(&shown(&describe(timeline, caption.summary), 1000)))?;
        if caption.has_style {
            xml.create_element("style").write_text_content(BytesText::from_escaped(CSS))?;
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
    })?;
    Ok(())
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

    /// A real time, counted from the left end.
    fn since(&self, at: SignedDuration) -> f64 {
        at.saturating_sub(self.timeline.from).as_secs_f64()
    }
}
