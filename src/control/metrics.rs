//! `metrics`: what is counted, for Prometheus, as text. Nothing here counts: it reads what the core has counted.

use std::fmt;

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use super::Shared;
use super::error::{ControlError, Handled};
use super::query::NoQuery;
use crate::clock;
use crate::emulator::{CallKind, CallTotals, LATENCIES};
use crate::log_queue;
use crate::peer::Peer;

/// What one scrape shows.
#[derive(Debug)]
struct Scrape {
    calls: CallTotals,
    /// Ids of fault rules, and for how many calls each fired.
    faults: Vec<(String, u64)>,
    counters: Vec<Sample>,
    gauges: Vec<Sample>,
}

/// Name, help, labels and value of a metric; of those with one name, the first brings the help.
type Sample = (&'static str, &'static str, &'static [(&'static str, &'static str)], u64);

/// Most fault rules that are shown.
const MOST_FAULTS: usize = 256;
/// What Prometheus asks for first.
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub(super) async fn scrape(
    _: NoQuery,
    State(emulator): State<Shared>,
    Extension(peer): Extension<Peer>,
) -> Handled<Response> {
    let mut registry = Registry::with_prefix("sas_emulator");
    registry.register_collector(Box::new(Scrape::of(&emulator, &peer)));
    let mut shown = String::new();
    text::encode(&mut shown, &registry)
        .map_err(|_| ControlError::new(500, "not_made", "the metrics could not be written"))?;
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], shown).into_response())
}

impl Scrape {
    fn of(emulator: &Shared, peer: &Peer) -> Self {
        let session = emulator.session();
        let (tasks, ended) = session.task_counts();
        let journal = emulator.journal();
        let (evicted_calls, journal_bytes) = journal.usage();
        let capacity = journal.capacity();
        let rules = session.faults.reports(None, clock::uptime());
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let mut gauges: Vec<Sample> = vec![
            ("accounts", "Accounts of this session", &[], number(session.account_count())),
            ("tasks", "Tasks of this session", &[("state", "running")], number(tasks - ended)),
            ("tasks", "", &[("state", "ended")], number(ended)),
            ("journal_calls", "Calls that the journal keeps", &[], number(journal.kept())),
            ("journal_calls_limit", "Most calls that it keeps", &[], number(capacity.entries)),
            ("journal_bytes", "Memory that they take", &[], number(journal_bytes)),
            ("journal_bytes_limit", "Most memory that they take", &[], number(capacity.bytes)),
        ];
        if let Some(usage) = peer.usage() {
            gauges.extend([
                ("connections", "Connections", &[("state", "open")] as &[_], number(usage.open)),
                ("connections", "", &[("state", "busy")], number(usage.long_requests)),
                ("connections_limit", "Most connections", &[], number(usage.limit)),
            ]);
        }
        let counters: Vec<Sample> = vec![
            ("accounts_evicted", "Accounts that made room for others", &[], session.evicted_accounts()),
            (
                "commands",
                "Requests of the control API that changed something",
                &[],
                emulator.commands().last(),
            ),
            ("journal_calls_evicted", "Calls that the journal had no room for", &[], evicted_calls),
            ("log_lines_dropped", "Log lines that could not be written", &[], log_queue::dropped()),
        ];
        Self {
            calls: emulator.calls().totals(),
            faults: rules.into_iter().take(MOST_FAULTS).map(|rule| (rule.id, rule.hits)).collect(),
            counters,
            gauges,
        }
    }
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        encoder
            .encode_descriptor("build", "The version", None, MetricType::Info)?
            .encode_info(&[("version", env!("CARGO_PKG_VERSION"))])?;
        let uptime = ConstGauge::new(clock::uptime().as_secs_f64());
        let help = "Real time since the start";
        uptime.encode(encoder.encode_descriptor(
            "uptime",
            help,
            Some(&Unit::Seconds),
            MetricType::Gauge,
        )?)?;
        self.calls(&mut encoder)?;
        let help = "Calls that a fault rule of this session fired for";
        let mut faults = encoder.encode_descriptor("faults_fired", help, None, MetricType::Counter)?;
        for (id, hits) in &self.faults {
            ConstCounter::new(*hits).encode(faults.encode_family(&[("fault", id.as_str())])?)?;
        }
        for numbers in self.gauges.chunk_by(|a, b| a.0 == b.0) {
            let [(name, help, ..), ..] = numbers else { continue };
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (_, _, labels, value) in numbers {
                let value = ConstGauge::new(i64::try_from(*value).unwrap_or(i64::MAX));
                value.encode(metric.encode_family(labels)?)?;
            }
        }
        for (name, help, _, value) in &self.counters {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(*value).encode(metric)?;
        }
        Ok(())
    }
}

impl Scrape {
    fn calls(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help =
            "Calls that have finished; the status of one without a response is how its connection broke";
        let mut calls = encoder.encode_descriptor("calls", help, None, MetricType::Counter)?;
        for (CallKind { operation, status, broke, code, fidelity }, count) in &self.calls.by_kind {
            let status = status.to_string();
            let status = if broke.is_empty() { &status } else { *broke };
            let fidelity = fidelity.map_or("", |fidelity| fidelity.as_str());
            let labels =
                [("operation", *operation), ("status", status), ("code", code), ("fidelity", fidelity)];
            ConstCounter::new(*count).encode(calls.encode_family(&labels)?)?;
        }
        let bounds = LATENCIES.map(|micros| std::time::Duration::from_micros(micros).as_secs_f64());
        let bounds = bounds.into_iter().chain([f64::INFINITY]);
        let buckets: Vec<(f64, u64)> = bounds.zip(self.calls.by_latency).collect();
        let (sum, count) = (self.calls.latency_sum.as_secs_f64(), self.calls.by_latency.iter().sum());
        let help = "How long calls took, injected delays included";
        let unit = Some(&Unit::Seconds);
        let mut latency = encoder.encode_descriptor("call_duration", help, unit, MetricType::Histogram)?;
        latency.encode_histogram::<[(&str, &str); 0]>(sum, count, &buckets, None)
    }
}
