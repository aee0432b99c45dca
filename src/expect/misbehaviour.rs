//! What a client must never do, by name: the words of `never:`, and all of them together as `well_behaved`.

use serde::Deserialize;

/// A kind of misbehaviour that the calls of a client prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Misbehaviour {
    /// A running task is polled again and again without a pause.
    BusyPolling,
    /// A task is polled again after a response showed its end.
    PollingAfterEnd,
    /// A call is repeated after a 403 or a 404.
    RetryingRefusals,
    /// A call is repeated before the wait is over that its response demanded.
    IgnoringDelays,
    /// A call that failed for the moment is repeated again and again without a pause.
    RetryStorms,
    /// A call that failed for the moment is repeated again and again after equal pauses.
    ConstantRetries,
    /// A request is sent with a nonce that was used before.
    NonceReuse,
    /// A request is signed with a wrong time.
    ClockSkew,
    /// Two equal calls are made at the same time.
    ParallelDuplicates,
}

/// All of them, as an entry of `expect:`.
pub(crate) const WELL_BEHAVED: &str = "well_behaved";

impl Misbehaviour {
    pub const ALL: [Self; 9] = [
        Self::BusyPolling,
        Self::PollingAfterEnd,
        Self::RetryingRefusals,
        Self::IgnoringDelays,
        Self::RetryStorms,
        Self::ConstantRetries,
        Self::NonceReuse,
        Self::ClockSkew,
        Self::ParallelDuplicates,
    ];

    /// What a report says is wanted.
    pub(super) const fn wanted(self) -> &'static str {
        match self {
            Self::BusyPolling => "no polls of a running task without a pause",
            Self::PollingAfterEnd => "no polls of a task after its end was shown",
            Self::RetryingRefusals => "no retries of what was refused (403, 404)",
            Self::IgnoringDelays => {
                "no retries before the wait was over that was demanded (x-acs-retry-after)"
            }
            Self::RetryStorms => "no retries without a pause",
            Self::ConstantRetries => "no long series of retries after equal pauses",
            Self::NonceReuse => "no nonce used twice",
            Self::ClockSkew => "no request signed with a wrong time",
            Self::ParallelDuplicates => "no equal calls at the same time",
        }
    }
}
