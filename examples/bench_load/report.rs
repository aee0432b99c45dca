//! From samples to medians, and from medians to a table and one line of JSON.

use serde_json::{Value, json};

/// The result of one run of one server.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Of the server, per request.
    pub(crate) cpu_us: f64,
    /// Processor time of the server per second of real time, in percent of one core.
    pub(crate) busy: f64,
}

/// The samples of one kind of call, in the order of the rounds.
pub(crate) struct Comparison {
    pub(crate) call: &'static str,
    pub(crate) emulator: Vec<Sample>,
    pub(crate) bare: Vec<Sample>,
}

pub(crate) type Measure = fn(&Sample) -> f64;

pub(crate) const MEASURES: [(&str, Measure); 5] = [
    ("per_second", |sample| sample.per_second),
    ("p50_ms", |sample| sample.p50_ms),
    ("p99_ms", |sample| sample.p99_ms),
    ("cpu_us", |sample| sample.cpu_us),
    ("busy_percent", |sample| sample.busy),
];

/// Median, least and greatest.
pub(crate) struct Spread {
    median: f64,
    min: f64,
    max: f64,
}

impl Spread {
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let (half, last) = (values.len() / 2, values.len().saturating_sub(1));
        let median =
            if values.len() % 2 == 1 { at(half) } else { f64::midpoint(at(half.wrapping_sub(1)), at(half)) };
        Self { median, min: at(0), max: at(last) }
    }

    pub(crate) fn cell(&self, digits: usize) -> String {
        format!("{:.digits$} ({:.digits$}-{:.digits$})", self.median, self.min, self.max)
    }

    pub(crate) fn json(&self) -> Value {
        let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
        json!({ "median": rounded(self.median), "min": rounded(self.min), "max": rounded(self.max) })
    }
}

impl Comparison {
    fn spread(samples: &[Sample], measure: Measure) -> Spread {
        Spread::of(samples.iter().map(measure))
    }

    /// Emulator divided by bare server, round by round: what slows a whole round down cancels out.
    fn ratio(&self, measure: Measure) -> Spread {
        Spread::of(self.emulator.iter().zip(&self.bare).map(|(ours, bare)| measure(ours) / measure(bare)))
    }

    fn rows(&self) -> Vec<[String; 7]> {
        let [rate, p50, p99, cpu, busy] = MEASURES.map(|(_, measure)| measure);
        let side = |call: &str, name: &str, samples: &[Sample]| {
            [
                call.to_owned(),
                name.to_owned(),
                Self::spread(samples, rate).cell(0),
                Self::spread(samples, p50).cell(2),
                Self::spread(samples, p99).cell(2),
                Self::spread(samples, cpu).cell(1),
                format!("{:.0}", Self::spread(samples, busy).median),
            ]
        };
        let ratio = |measure| self.ratio(measure).cell(2);
        vec![
            side(self.call, "emulator", &self.emulator),
            side("", "bare axum", &self.bare),
            [String::new(), "ratio".into(), ratio(rate), ratio(p50), ratio(p99), ratio(cpu), String::new()],
        ]
    }

    fn json(&self) -> Value {
        let all = |of: &dyn Fn(Measure) -> Spread| -> Value {
            MEASURES.iter().map(|(name, measure)| ((*name).to_owned(), of(*measure).json())).collect()
        };
        json!({
            "call": self.call,
            "emulator": all(&|measure| Self::spread(&self.emulator, measure)),
            "bare": all(&|measure| Self::spread(&self.bare, measure)),
            "ratio": all(&|measure| self.ratio(measure)),
        })
    }
}

/// The table: medians, with least and greatest of all rounds in parentheses.
pub(crate) fn table(comparisons: &[Comparison]) -> String {
    let titles = ["call", "server", "requests/s", "p50 ms", "p99 ms", "CPU us/request", "core busy %"];
    let mut rows = vec![titles.map(str::to_owned)];
    rows.extend(comparisons.iter().flat_map(Comparison::rows));
    let widths: Vec<usize> =
        (0..titles.len()).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0)).collect();
    let line = |row: &[String; 7]| -> String {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// A warning about a server that had its own core and did not use all of it.
pub(crate) fn doubt(comparisons: &[Comparison]) -> Option<&'static str> {
    let sides = comparisons.iter().flat_map(|comparison| [&comparison.emulator, &comparison.bare]);
    let is_idle = |samples: &Vec<Sample>| Comparison::spread(samples, |sample| sample.busy).median < 90.0;
    sides.into_iter().any(is_idle).then_some(
        "note: a server did not get its core for itself, so something else is running here: trust the CPU column, \
         and the ratios more than the rates",
    )
}

/// The same for programs.
pub(crate) fn json(setting: &Value, comparisons: &[Comparison]) -> Value {
    let results: Vec<Value> = comparisons.iter().map(Comparison::json).collect();
    json!({ "benchmark": "http", "setting": setting, "results": results })
}
