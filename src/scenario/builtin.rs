//! The scenarios that the program carries. Each file says which situation it reproduces.

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../fixtures/scenarios/", $name, ".yaml")))),*]
    };
}

/// Names and texts, sorted, `default` first.
pub static SCENARIOS: &[(&str, &str)] = embedded! {
    "default", "agents-offline", "busy", "clean", "clock-skew", "denied", "disconnects", "empty", "expired-token",
    "fail", "flaky", "free-edition", "garbled", "instant", "large-fleet", "latency", "mass-infection", "outage",
    "partial-failure", "recovering", "sample", "slow", "stuck", "throttled", "timeout", "unsupported-region",
    "vulnerable",
};

pub fn text(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|(name, _)| *name)
}
