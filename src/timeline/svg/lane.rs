//! A lane: its name, its calls as marks above one another, its faults, and its tasks below.

use std::io;

use super::canvas::{cut, group, line, rect, rows, shape, text, width_of};
use super::tasks::TaskRows;
use super::{GUTTER, PLOT, Picture, WIDTH, shapes};
use crate::journal::CallRecord;
use crate::text::counted::counted;
use crate::timeline::axis::length;
use crate::timeline::build::Lane;
use crate::timeline::calls::{Answered, LEVELS, Placed};
use crate::timeline::xml::Xml;

const LEVEL: f64 = 9.0;
const FAULTS: f64 = 15.0;

pub(super) struct Drawn<'t> {
    lane: &'t Lane,
    calls: Vec<Placed<'t>>,
    faults: Vec<FaultMark>,
    tasks: TaskRows<'t>,
    y: f64,
}

/// What fired in calls that lie together.
struct FaultMark {
    x: f64,
    count: usize,
    label: String,
}

impl Lane {
    pub(super) fn shown_name(&self) -> &str {
        if self.account.is_empty() { "(no key)" } else { &self.account }
    }

    /// `12 calls, 2 refused`
    pub(super) fn counts(&self) -> String {
        let mut counts = [0_usize; 5];
        for call in &self.calls {
            counts[Answered::of(call) as usize] += 1;
        }
        let mut text = counted(self.calls.len(), "call");
        for (answered, count) in Answered::ALL.into_iter().zip(counts).skip(1).filter(|(_, count)| *count > 0)
        {
            let word = if answered == Answered::InFlight { "in flight" } else { answered.name() };
            text.extend([", ", &count.to_string(), " ", word]);
        }
        text
    }
}

impl<'t> Drawn<'t> {
    pub(super) fn of(picture: &Picture<'_>, lane: &'t Lane, calls: Vec<Placed<'t>>, y: f64) -> Self {
        let faults = faults(&calls);
        let mut drawn = Self { lane, calls, faults, tasks: TaskRows::default(), y };
        drawn.tasks = TaskRows::of(picture, lane, drawn.tasks_top());
        drawn
    }

    fn levels(&self) -> usize {
        self.calls.iter().map(|call| call.level + 1).max().unwrap_or(1).clamp(1, LEVELS)
    }

    fn calls_top(&self) -> f64 {
        self.y + 5.0 + if self.faults.is_empty() { 0.0 } else { FAULTS }
    }

    fn calls_height(&self) -> f64 {
        rows(self.levels(), LEVEL)
    }

    /// Two lines of text stand beside the calls.
    fn calls_room(&self) -> f64 {
        self.calls_height().max(24.0)
    }

    /// The middle of the lowest level.
    fn calls_base(&self) -> f64 {
        self.calls_top() + f64::midpoint(self.calls_room(), self.calls_height()) - LEVEL / 2.0
    }

    fn tasks_top(&self) -> f64 {
        self.calls_top() + self.calls_room() + 4.0
    }

    pub(super) fn bottom(&self) -> f64 {
        self.tasks_top() + self.tasks.height() + 3.0
    }

    pub(super) fn background(&self, xml: &mut Xml) -> io::Result<()> {
        rect(xml, "tl-lane", (0.0, self.y), (WIDTH, self.bottom() - self.y - 2.0), "")
    }

    pub(super) fn draw(&self, xml: &mut Xml, picture: &Picture<'_>) -> io::Result<()> {
        let name_y = self.calls_top() + 10.0;
        text(xml, (8.0, name_y), &[("font-weight", "600")], &cut(self.lane.shown_name(), 22))?;
        text(
            xml,
            (8.0, name_y + 12.0),
            &[("class", "tl-soft"), ("font-size", "9")],
            &cut(&self.lane.counts(), 30),
        )?;
        self.tasks.draw(xml, picture)?;
        for answered in Answered::ALL {
            let of_it: Vec<&Placed<'_>> =
                self.calls.iter().filter(|placed| placed.answered == answered).collect();
            if !of_it.is_empty() {
                shapes::marks(xml, answered.name(), |xml| {
                    of_it.into_iter().try_for_each(|placed| self.mark(xml, picture, placed))
                })?;
            }
        }
        if self.faults.is_empty() {
            return Ok(());
        }
        shapes::marks(xml, "fault", |xml| self.fault_marks(xml))
    }

    fn level_y(&self, level: usize) -> f64 {
        self.calls_base() - rows(level, LEVEL)
    }

    fn mark(&self, xml: &mut Xml, picture: &Picture<'_>, placed: &Placed<'_>) -> io::Result<()> {
        let (x, y) = (GUTTER + placed.x, self.level_y(placed.level));
        let name = placed.answered.name();
        let [call] = *placed.calls.as_slice() else { return crowd(xml, picture, placed, (x, y)) };
        let end = if placed.answered == Answered::InFlight { GUTTER + PLOT } else { GUTTER + placed.end };
        if end - x > 4.0 {
            line(xml, (x, y), (end, y))?;
        }
        let tooltip = tooltip(picture, call);
        if !picture.proofs.contains(&call.sequence) {
            return shape(xml, name, (x, y), &[], &tooltip);
        }
        let id = format!("tl-call-{}", call.sequence);
        group(xml, &[("id", &id), ("class", "tl-proof")], |xml| {
            shape(xml, "proof", (x, y), &[], "")?;
            shape(xml, name, (x, y), &[], &tooltip)
        })
    }

    fn fault_marks(&self, xml: &mut Xml) -> io::Result<()> {
        let y = self.y + 10.0;
        let mut free = f64::MIN;
        for (place, mark) in self.faults.iter().enumerate() {
            let x = GUTTER + mark.x;
            let more = if mark.count > 1 { format!(" ×{}", mark.count) } else { String::new() };
            let said = format!("{}{more}", mark.label);
            shape(xml, "fault", (x, y), &[], &format!("fault {said}"))?;
            let next = self.faults.get(place + 1).map_or(WIDTH, |next| GUTTER + next.x - 6.0);
            if x >= free && x + 7.0 + width_of(&said) * 0.9 <= next {
                text(
                    xml,
                    (x + 7.0, y + 3.0),
                    &[("class", "tl-note"), ("font-size", "9"), ("stroke", "none")],
                    &said,
                )?;
                free = x + 7.0 + width_of(&said) * 0.9;
            }
        }
        Ok(())
    }
}

fn crowd(xml: &mut Xml, picture: &Picture<'_>, placed: &Placed<'_>, (x, y): (f64, f64)) -> io::Result<()> {
    let (Some(first), Some(last)) = (placed.calls.first(), placed.calls.last()) else { return Ok(()) };
    let count = placed.calls.len();
    let tooltip = format!(
        "{count} calls, {}, #{} to #{}, {} to {}",
        placed.answered.about(),
        first.sequence,
        last.sequence,
        picture.timeline.since(first.arrived),
        picture.timeline.since(last.arrived)
    );
    shape(xml, placed.answered.name(), (x, y), &[], &tooltip)?;
    text(
        xml,
        (x + 5.0, y + 3.0),
        &[("class", "tl-count"), ("font-size", "8.5"), ("stroke", "none")],
        &count.to_string(),
    )
}

/// `+1.204 s  #4 GetLastOnceTaskInfo TaskType=IMAGE_SCAN => 200 START 42 %, took 0.40 ms`
fn tooltip(picture: &Picture<'_>, call: &CallRecord) -> String {
    let took = call.elapsed().map(|took| format!(", took {}", length(took.as_secs_f64())));
    format!("{}  {call}{}", picture.timeline.since(call.arrived), took.unwrap_or_default())
}

fn faults(calls: &[Placed<'_>]) -> Vec<FaultMark> {
    let mut marks: Vec<FaultMark> = Vec::new();
    let mut hits: Vec<(f64, &str)> = calls
        .iter()
        .flat_map(|placed| placed.calls.iter().flat_map(|call| call.faults().map(|fault| (placed.x, fault))))
        .collect();
    hits.sort_by(|(x, _), (other, _)| x.total_cmp(other));
    for (x, fault) in hits {
        match marks.last_mut() {
            Some(last) if x - last.x < 9.0 => {
                last.count += 1;
                if last.label != fault
                    && last.label.len() < 60
                    && !last.label.split(", ").any(|one| one == fault)
                {
                    last.label.extend([", ", fault]);
                }
            }
            _ => marks.push(FaultMark { x, count: 1, label: fault.to_owned() }),
        }
    }
    marks
}
