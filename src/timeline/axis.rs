//! The axis of real time: linear, but for long gaps without an event, which are drawn as short breaks. Calls that begin or end, changes of tasks and
//! commands are events.

use jiff::SignedDuration;

/// Real time to places. All pieces but the breaks have one scale.
#[derive(Debug)]
pub(super) struct Axis {
    pieces: Vec<Piece>,
    width: f64,
}

/// A part of the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) x: f64,
    pub(super) width: f64,
    pub(super) is_break: bool,
}

/// A gap is long if it is so many times as long as three quarters of all gaps.
const LONG: f64 = 8.0;
const MOST_BREAKS: usize = 20;
const BREAK_WIDTH: f64 = 30.0;
/// Least distance between two labels.
const LABEL_WIDTH: f64 = 74.0;

impl Axis {
    /// Of the sorted times at which something happened, on so many pixels.
    pub(super) fn new(times: &[SignedDuration], width: f64) -> Self {
        let seconds: Vec<f64> = times.iter().map(SignedDuration::as_secs_f64).collect();
        let (Some(first), Some(last)) = (seconds.first().copied(), seconds.last().copied()) else {
            return Self { pieces: Vec::new(), width };
        };
        let mut gaps: Vec<(f64, f64)> = seconds.windows(2).map(|pair| (pair[0], pair[1])).collect();
        gaps.retain(|(from, to)| to > from);
        gaps.sort_by(|(from, to), (other_from, other_to)| (to - from).total_cmp(&(other_to - other_from)));
        let length = |(from, to): &(f64, f64)| to - from;
        let usual = gaps.get(gaps.len().saturating_sub(1) * 3 / 4).map_or(0.0, length);
        // What a break would save must be worth its looks.
        let worth = (last - first) / 20.0;
        let is_long = |gap: &(f64, f64)| length(gap) > usual * LONG && length(gap) > worth;
        let mut breaks: Vec<(f64, f64)> =
            gaps.iter().rev().filter(|gap| is_long(gap)).take(MOST_BREAKS).copied().collect();
        breaks.sort_by(|(from, _), (other, _)| from.total_cmp(other));
        Self { pieces: pieces(first, last, &breaks, width), width }
    }

    /// The place of a time; of one outside, the nearest end.
    pub(super) fn x(&self, at: SignedDuration) -> f64 {
        let seconds = at.as_secs_f64();
        let place = self.pieces.partition_point(|piece| piece.to < seconds);
        let Some(piece) = self.pieces.get(place).or_else(|| self.pieces.last()) else { return 0.0 };
        let length = piece.to - piece.from;
        let part = if length > 0.0 { ((seconds - piece.from) / length).clamp(0.0, 1.0) } else { 0.0 };
        piece.x + piece.width * part
    }

    pub(super) fn breaks(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| piece.is_break)
    }

    /// Where the axis has labels: places, and the seconds since it begins; with the step between two of them.
    pub(super) fn ticks(&self) -> (f64, Vec<(f64, f64)>) {
        let linear = || self.pieces.iter().filter(|piece| !piece.is_break);
        let (length, width) = linear()
            .fold((0.0, 0.0), |(length, width), piece| (length + piece.to - piece.from, width + piece.width));
        let Some(first) = self.pieces.first() else { return (1.0, Vec::new()) };
        if length <= 0.0 || width <= 0.0 {
            return (1.0, vec![(first.x, 0.0)]);
        }
        let step = nice(LABEL_WIDTH * length / width);
        let mut ticks: Vec<(f64, f64)> = Vec::new();
        for piece in linear() {
            let (from, to) = (piece.from - first.from, piece.to - first.from);
            let scale = if to > from { piece.width / (to - from) } else { 0.0 };
            let begins = ((from / step).ceil() * step, piece.x);
            let mut at = begins.0;
            let mut add = |seconds: f64| {
                let x = piece.x + (seconds - from) * scale;
                if ticks.last().is_none_or(|(last, _)| x - last >= LABEL_WIDTH * 0.8)
                    && x <= self.width - 24.0
                {
                    ticks.push((x, seconds));
                }
            };
            // Behind a break, it says where it goes on.
            if piece.x > first.x {
                add(from);
            }
            while at <= to + step * 1e-6 {
                add(at);
                at += step;
            }
        }
        (step, ticks)
    }
}

fn pieces(first: f64, last: f64, breaks: &[(f64, f64)], width: f64) -> Vec<Piece> {
    let saved: f64 = breaks.iter().map(|(from, to)| to - from).sum();
    let count = u32::try_from(breaks.len()).unwrap_or(u32::MAX);
    let break_width = BREAK_WIDTH.min(width / 2.0 / f64::from(count.max(1)));
    let (length, room) = (last - first - saved, width - break_width * f64::from(count));
    let scale = if length > 0.0 { room / length } else { 0.0 };
    let (mut pieces, mut from, mut x) = (Vec::new(), first, 0.0);
    for (begin, end) in breaks.iter().copied().chain([(last, last)]) {
        let width = (begin - from) * scale;
        pieces.push(Piece { from, to: begin, x, width, is_break: false });
        x += width;
        if end > begin {
            pieces.push(Piece { from: begin, to: end, x, width: break_width, is_break: true });
            x += break_width;
        }
        from = end;
    }
    pieces
}

/// The next of 1, 2, 5, 10, 15, 30, 60 seconds and the like: what people count in.
fn nice(seconds: f64) -> f64 {
    const STEPS: [f64; 14] =
        [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 21_600.0, 86_400.0];
    if seconds < 1.0 {
        let power = 10f64.powf(seconds.max(1e-9).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= seconds);
        return step.unwrap_or(power);
    }
    let days = 86_400.0 * (seconds / 86_400.0).ceil();
    STEPS.into_iter().find(|step| *step >= seconds).unwrap_or(days)
}

/// Seconds as a label, as exact as the step between two labels needs: `1.25 s`, `2 m 05 s`.
pub(super) fn label(seconds: f64, step: f64) -> String {
    // Never more than three places: they are labels.
    let places =
        |step: f64| if step >= 0.999 { 0 } else { usize::from(step < 0.01) + usize::from(step < 0.1) + 1 };
    // What rounds up to the next unit is written in it.
    let seconds = (seconds / step).round() * step;
    let count = |unit: f64| (seconds / unit).floor();
    let (minutes, hours, days) = (count(60.0), count(3600.0), count(86_400.0));
    match seconds {
        0.0 => "0 s".to_owned(),
        _ if seconds < 1.0 => format!("{:.*} ms", places(step * 1e3), seconds * 1e3),
        _ if minutes < 1.0 => format!("{:.*} s", places(step), seconds),
        _ if hours < 1.0 => {
            let (rest, places) = (seconds - minutes * 60.0, places(step));
            let width = if places > 0 { places + 3 } else { 2 };
            format!("{minutes} m {rest:0width$.places$} s")
        }
        _ if days < 1.0 => format!("{hours} h {:02} m", minutes - hours * 60.0),
        _ => format!("{days} d {:02} h", hours - days * 24.0),
    }
}

/// How long something took, to a hundredth of itself: `4.20 s`.
pub(super) fn length(seconds: f64) -> String {
    label(seconds, (seconds / 100.0).max(1e-5))
}

/// A time after the left end, to a millisecond also after hours: `+1.204 s`, `+2 h 5 m 01.204 s`.
pub(super) fn since(seconds: f64) -> String {
    let seconds = (seconds.max(0.0) * 1e3).round() / 1e3;
    let hours = (seconds / 3600.0).floor();
    let rest = label(seconds - hours * 3600.0, 1e-3);
    if hours < 1.0 { format!("+{rest}") } else { format!("+{hours} h {rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: &[i64]) -> Vec<SignedDuration> {
        millis.iter().map(|millis| SignedDuration::from_millis(*millis)).collect()
    }

    #[test]
    fn polls_at_a_steady_pace_have_no_breaks() {
        let axis = Axis::new(&at(&[0, 1, 1000, 1001, 2000, 2001, 4000, 4001]), 800.0);
        assert_eq!(axis.breaks().count(), 0);
        assert!((axis.x(SignedDuration::from_millis(2000)) - 400.0).abs() < 1.0);
    }

    #[test]
    fn a_long_gap_is_a_short_break_and_the_rest_is_to_scale() {
        let times = at(&[0, 10, 20, 30, 60_030, 60_040, 60_050]);
        let axis = Axis::new(&times, 530.0);
        let breaks: Vec<&Piece> = axis.breaks().collect();
        assert_eq!(breaks.len(), 1);
        assert_eq!(
            times.iter().map(|at| axis.x(*at).round()).collect::<Vec<_>>(),
            [0.0, 100.0, 200.0, 300.0, 330.0, 430.0, 530.0]
        );
        let (step, ticks) = axis.ticks();
        let labels: Vec<String> = ticks.iter().map(|(_, seconds)| label(*seconds, step)).collect();
        assert_eq!(labels, ["0 s", "10 ms", "20 ms", "30 ms", "1 m 00.04 s"]);
    }

    #[test]
    fn one_moment_and_none_have_a_place() {
        assert!(Axis::new(&[], 100.0).x(SignedDuration::ZERO).abs() < 0.1);
        let axis = Axis::new(&at(&[5]), 100.0);
        assert_eq!((axis.x(SignedDuration::from_millis(5)), axis.ticks().1), (0.0, vec![(0.0, 0.0)]));
    }

    #[test]
    fn labels_are_as_exact_as_they_need_to_be() {
        let labels = [
            (0.0, 1.0),
            (0.0025, 0.0005),
            (0.25, 0.05),
            (1.25, 0.05),
            (125.0, 5.0),
            (3720.0, 60.0),
            (90_000.0, 3600.0),
        ]
        .map(|(seconds, step)| label(seconds, step));
        assert_eq!(labels, ["0 s", "2.5 ms", "250 ms", "1.25 s", "2 m 05 s", "1 h 02 m", "1 d 01 h"]);
    }

    #[test]
    fn times_are_told_apart_by_milliseconds_and_lengths_by_hundredths() {
        let times = [-1.0, 0.2, 59.9996, 61.5, 7501.204, 90_000.0].map(since);
        assert_eq!(
            times,
            ["+0 s", "+200 ms", "+1 m 00.000 s", "+1 m 01.500 s", "+2 h 5 m 01.204 s", "+25 h 0 s"]
        );
        let lengths = [0.0, 0.000_42, 0.001, 4.2, 75.0].map(length);
        assert_eq!(lengths, ["0 s", "0.42 ms", "1.00 ms", "4.20 s", "1 m 15.0 s"]);
    }
}
