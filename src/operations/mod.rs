//! The operations of the service: one row each, one file each.
//!
//! A row feeds dispatch, the check of parameters, RAM, `sas-emulator operations` and the tests. To add one: a file
//! with its row and its function, and a line in [`OPERATIONS`] (ARCHITECTURE.md, "How to add an operation").

mod catalog;
mod get_last_once_task_info;
mod start;

use jiff::Timestamp;

pub use self::catalog::{is_known, nearest};
pub use self::start::populate;
use crate::dice::Dice;
use crate::domain::{Account, ApiError, Params, Value, World};

/// The modelled operations, sorted by name.
pub static OPERATIONS: &[&Operation] = &[&get_last_once_task_info::OPERATION];

/// One operation.
pub struct Operation {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, in half a sentence.
    pub summary: &'static str,
    /// The RAM action that allows it, prefix included.
    pub ram_action: &'static str,
    /// Its parameters.
    pub params: &'static [Param],
    /// How much of it is modelled, and on what evidence.
    pub evidence: &'static str,
    /// What it does.
    pub run: fn(&mut Context<'_>, &Params) -> Result<Value, ApiError>,
}

/// One parameter of an operation.
pub struct Param {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether the gateway refuses a call without it.
    pub required: bool,
}

/// What an operation may see and change.
pub struct Context<'a> {
    /// The task clock's reading for this call.
    pub now: Timestamp,
    /// The caller's account.
    pub account: &'a mut Account,
    /// The account's chance.
    pub dice: &'a mut Dice,
    /// The world the account lives in.
    pub world: &'a World,
}

/// The row of that name.
pub fn find(name: &str) -> Option<&'static Operation> {
    let index = OPERATIONS.binary_search_by_key(&name, |operation| operation.name).ok()?;
    Some(OPERATIONS[index])
}

impl Operation {
    /// Checks the parameters, then does the deed.
    pub fn call(&self, context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
        if let Some(absent) =
            self.params.iter().find(|param| param.required && params.filled(param.name).is_none())
        {
            return Err(ApiError::missing(absent.name));
        }
        (self.run)(context, params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_exist_in_the_real_service() {
        assert!(OPERATIONS.is_sorted_by(|a, b| a.name < b.name));
        for operation in OPERATIONS {
            assert!(is_known(operation.name), "{}", operation.name);
            assert!(operation.ram_action.ends_with(&format!(":{}", operation.name)));
        }
    }
}
