//! Servers that take turns: in each round each gets its share of requests, and another one goes first.

use std::sync::Arc;

use anyhow::{Context, Result};

use crate::client::{self, Batch, Expected, Pressure};
use crate::report::Sample;
use crate::server::Running;

/// A server that is ready, and what it is asked.
pub(crate) struct Contender {
    pub(crate) name: String,
    pub(crate) running: Running,
    pub(crate) expected: Expected,
    /// Its own requests, if it does not understand those of the others.
    pub(crate) own: Option<Arc<Batch>>,
}

/// Sends the batch to each server, one after the other, and returns the results in the order of the servers.
pub(crate) async fn round(
    servers: &[&Contender],
    batch: &Arc<Batch>,
    pressure: Pressure,
    round: usize,
) -> Vec<Result<Sample>> {
    let mut results = Vec::new();
    for turn in 0..servers.len() {
        let place = (turn + round) % servers.len();
        results.push((place, servers[place].sample(batch, pressure).await));
    }
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

impl Contender {
    async fn sample(&self, batch: &Arc<Batch>, pressure: Pressure) -> Result<Sample> {
        let batch = self.own.as_ref().unwrap_or(batch);
        let before = self.running.cpu_time();
        let run = client::run(self.running.address(), batch, pressure, self.expected);
        let outcome = run.await.with_context(|| self.name.clone())?;
        let used = self.running.cpu_time().zip(before).map(|(after, before)| after.saturating_sub(before));
        let cpu = used.map_or(f64::NAN, |used| used.as_secs_f64());
        let count = f64::from(u32::try_from(outcome.latencies.len())?);
        let elapsed = outcome.elapsed.as_secs_f64();
        self.running.empty_log()?;
        Ok(Sample {
            per_second: count / elapsed,
            p50_ms: outcome.percentile(50).as_secs_f64() * 1e3,
            p99_ms: outcome.percentile(99).as_secs_f64() * 1e3,
            cpu_us: cpu / count * 1e6,
            busy: cpu / elapsed * 100.0,
        })
    }
}
