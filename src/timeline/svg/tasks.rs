//! Task bars: INIT as an outline, START filled, and a sign for how it ended.

use std::io;

use super::canvas::{cut, rect, rows, shape, text, width_of};
use super::{GUTTER, PLOT, Picture, shapes};
use crate::domain::Status;
use crate::text::counted::counted;
use crate::timeline::bars::{Stage, TaskBar};
use crate::timeline::build::Lane;
use crate::timeline::xml::Xml;

const ROW: f64 = 15.0;
const BAR: f64 = 11.0;
/// Most rows of bars in a lane.
const MOST_ROWS: usize = 8;

#[derive(Default)]
pub(super) struct TaskRows<'t> {
    bars: Vec<Bar<'t>>,
    rows: usize,
    left_out: usize,
    y: f64,
}

struct Bar<'t> {
    task: &'t TaskBar,
    x: f64,
    end: f64,
    label: String,
    label_x: f64,
    row: usize,
}

impl<'t> TaskRows<'t> {
    pub(super) fn of(picture: &Picture<'_>, lane: &'t Lane, y: f64) -> Self {
        let mut rows = Self { left_out: lane.tasks_left_out, y, ..Self::default() };
        // Up to where each row is taken.
        let mut taken: Vec<f64> = Vec::new();
        for task in &lane.tasks {
            let mut bar = Bar::of(picture, task);
            let free = taken.iter().position(|taken| *taken <= bar.x.min(bar.label_x));
            let row = free.unwrap_or(taken.len());
            if row >= MOST_ROWS {
                rows.left_out += 1;
                continue;
            }
            let right = bar.end.max(bar.label_x + width_of(&bar.label)) + 6.0;
            match taken.get_mut(row) {
                Some(taken) => *taken = right,
                None => taken.push(right),
            }
            bar.row = row;
            rows.bars.push(bar);
        }
        rows.rows = taken.len();
        rows
    }

    pub(super) fn height(&self) -> f64 {
        rows(self.rows + usize::from(self.left_out > 0), ROW)
    }

    pub(super) fn draw(&self, xml: &mut Xml, picture: &Picture<'_>) -> io::Result<()> {
        for bar in &self.bars {
            bar.draw(xml, picture, self.row_y(bar.row))?;
        }
        if self.left_out > 0 {
            let said = format!("and {}", counted(self.left_out, "earlier or further task"));
            text(
                xml,
                (GUTTER, self.row_y(self.rows) + 9.0),
                &[("class", "tl-soft"), ("font-size", "9")],
                &said,
            )?;
        }
        Ok(())
    }

    fn row_y(&self, row: usize) -> f64 {
        self.y + rows(row, ROW)
    }
}

impl<'t> Bar<'t> {
    fn of(picture: &Picture<'_>, task: &'t TaskBar) -> Self {
        // What was before all that is known lies at the left end.
        let stage_x = |stage: &Stage| stage.at.map_or(GUTTER, |at| picture.x(at));
        let x = task.stages.first().map_or(GUTTER, stage_x);
        let end = task.ended().map_or(GUTTER + PLOT, stage_x).max(x + 3.0);
        let label = task.label();
        let (width, after) = (width_of(&label), end + if task.ended().is_some() { 12.0 } else { 4.0 });
        let label_x = if end - x >= width + 8.0 {
            x + 5.0
        } else if after + width <= GUTTER + PLOT + 10.0 {
            after
        } else {
            x - width - 4.0
        };
        Self { task, x, end, label, label_x, row: 0 }
    }

    fn draw(&self, xml: &mut Xml, picture: &Picture<'_>, y: f64) -> io::Result<()> {
        let tooltip = self.task.tooltip(picture);
        let stages = &self.task.stages;
        for (place, stage) in stages.iter().enumerate().filter(|(_, stage)| !stage.status.is_terminal()) {
            let from = stage.at.map_or(self.x, |at| picture.x(at));
            let until = match stages.get(place + 1) {
                Some(next) => next.at.map_or(from, |at| picture.x(at)),
                None => self.end,
            };
            let class = if stage.status == Status::Init { "tl-init" } else { "tl-start" };
            if until > from {
                rect(xml, class, (from, y), (until - from, BAR), &tooltip)?;
            }
        }
        if stages.len() == 1 && self.task.ended().is_some() {
            rect(xml, "tl-start", (self.x, y), (3.0, BAR), &tooltip)?;
        }
        if self.task.ended().is_some() {
            let sign = match self.task.status() {
                Status::Fail => "fail",
                Status::Timeout => "timeout",
                _ => "success",
            };
            shapes::marks(xml, sign, |xml| shape(xml, sign, (self.end + 5.0, y + BAR / 2.0), &[], &tooltip))?;
        }
        text(xml, (self.label_x, y + 9.0), &[("class", "tl-task"), ("font-size", "9.5")], &self.label)
    }
}

impl TaskBar {
    /// `IMAGE_SCAN START 42 %`
    fn label(&self) -> String {
        let life = &self.life;
        let name =
            if life.name == life.task_type { String::new() } else { format!(" {}", cut(&life.name, 24)) };
        let how = match self.status() {
            Status::Success => String::new(),
            status => format!(" {} {} %", status.as_str(), life.progress),
        };
        format!("{}{name}{how}", cut(&life.task_type, 32))
    }

    fn tooltip(&self, picture: &Picture<'_>) -> String {
        let mut text = format!("task {} {} ({})", self.life.number, self.life.task_type, self.life.source);
        for stage in &self.stages {
            let at = stage.at.map(|at| format!(" {}", picture.timeline.since(at)));
            let time = stage.time.map(|time| format!(" ({time:.0})"));
            text.extend([", ", stage.status.as_str()]);
            text.extend([at, time].into_iter().flatten());
        }
        text
    }
}
