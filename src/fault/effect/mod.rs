//! What a rule does to the calls that it fires for: one file per effect, one row per effect in the list below.
//!
//! The enum, the names, the reader, the writer, the schema, the messages, the table of docs/faults.md and the cases of
//! `self-check` follow from that list.

mod decision;

use bytes::Bytes;
use http::Response;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize, Serializer};

pub use self::decision::Break;
pub(crate) use self::decision::{Decision, FaultRefusal, Sending};
pub(crate) use self::error::InjectedError;
pub(crate) use self::throttle::Bucket;
pub(crate) use self::tls::BadCertificate;
use super::case::Case;
use crate::dice::FaultDice;

/// What an effect does to a call; which effects go together, and for which calls they act, follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Wait,
    /// It refuses some calls.
    Gate,
    Refuse,
    /// It reports a call that is done as failed.
    Lie,
    Break,
    /// It changes the reply.
    Edit,
    /// It acts on TLS handshakes, not on calls.
    Handshake,
}

trait Behaviour {
    /// How `self-check` sees it.
    const CASES: &'static [Case];

    /// Adds what happens to the call; whether anything does.
    fn decide(&self, _: &mut Judging<'_>) -> bool {
        true
    }

    fn code(&self) -> Option<&str> {
        None
    }

    fn edit(&self, _: &mut Response<Bytes>) -> Option<Sending> {
        None
    }
}

pub(super) struct Judging<'j> {
    pub(super) decision: &'j mut Decision,
    pub(super) bucket: &'j mut Option<Bucket>,
    /// In real time, since the emulator started.
    pub(super) uptime: SignedDuration,
    pub(super) dice: FaultDice<'j>,
}

impl Judging<'_> {
    /// Whether an earlier effect refused the call: then there is nothing left to refuse, or to lie about.
    fn is_refused(&self) -> bool {
        self.decision.refusal.is_some()
    }

    /// The first refusal wins.
    fn refuse(&mut self, refusal: FaultRefusal) -> bool {
        let is_first = !self.is_refused();
        self.decision.refusal.get_or_insert(refusal);
        is_first
    }
}

macro_rules! effects {
    ($($(#[doc = $row:literal])+ $key:ident $variant:ident($effect:ty) $role:ident;)*) => {
        $(mod $key;)*

        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Effect {
            $($(#[doc = $row])+ $variant($effect),)*
        }

        impl Effect {
            /// The keys of `effect:`.
            const NAMES: &[&str] = &[$(stringify!($key)),*];

            pub(crate) const CASES: &[&[Case]] = &[$(<$effect>::CASES),*];

            fn name(&self) -> &'static str {
                match self { $(Self::$variant(_) => stringify!($key)),* }
            }

            fn role(&self) -> Role {
                match self { $(Self::$variant(_) => Role::$role),* }
            }

            pub(super) fn decide(&self, judging: &mut Judging<'_>) -> bool {
                if self.role() == Role::Edit {
                    judging.decision.edits.push(self.clone());
                }
                match self { $(Self::$variant(effect) => effect.decide(judging)),* }
            }

            pub(super) fn code(&self) -> Option<&str> {
                match self { $(Self::$variant(effect) => effect.code()),* }
            }

            fn edit(&self, response: &mut Response<Bytes>) -> Option<Sending> {
                match self { $(Self::$variant(effect) => effect.edit(response)),* }
            }
        }

        /// What happens to a call; at least one of these.
        #[derive(Default, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[cfg_attr(test, schemars(rename = "Effects", extend("minProperties" = 1)))]
        #[serde(deny_unknown_fields, default, expecting = "an effect such as { error: ServerError }")]
        struct EffectKeys {
            $($key: Option<$effect>,)*
        }

        impl EffectKeys {
            fn written(self) -> Vec<Effect> {
                [$(self.$key.map(Effect::$variant)),*].into_iter().flatten().collect()
            }
        }

        #[cfg(test)]
        const ROWS: &[&str] = &[$($($row),+),*];
    };
}

// In the order in which the effects of one rule act. Comments are rows of docs/faults.md: what is written, what the
// client sees.
effects! {
    /// | `delay: 700ms`, `{ range: [100ms, 2s] }`, `{ p50: 200ms, p99: 3s }` | the reply comes later, in real time; drawn from the seed |
    delay Delay(delay::Delay) Wait;
    /// | `throttle: 1/s`, `{ per_second: 1, burst: 1 }` | `Throttling.User` for callers that are faster, with the wait in ms: in `x-acs-retry-after` (Python, openapi-core) and `x-ratelimit-user` (Go 2.1.13). `code: Throttling.Api` or `Throttling`. The bucket fills in real time, whatever the task clock does |
    throttle Throttle(throttle::Throttle) Gate;
    /// | `error: NoPermission` | an error in the service's own words, JSON or XML; the call is not done. `{ status: 418, code: Teapot, message: …, recommend: … }` for one of your own. `Throttling.User` here says no wait; `throttle` does |
    error Error(InjectedError) Refuse;
    /// | `lie: ServerError` | the call is done, and reported as failed |
    lie Lie(lie::Lie) Lie;
    /// | `connection: close`, `reset` or `hang` | the end of the connection, a reset, or nothing at all until the client gives up; the call is not done. `{ kind: reset, when: after }`: it is done |
    connection Connection(connection::Disconnection) Break;
    /// | `patch: { TaskInfo: { Progress: many, Result: null } }` | the reply with members set and (`null`) removed, a JSON merge patch (RFC 7396); replies in XML are left as they are |
    patch Patch(patch::Patch) Edit;
    /// | `headers: { set: { x-test: 1 }, remove: [x-acs-request-id] }` | other headers |
    headers Headers(headers::HeaderEdits) Edit;
    /// | `body: { truncate: 20 }` | so many bytes of a body whose head promised more |
    /// | `body: { drip: { bytes_per_second: 50 } }` | a whole body, slowly |
    /// | `body: corrupt`, `body: empty` | a body that cannot be read; a 200 without one |
    /// | `body: { replace: { status: 503, content_type: text/html, text: … } }` | another reply altogether, as of a proxy in between, without our headers |
    body Body(body::Damage) Edit;
    /// | `tls: expired`, `wrong_name` or `untrusted` | not a reply but, in the TLS handshake, a certificate that was good until some days ago, is for `wrong-name.invalid`, or is of an unknown authority |
    tls Tls(BadCertificate) Handshake;
}

/// The effects of one rule: at least one, and those that go together.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "EffectKeys"))]
#[serde(try_from = "EffectKeys")]
pub struct Effects(pub(super) Vec<Effect>);

impl TryFrom<EffectKeys> for Effects {
    type Error = String;

    fn try_from(keys: EffectKeys) -> Result<Self, String> {
        let effects = keys.written();
        if effects.is_empty() {
            return Err(format!("an effect is at least one of {}", Effect::NAMES.join(", ")));
        }
        let pairs = effects.iter().flat_map(|one| effects.iter().map(move |other| (one, other)));
        match pairs.filter(|(one, other)| one != other).find_map(|(one, other)| one.conflict(other)) {
            Some(conflict) => Err(conflict),
            None => Ok(Self(effects)),
        }
    }
}

impl Serialize for Effects {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|effect| (effect.name(), effect)))
    }
}

impl Effect {
    /// Whether it acts on the connection, for any call. The others act on what the service does and replies: they spare
    /// calls that authentication refuses.
    pub(super) fn is_on_wire(&self) -> bool {
        matches!(self.role(), Role::Wait | Role::Break | Role::Handshake)
    }

    /// Why another effect of the same rule would never act.
    fn conflict(&self, other: &Self) -> Option<String> {
        let why = match (self.role(), other.role()) {
            (Role::Handshake, _) => "acts on TLS handshakes, not on calls",
            (Role::Refuse, Role::Gate | Role::Refuse | Role::Lie | Role::Break) => "refuses the call",
            (Role::Break, Role::Lie | Role::Edit) => "leaves no reply",
            _ => return None,
        };
        Some(format!("{}: {why}, so {}: would do nothing; write two faults", self.name(), other.name()))
    }
}

/// Changes a reply by all of them, in order, and says how what is left must be sent.
pub(crate) fn apply(edits: &[Effect], mut response: Response<Bytes>) -> (Response<Bytes>, Sending) {
    let mut sending = Sending::Whole;
    for edit in edits {
        sending = edit.edit(&mut response).unwrap_or(sending);
    }
    (response, sending)
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    fn effects(json: &str) -> Vec<Effect> {
        serde_json::from_str::<Effects>(json).unwrap().0
    }

    #[test]
    fn edits_come_in_order() {
        let edits = effects(
            r#"{"body":{"truncate":3},"headers":{"set":{"server":"x"},"remove":["content-type"]},"patch":{"A":2}}"#,
        );
        let response = Response::builder().header("content-type", "a").header("etag", "b");
        let response = response.body(Bytes::from_static(b"{\"A\":1}")).unwrap();
        let (response, sending) = apply(&edits, response);
        assert_eq!((response.body().as_ref(), sending), (br#"{"A":2}"#.as_slice(), Sending::Truncated(3)));
        assert_eq!(response.headers().keys().collect::<Vec<_>>(), [header::SERVER]);
    }

    /// What is shown reads the same, and one that is written in its shortest form is shown as it is.
    #[test]
    fn effects_are_shown_as_they_are_written() {
        for case in Effect::CASES.iter().copied().flatten() {
            let effects: Effects = serde_json::from_str(case.effect).unwrap();
            let shown = serde_json::to_value(&effects).unwrap();
            assert_eq!(serde_json::from_value::<Effects>(shown.clone()).unwrap(), effects);
            assert_eq!(shown.to_string(), case.effect, "{}", case.name);
        }
    }

    #[test]
    fn every_effect_is_seen_by_self_check() {
        for (name, cases) in Effect::NAMES.iter().zip(Effect::CASES) {
            let is_about = |case: &Case| case.effect.starts_with(&format!(r#"{{"{name}":"#));
            assert!(!cases.is_empty() && cases.iter().all(is_about), "{name}");
        }
    }

    /// `UPDATE_DOCS=1 cargo test --lib page_lists` writes the table of docs/faults.md.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "the page is read, and written on demand")]
    fn the_page_lists_the_effects() {
        const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/faults.md");
        const START: &str = "effects: made from src/fault/effect; a test compares -->\n";
        const END: &str = "<!-- /effects -->";
        let rows: Vec<_> = ROWS.iter().map(|row| row.trim_start()).collect();
        let table = format!("\n| key | what the client sees |\n|---|---|\n{}\n\n", rows.join("\n"));
        let page = std::fs::read_to_string(PAGE).unwrap();
        let (before, rest) = page.split_once(START).unwrap();
        let (_, after) = rest.split_once(END).unwrap();
        let updated = format!("{before}{START}{table}{END}{after}");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(PAGE, updated).unwrap();
        } else {
            assert!(page == updated, "{PAGE} is not up to date: UPDATE_DOCS=1 cargo test --lib page_lists");
        }
    }
}
