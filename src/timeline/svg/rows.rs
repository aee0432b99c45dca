//! What all lanes share: the axis of real time with its breaks, the commands, the task clock, the legend.

use std::io;

use jiff::{SignedDuration, Timestamp};

use super::canvas::{cut, group, line, put, px, rect, rows, shape, text, width_of};
use super::{GUTTER, Picture, WIDTH, shapes};
use crate::journal::CommandRecord;
use crate::timeline::axis::{Piece, label};
use crate::timeline::build::Lane;
use crate::timeline::calls::Answered;
use crate::timeline::clock::ReadingSource;
use crate::timeline::xml::Xml;

/// The rows above the lanes.
pub(super) struct Rows<'t> {
    top: f64,
    labels_y: f64,
    commands: Vec<Marked<'t>>,
    commands_y: f64,
    pub(super) bottom: f64,
}

struct Marked<'t> {
    what: &'t CommandRecord,
    x: f64,
    /// How many commands it stands for.
    count: usize,
    label: String,
    row: usize,
}

const COMMAND_ROWS: usize = 2;
const COMMAND_ROW: f64 = 13.0;
/// Commands nearer to each other than this share one mark.
const COMMAND_WIDTH: f64 = 9.0;

impl<'t> Rows<'t> {
    pub(super) fn of(picture: &Picture<'t>, top: f64) -> Self {
        let has_breaks = picture.axis.breaks().next().is_some();
        let labels_y = top + if has_breaks { 22.0 } else { 11.0 };
        let commands = commands(picture);
        let count = commands.iter().map(|command| command.row + 1).max().unwrap_or(0);
        let commands_y = labels_y + 13.0;
        let bottom = labels_y + 6.0 + rows(count, COMMAND_ROW);
        Self { top, labels_y, commands, commands_y, bottom: bottom + if count > 0 { 4.0 } else { 0.0 } }
    }

    pub(super) fn draw(&self, xml: &mut Xml, picture: &Picture<'_>, lanes_end: f64) -> io::Result<()> {
        let (step, ticks) = picture.axis.ticks();
        picture.axis.breaks().try_for_each(|piece| self.gap(xml, piece, lanes_end))?;
        text(xml, (8.0, self.labels_y), &[("class", "tl-soft")], "real time")?;
        group(xml, &[("class", "tl-grid"), ("stroke", "#d8dee4")], |xml| {
            ticks
                .iter()
                .try_for_each(|(x, _)| line(xml, (GUTTER + x, self.labels_y + 4.0), (GUTTER + x, lanes_end)))
        })?;
        group(xml, &[("class", "tl-soft")], |xml| {
            ticks.iter().try_for_each(|(x, seconds)| {
                text(xml, (GUTTER + x - 1.0, self.labels_y), &[], &label(*seconds, step))
            })
        })?;
        if self.commands.is_empty() {
            return Ok(());
        }
        text(xml, (8.0, self.commands_y + 3.0), &[("class", "tl-soft")], "commands")?;
        shapes::marks(xml, "command", |xml| {
            self.commands.iter().try_for_each(|command| self.command(xml, picture, command, lanes_end))
        })
    }

    /// A band across all lanes, with its length above.
    fn gap(&self, xml: &mut Xml, piece: &Piece, lanes_end: f64) -> io::Result<()> {
        let length = piece.to - piece.from;
        let said = label(length, length / 20.0);
        let (x, y, width) = (GUTTER + piece.x + 3.0, self.labels_y - 9.0, piece.width - 6.0);
        let tooltip = format!("{said} without an event");
        rect(xml, "tl-break", (x, y), (width, lanes_end - y), &tooltip)?;
        for edge in [x, x + width] {
            let path = format!("M{},{}V{}", px(edge), px(y), px(lanes_end));
            let attributes = [
                ("class", "tl-edge"),
                ("d", path.as_str()),
                ("stroke", "#59636e"),
                ("stroke-dasharray", "3 3"),
            ];
            put(xml, "path", &attributes, "")?;
        }
        let attributes = [("class", "tl-soft"), ("font-size", "9"), ("text-anchor", "middle")];
        text(xml, (x + width / 2.0, self.top + 9.0), &attributes, &said)
    }

    fn command(
        &self,
        xml: &mut Xml,
        picture: &Picture<'_>,
        command: &Marked<'_>,
        lanes_end: f64,
    ) -> io::Result<()> {
        let y = self.commands_y + rows(command.row, COMMAND_ROW);
        let mut attributes = vec![("class", "tl-reach"), ("stroke-dasharray", "2 3"), ("fill", "none")];
        let path = format!("M{},{}V{}", px(command.x), px(y + 5.0), px(lanes_end));
        attributes.push(("d", &path));
        put(xml, "path", &attributes, "")?;
        let CommandRecord { command: words, outcome, account, at, .. } = command.what;
        let mut tooltip = format!("{}  {words}", picture.timeline.since(*at));
        if let Some(account) = account {
            tooltip.extend([" account=", account]);
        }
        if !outcome.is_empty() {
            tooltip.extend([": ", outcome]);
        }
        if command.count > 1 {
            tooltip.extend([", and ", &(command.count - 1).to_string(), " more"]);
        }
        shape(xml, "command", (command.x, y), &[], &tooltip)?;
        if command.label.is_empty() {
            return Ok(());
        }
        let fits = command.x + 7.0 + width_of(&command.label) <= WIDTH;
        let (x, anchor) = if fits { (command.x + 7.0, "start") } else { (command.x - 7.0, "end") };
        let attributes =
            [("class", "tl-note"), ("font-size", "9.5"), ("stroke", "none"), ("text-anchor", anchor)];
        text(xml, (x, y + 3.5), &attributes, &command.label)
    }
}

/// Marks with labels where there is room.
fn commands<'t>(picture: &Picture<'t>) -> Vec<Marked<'t>> {
    let mut placed: Vec<Marked<'t>> = Vec::new();
    let mut taken = [f64::MIN; COMMAND_ROWS];
    for command in &picture.timeline.commands {
        let x = picture.x(command.at);
        if let Some(last) = placed.last_mut().filter(|last| x - last.x < COMMAND_WIDTH) {
            last.count += 1;
            continue;
        }
        let mut label = cut(&command.command, 36);
        // Near the right end, it stands before its mark.
        let fits = x + 7.0 + width_of(&label) <= WIDTH;
        let (from, until) =
            if fits { (x, x + 12.0 + width_of(&label)) } else { (x - 7.0 - width_of(&label), x + 8.0) };
        let row = taken.iter().position(|taken| *taken <= from);
        if let Some(row) = row {
            taken[row] = until;
        } else {
            label.clear();
        }
        let row = row.unwrap_or(0);
        placed.push(Marked { what: command, x, count: 1, label, row });
    }
    placed
}

/// The session's task clock, as the lane with most calls shows it; none if every lane has its own clock.
pub(super) struct ClockRow {
    labels: Vec<(f64, String, bool)>,
}

pub(super) fn clock_row(picture: &Picture<'_>) -> Option<ClockRow> {
    let lanes = &picture.timeline.lanes;
    let lane: &Lane = lanes
        .iter()
        .filter(|lane| !lane.has_own_clock && lane.accounts == 1)
        .max_by_key(|lane| lane.calls.len())?;
    let mut labels: Vec<(f64, String, bool)> = Vec::new();
    let mut date: Option<String> = None;
    let mut last = None;
    let mut add = |x: f64, at: Timestamp, jumps: bool| {
        if last == Some(at.as_second()) {
            return;
        }
        let shown = format!("{at:.0}");
        let (day, time) = shown.trim_end_matches('Z').split_once('T').unwrap_or_default();
        let text = if date.as_deref() == Some(day) { time.to_owned() } else { format!("{day} {time}") };
        let x = x.min(WIDTH - width_of(&text) - 2.0);
        let fits = labels.last().is_none_or(|(last, said, _)| *last + width_of(said) + 10.0 <= x);
        if fits {
            date = Some(day.to_owned());
            last = Some(at.as_second());
            labels.push((x, text, jumps));
        }
    };
    let jumps = lane
        .readings
        .iter()
        .filter(|known| matches!(known.source, ReadingSource::Command { moves: true, .. }));
    let mut places: Vec<(f64, Timestamp, bool)> =
        jumps.map(|known| (picture.x(known.at), known.shown, true)).collect();
    let first = lane.readings.iter().next()?;
    places.push((picture.x(first.at), first.shown, false));
    if places.len() < 6 {
        let (_, ticks) = picture.axis.ticks();
        for (x, seconds) in ticks {
            let at = picture.timeline.from + SignedDuration::from_secs_f64(seconds);
            places.extend(lane.readings.shown_at(at).map(|shown| (GUTTER + x, shown, false)));
        }
    }
    // A jump is more than a reading.
    places.sort_by(|(x, _, jumps), (other, _, other_jumps)| x.total_cmp(other).then(other_jumps.cmp(jumps)));
    for (x, shown, jumps) in places {
        add(x, shown, jumps);
    }
    Some(ClockRow { labels })
}

impl ClockRow {
    pub(super) fn draw(&self, xml: &mut Xml, y: f64) -> io::Result<()> {
        text(xml, (8.0, y + 11.0), &[("class", "tl-soft")], "task clock (UTC)")?;
        self.labels.iter().try_for_each(|(x, label, jumps)| {
            let class = if *jumps { "tl-jump" } else { "tl-soft" };
            text(xml, (*x, y + 11.0), &[("class", class)], label)
        })
    }
}

/// Fonts differ: a wide one must not push the words of the legend into the next sign.
const WIDER: f64 = 1.15;

pub(super) fn legend(xml: &mut Xml, picture: &Picture<'_>, y: f64) -> io::Result<()> {
    let timeline = picture.timeline;
    let has = |name: &str| match name {
        "fault" => timeline.calls().any(|call| call.faults().next().is_some()),
        "command" => !timeline.commands.is_empty(),
        "proof" => !picture.proofs.is_empty(),
        name => timeline.calls().any(|call| Answered::of(call).name() == name),
    };
    let mut x = GUTTER + 5.0;
    for (name, about) in shapes::legend(has) {
        shapes::marks(xml, name, |xml| shape(xml, name, (x, y - 3.5), &[], ""))?;
        text(xml, (x + 9.0, y), &[("class", "tl-soft")], about)?;
        x += 24.0 + WIDER * width_of(about);
    }
    if timeline.lanes.iter().any(|lane| !lane.tasks.is_empty()) {
        for (class, about) in [("tl-init", "task in INIT"), ("tl-start", "task in START")] {
            rect(xml, class, (x - 4.0, y - 9.0), (16.0, 11.0), "")?;
            text(xml, (x + 17.0, y), &[("class", "tl-soft")], about)?;
            x += 34.0 + WIDER * width_of(about);
        }
    }
    Ok(())
}
