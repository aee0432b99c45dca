//! What an operation can read and change.

use jiff::Timestamp;

use crate::dice::Dice;
use crate::domain::{Account, World};

/// The arguments of every operation, beside its parameters.
pub struct Context<'a> {
    /// The task clock's reading for this call.
    pub now: Timestamp,
    pub account: &'a mut Account,
    /// The account's random streams.
    pub dice: &'a mut Dice,
    pub world: &'a World,
}
