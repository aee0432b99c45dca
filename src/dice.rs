//! Reproducible randomness: one seed, named streams, nothing global.
//!
//! Each stream is an independent keystream, so a further draw from one moves no other, and the same seed draws the same on
//! every platform.

use jiff::SignedDuration;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use crate::text::by_hand;

/// What a stream is for. Renumbering would change what every seed draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    RequestIds = 1,
    TaskIds = 2,
    Plans = 3,
    Faults = 4,
    TemporaryKeys = 5,
}

/// The random streams of one owner: an account, or the gateway itself. It holds no generators, of 300 bytes each, for
/// most accounts draw a few times and then no more: each draw makes the one it needs.
#[derive(Debug)]
pub struct Dice {
    key: Key,
    positions: Positions,
}

/// What all streams of one owner begin from.
type Key = [u8; 32];

/// How far each stream was read, in words of 32 bits. With seed and owner, this is the whole state of [`Dice`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Positions {
    #[serde(deserialize_with = "position")]
    request_ids: u64,
    #[serde(deserialize_with = "position")]
    task_ids: u64,
    #[serde(deserialize_with = "position")]
    plans: u64,
    #[serde(default, skip_serializing_if = "by_hand::is_zero", deserialize_with = "position")]
    temporary_keys: u64,
}

/// Where a stream of a snapshot may be at most, so that no session reads it to its end.
const LAST_POSITION: u64 = 1 << 62;

fn position<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let position = u64::deserialize(deserializer)?;
    if position > LAST_POSITION {
        return Err(D::Error::custom(format!("expected a position of at most 2^62, not {position}")));
    }
    Ok(position)
}

impl Dice {
    /// The streams of `owner` under `seed`. Owners share no stream, so no account changes what another one sees.
    pub fn new(seed: u64, owner: &str) -> Self {
        Self::resume_from(seed, owner, Positions::default())
    }

    /// The streams of `owner` under `seed`, continued from `positions`.
    pub fn resume_from(seed: u64, owner: &str, positions: Positions) -> Self {
        Self { key: key(seed, owner), positions }
    }

    pub fn positions(&self) -> Positions {
        self.positions
    }

    /// A copy for what only reads: what it draws is not consumed here.
    pub(crate) fn reading(&self) -> Self {
        Self { key: self.key, positions: self.positions }
    }

    /// The values of replies that only have a shape; nothing is drawn for them.
    pub(crate) fn of_shapes(&self) -> ShapeDice {
        ShapeDice(self.key)
    }

    /// What the seed says of the owner's world; nothing is consumed.
    pub(crate) fn of_world(&self) -> WorldDice {
        WorldDice(self.key)
    }

    pub fn task_id(&mut self) -> u128 {
        self.draw(Purpose::TaskIds, RngExt::random)
    }

    /// Passes over the ids of so many tasks, as if they had been drawn.
    pub fn skip_task_ids(&mut self, count: u64) {
        /// Words of 32 bits that an id takes.
        const WORDS: u64 = 4;
        let position = &mut self.positions.task_ids;
        *position = position.saturating_add(count.saturating_mul(WORDS));
    }

    pub fn within(&mut self, min: SignedDuration, max: SignedDuration) -> SignedDuration {
        self.draw(Purpose::Plans, |rng| within(rng, min, max))
    }

    /// What tells a temporary key from others of the same role.
    pub fn temporary_key(&mut self) -> u128 {
        self.draw(Purpose::TemporaryKeys, RngExt::random)
    }

    fn draw<T>(&mut self, purpose: Purpose, read: impl FnOnce(&mut ChaCha8Rng) -> T) -> T {
        let Positions { task_ids, plans, temporary_keys, .. } = &mut self.positions;
        let position = match purpose {
            Purpose::TaskIds => task_ids,
            Purpose::TemporaryKeys => temporary_keys,
            _ => plans,
        };
        let mut rng = stream(self.key, purpose, (*position).into());
        let drawn = read(&mut rng);
        // No stream is ever read to 2^64 words.
        *position = u64::try_from(rng.get_word_pos()).unwrap_or(u64::MAX);
        drawn
    }
}

/// The stream of ids of requests. Every call draws from it, so that it keeps its generator.
#[derive(Debug)]
pub struct RequestIdStream {
    rng: ChaCha8Rng,
    /// Where the owner's other streams are: nothing draws from them.
    others: Positions,
}

impl RequestIdStream {
    /// The stream of `owner` under `seed`, continued from `positions`.
    pub fn resume_from(seed: u64, owner: &str, positions: Positions) -> Self {
        let rng = stream(key(seed, owner), Purpose::RequestIds, positions.request_ids.into());
        Self { rng, others: positions }
    }

    /// The ids of a request: its own and that of its trace.
    pub fn draw(&mut self) -> [[u8; 16]; 2] {
        let mut ids = [[0; 16]; 2];
        self.rng.fill_bytes(ids.as_flattened_mut());
        ids
    }

    pub fn positions(&self) -> Positions {
        // No stream is ever read to 2^64 words.
        let request_ids = u64::try_from(self.rng.get_word_pos()).unwrap_or(u64::MAX);
        Positions { request_ids, ..self.others }
    }
}

impl Positions {
    /// How many task ids were drawn.
    pub fn task_ids(self) -> u64 {
        self.task_ids / 4
    }
}

/// The draws that decide what a fault rule does to the calls of one account: each call has its own, by its number, and
/// does not depend on the others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FaultDice<'o> {
    seed: u64,
    account: &'o str,
    rule: &'o str,
    nth: u64,
}

impl<'o> FaultDice<'o> {
    pub(crate) fn new(seed: u64, account: &'o str, rule: &'o str) -> Self {
        Self { seed, account, rule, nth: 0 }
    }

    #[must_use]
    pub(crate) fn at(self, nth: u64) -> Self {
        Self { nth, ..self }
    }

    pub(crate) fn happens(self, probability: f64) -> bool {
        self.stream(0).random_bool(probability.clamp(0.0, 1.0))
    }

    pub(crate) fn within(self, min: SignedDuration, max: SignedDuration) -> SignedDuration {
        within(&mut self.stream(1), min, max)
    }

    /// A length of time of which half are below `p50` and 99 of 100 below `p99`; never more than ten times the latter.
    pub(crate) fn log_normal(self, p50: SignedDuration, p99: SignedDuration) -> SignedDuration {
        /// The standard normal distribution's 99th percentile.
        const Z99: f64 = 2.326_347_874_040_841;
        let median = p50.as_secs_f64().max(1e-9);
        let high = p99.as_secs_f64().max(median);
        let sigma = (high / median).ln() / Z99;
        let seconds =
            LogNormal::new(median.ln(), sigma).map_or(median, |curve| curve.sample(&mut self.stream(2)));
        SignedDuration::try_from_secs_f64(seconds.min(high * 10.0)).unwrap_or(p99)
    }

    /// Each kind of draw has its own stream, so that adding a delay to a rule does not change when it fires.
    fn stream(self, kind: u128) -> ChaCha8Rng {
        // No rule's name holds a line end, so no two pairs give one text.
        let owner = format!("{}\n{}", self.account, self.rule);
        // 2^20 words are more than any draw needs.
        let position = (u128::from(self.nth) * 4 + kind) << 20;
        stream(key(self.seed, &owner), Purpose::Faults, position)
    }
}

/// The values of a reply that only has a shape: a tree of names, with bytes at each place that depend on nothing but the
/// seed, the owner and the names on the way to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShapeDice(Key);

impl ShapeDice {
    #[must_use]
    pub(crate) fn at(&self, name: &str) -> Self {
        let key = Sha256::new().chain_update(b"sas-emulator shape 1").chain_update(self.0);
        Self(key.chain_update(name.as_bytes()).finalize().into())
    }

    pub(crate) fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// Less than `end`, which is above 0.
    pub(crate) fn below(&self, end: u64) -> u64 {
        let mut first = [0; 8];
        first.copy_from_slice(&self.0[..8]);
        u64::from_be_bytes(first) % end.max(1)
    }
}

/// What a seed says of the world of one owner: streams by name, each the same whenever it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WorldDice(Key);

/// Numbers of one stream of a world, in their order.
#[derive(Debug)]
pub(crate) struct WorldStream(ChaCha8Rng);

impl WorldDice {
    pub(crate) fn stream(&self, name: &str) -> WorldStream {
        let key = Sha256::new().chain_update(b"sas-emulator world 1").chain_update(self.0);
        let key: Key = key.chain_update(name.as_bytes()).finalize().into();
        WorldStream(ChaCha8Rng::from_seed(key))
    }
}

impl WorldStream {
    /// Less than `end`; 0 if that is 0. Each draw takes two words, whatever it gives.
    pub(crate) fn below(&mut self, end: u32) -> u32 {
        let drawn = (u128::from(self.0.next_u64()) * u128::from(end)) >> 64;
        // It is below a u32.
        u32::try_from(drawn).unwrap_or_default()
    }

    /// Goes to the numbers of an entry, so that entries do not depend on how much the others draw: each has 64.
    pub(crate) fn entry(&mut self, place: u32) {
        self.0.set_word_pos(u128::from(place) * 128);
    }
}

fn key(seed: u64, owner: &str) -> Key {
    Sha256::new()
        .chain_update(b"sas-emulator dice 1")
        .chain_update(seed.to_be_bytes())
        .chain_update(owner.as_bytes())
        .finalize()
        .into()
}

fn stream(key: Key, purpose: Purpose, position: u128) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::from_seed(key);
    rng.set_stream(purpose as u64);
    rng.set_word_pos(position);
    rng
}

/// A length of time from `min` to `max`, both included, in whole milliseconds.
fn within(rng: &mut ChaCha8Rng, min: SignedDuration, max: SignedDuration) -> SignedDuration {
    let [low, high] = [min, max].map(|length| i64::try_from(length.as_millis()).unwrap_or(i64::MAX));
    SignedDuration::from_millis(rng.random_range(low..=high.max(low)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    fn ids(seed: u64, owner: &str) -> RequestIdStream {
        RequestIdStream::resume_from(seed, owner, Positions::default())
    }

    #[test]
    fn a_seed_draws_the_same_in_every_version() {
        let mut dice = Dice::new(42, "test");
        let lengths: Vec<i128> = (0..4)
            .map(|_| dice.within(SignedDuration::from_secs(30), SignedDuration::from_secs(50)).as_millis())
            .collect();
        insta::assert_compact_debug_snapshot!((HEXLOWER.encode(&ids(42, "test").draw()[0]), format!("{:x}", dice.task_id()), lengths), @r#"("3708c44f43f0d49db218cc3ef3a4156e", "807df94bbe98182bd452345078a2bb2c", [48979, 40968, 38462, 37091])"#);
    }

    #[test]
    fn streams_and_owners_are_independent() {
        let (mut one, mut two) = (Dice::new(7, "a"), Dice::new(7, "a"));
        let second = SignedDuration::from_secs(1);
        one.within(second, second * 1000);
        assert_eq!(one.task_id(), two.task_id());
        assert_ne!(one.task_id(), Dice::new(7, "b").task_id());
        assert_ne!(ids(7, "a").draw(), ids(7, "b").draw());
    }

    #[test]
    fn ids_that_are_passed_over_are_those_that_would_have_been_drawn() {
        let (mut one, mut two) = (Dice::new(7, "a"), Dice::new(7, "a"));
        let drawn: Vec<u128> = (0..6).map(|_| one.task_id()).collect();
        two.skip_task_ids(5);
        assert_eq!(two.task_id(), drawn[5]);
        two.skip_task_ids(u64::MAX / 4);
        two.task_id();
    }

    #[test]
    fn dice_resume_from_their_positions() {
        let (short, long) = (SignedDuration::from_millis(1), SignedDuration::from_hours(9_000_000));
        let draw = |dice: &mut Dice| (dice.task_id(), dice.within(short, long));
        for draws in 0..40 {
            let mut dice = Dice::new(7, "a");
            for turn in 0..draws {
                draw(&mut dice);
                // Odd numbers of words too: a small range draws one, a large one two.
                dice.within(short, SignedDuration::from_millis(turn + 2));
            }
            let mut again = Dice::resume_from(7, "a", dice.positions());
            assert_eq!(draw(&mut again), draw(&mut dice));
        }
    }

    #[test]
    fn request_ids_resume_from_their_position() {
        let mut drawn = ids(7, "a");
        for draws in 0..40_u64 {
            let positions = drawn.positions();
            assert_eq!(positions, Positions { request_ids: 8 * draws, ..Positions::default() });
            assert_eq!(RequestIdStream::resume_from(7, "a", positions).draw(), drawn.draw());
        }
    }
}
