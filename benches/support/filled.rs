//! An account with a given number of tasks, created by the operations themselves, without gateway and socket.

use jiff::{SignedDuration, Timestamp};
use sas_emulator::internals::dice::Dice;
use sas_emulator::internals::domain::{Account, Params, Value, World};
use sas_emulator::internals::operations::{self, Context, Operation};

pub(crate) const TYPE: &str = "VUL_CHECK_TASK";

/// An account that keeps no more tasks than it was filled with.
pub(crate) struct Filled {
    pub(crate) world: World,
    pub(crate) account: Account,
    dice: Dice,
    pub(crate) now: Timestamp,
}

impl Filled {
    /// Starts `count` tasks, one a second, each of which takes ten: all but nine are over. `pairs` gives the rest of
    /// `GenerateOnceTask` for the task of that place.
    pub(crate) fn new(
        world: World,
        count: usize,
        pairs: impl Fn(usize) -> Vec<(&'static str, String)>,
    ) -> Self {
        let mut dice = Dice::new(0, "bench");
        let account = operations::populate(&world, "test", Timestamp::UNIX_EPOCH, &mut dice);
        let mut filled = Self { world, account, dice, now: Timestamp::UNIX_EPOCH };
        filled.world.limits.kept = count;
        for place in 0..count {
            filled.start(&pairs(place));
        }
        filled
    }

    /// Starts one more task a second later, which evicts the oldest.
    pub(crate) fn start(&mut self, pairs: &[(&str, String)]) -> Value {
        self.now += SignedDuration::from_secs(1);
        let named = [("TaskType", TYPE.to_owned()), ("TaskName", TYPE.to_owned())];
        self.call(operation("GenerateOnceTask"), &params(named.iter().chain(pairs)))
    }

    /// Calls as the gateway does.
    pub(crate) fn call(&mut self, operation: &Operation, params: &Params) -> Value {
        let Self { world, account, dice, now } = self;
        operation.call(&mut Context::new(*now, account, dice, world), params).unwrap()
    }
}

pub(crate) fn operation(name: &str) -> &'static Operation {
    operations::find_by_name(name).unwrap()
}

pub(crate) fn params<'a>(pairs: impl IntoIterator<Item = &'a (&'a str, String)>) -> Params {
    pairs.into_iter().map(|(name, value)| (*name, value)).collect()
}
