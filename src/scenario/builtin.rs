//! The scenarios that the program carries. Each file says which situation it reproduces.

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../fixtures/scenarios/", $name, ".yaml")))),*]
    };
}

/// Names and texts, sorted, `default` first.
pub static SCENARIOS: &[(&str, &str)] = embedded! {
    "default", "busy", "clock-skew", "denied", "disconnects", "empty", "expired-token", "fail", "flaky", "garbled",
    "instant", "latency", "outage", "partial-failure", "recovering", "sample", "slow", "stuck", "throttled",
    "timeout", "unsupported-region",
};

pub fn text(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|(name, _)| *name)
}
