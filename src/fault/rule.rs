//! A rule: which calls it is for, which of them it strikes, and what it does to them. Plain data.

use http::{HeaderName, HeaderValue};
use jiff::SignedDuration;

use super::trigger::Trigger;
use crate::domain::state::Status;
use crate::domain::{ApiError, Params, State};
use crate::protocol::Call;
pub use crate::protocol::Scheme;

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What logs and the control API call it; no two that are armed have the same. One that is empty gets a name when it
    /// is armed.
    pub id: String,
    /// Which calls it is for.
    pub matches: Match,
    /// Which of those it strikes.
    pub trigger: Trigger,
    /// What it does to them.
    pub effects: Vec<Effect>,
    /// What it was written as, for whoever asks what is armed.
    pub written: serde_json::Value,
}

impl Rule {
    /// The error code of the response that it causes, if it causes one.
    pub fn code(&self) -> Option<&str> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Error(error) | Effect::Lie(error) => Some(&*error.code),
            Effect::Throttle(throttle) => Some(throttle.code.name),
            _ => None,
        })
    }
}

/// Which calls: all of these must hold; an empty one holds for every call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Match {
    /// Operations; none, or `*`, means any.
    pub actions: Vec<String>,
    /// AccessKeyId that the call claims.
    pub account: Option<String>,
    /// Parameters and patterns (`*` and `?`) for their values.
    pub params: Vec<(String, String)>,
    /// How the call is signed.
    pub scheme: Option<Scheme>,
    /// What the task that the call is about must show.
    pub task: Option<TaskMatch>,
}

/// What a task must show. A call about no task is not meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskMatch {
    /// Its status.
    pub status: Option<Status>,
    /// Its progress, in percent.
    pub progress: Option<Comparison>,
}

/// A comparison with a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// At least.
    pub least: u8,
    /// At most.
    pub most: u8,
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// It is refused with this error; the service never hears of it.
    Error(ApiError),
    /// It is refused unless the bucket holds a token.
    Throttle(Throttle),
    /// It waits, in real time: that is what a client's time-out measures.
    Delay(Delay),
    /// It is done, and reported as failed.
    Lie(ApiError),
    /// Its connection breaks.
    Connection(Break, When),
    /// Its answer is another one.
    Edit(Edit),
    /// Not a call but a TLS handshake: the client is shown this certificate.
    Tls(BadCertificate),
}

/// What is done to an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Its body is changed by this JSON merge patch (RFC 7396).
    Patch(serde_json::Value),
    /// Its headers are set and removed.
    Headers {
        /// These are set.
        set: Vec<(HeaderName, HeaderValue)>,
        /// These are left out.
        remove: Vec<HeaderName>,
    },
    /// It is damaged.
    Damage(Damage),
}

impl Effect {
    /// What scenarios call the effects.
    pub const NAMES: [&str; 9] =
        ["body", "connection", "delay", "error", "headers", "lie", "patch", "throttle", "tls"];

    /// What scenarios call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Error(_) => "error",
            Self::Throttle(_) => "throttle",
            Self::Delay(_) => "delay",
            Self::Lie(_) => "lie",
            Self::Connection(..) => "connection",
            Self::Edit(Edit::Damage(_)) => "body",
            Self::Edit(Edit::Patch(_)) => "patch",
            Self::Edit(Edit::Headers { .. }) => "headers",
            Self::Tls(_) => "tls",
        }
    }
}

/// A token bucket, full at first. It is filled in real time, because a client waits in real time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttle {
    /// Tokens a second.
    pub per_second: f64,
    /// Most tokens at once.
    pub burst: u32,
    /// What a call without one is told.
    pub code: &'static crate::domain::Code,
}

/// How long a call waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// Evenly distributed from one length to another, which may be the same.
    Range(SignedDuration, SignedDuration),
    /// Log-normally distributed, given its median and its 99th percentile; never longer than ten times the latter.
    Percentiles {
        /// Half of the calls wait no longer.
        p50: SignedDuration,
        /// 99 of 100 calls wait no longer.
        p99: SignedDuration,
    },
}

/// How a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("x {}", self.as_str())]
pub enum Break {
    /// It is closed (FIN) without a word.
    Close,
    /// It is reset (RST).
    Reset,
    /// Nothing comes any more, until the client or the emulator gives up.
    Hang,
}

impl Break {
    /// As scenarios spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Reset => "reset",
            Self::Hang => "hang",
        }
    }
}

/// When a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum When {
    /// Before the service hears of the call.
    #[default]
    Before,
    /// After the deed, instead of the answer.
    After,
}

/// A certificate that no careful client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadCertificate {
    /// It was good until some days ago.
    Expired,
    /// It is for a host of another name.
    WrongName,
    /// It is of an authority that nobody knows.
    Untrusted,
}

impl BadCertificate {
    /// As scenarios spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::WrongName => "wrong_name",
            Self::Untrusted => "untrusted",
        }
    }
}

/// How an answer is damaged. The deed is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// It breaks off after so many bytes, though its head promises all.
    Truncate(usize),
    /// It trickles, so many bytes a second.
    Drip(u32),
    /// Some of its bytes are others.
    Corrupt,
    /// It is 200 and empty.
    Empty,
    /// It is another one altogether: what a proxy in between may say.
    Replace {
        /// HTTP status.
        status: u16,
        /// Its `Content-Type`.
        content_type: HeaderValue,
        /// Its body.
        text: String,
    },
}

impl Rule {
    /// What it shows in TLS handshakes, if that is what it is for. Such a rule is for no calls.
    pub fn certificate(&self) -> Option<BadCertificate> {
        self.effects.iter().find_map(|effect| match effect {
            Effect::Tls(certificate) => Some(*certificate),
            _ => None,
        })
    }
}

impl Match {
    /// Whether the call is meant. `task` is asked for the task that it is about, once and only if all else holds.
    pub fn covers(&self, call: &Call<'_>, task: impl FnOnce() -> Option<State>) -> bool {
        let action = self.actions.is_empty()
            || self.actions.iter().any(|action| action == "*" || action == call.action);
        let account =
            self.account.as_deref().is_none_or(|account| call.claims.access_key_id == Some(account));
        let scheme = self.scheme.is_none_or(|scheme| scheme == call.claims.scheme);
        let params = || self.params.iter().all(|(name, pattern)| has(call.params, name, pattern));
        let task = || self.task.is_none_or(|wanted| task().is_some_and(|state| wanted.holds(state)));
        action && account && scheme && params() && task()
    }
}

/// Whether a parameter has such a value; of a list, whether any member has.
fn has(params: &Params, name: &str, pattern: &str) -> bool {
    let pattern = wildmatch::WildMatch::new(pattern);
    params.get(name).into_iter().chain(params.list(name)).any(|value| pattern.matches(value))
}

impl TaskMatch {
    fn holds(self, state: State) -> bool {
        self.status.is_none_or(|status| status == state.status)
            && self.progress.is_none_or(|wanted| (wanted.least..=wanted.most).contains(&state.progress))
    }
}
