//! The row of one operation: what it is called, what it takes and what it does.

use jiff::Timestamp;

use super::{Param, settle};
use crate::dice::Dice;
use crate::domain::{Account, ApiError, Params, Value, World};

/// What every operation can read and change, beside its parameters.
pub struct Context<'a> {
    /// The task clock's reading for this call.
    pub now: Timestamp,
    pub account: &'a mut Account,
    pub dice: &'a mut Dice,
    pub world: &'a World,
}

/// Runs an operation whose parameters have been checked.
type Handler = fn(&mut Context<'_>, &Params) -> Result<Value, ApiError>;

pub struct Operation {
    pub name: &'static str,
    /// What it does, in half a sentence.
    pub summary: &'static str,
    pub params: &'static [Param],
    /// The parameters that choose the task it is about.
    pub identity: &'static [&'static str],
    /// How much of it is modelled, and on what evidence.
    pub evidence: &'static str,
    ram_prefix: &'static str,
    handler: Handler,
}

impl Operation {
    pub(super) const fn new(name: &'static str, handler: Handler) -> Self {
        let ram_prefix = "yundun-sas";
        Self { name, summary: "", params: &[], identity: &[], evidence: "", ram_prefix, handler }
    }

    pub(super) const fn summary(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// Its RAM action has the product's former prefix.
    pub(super) const fn legacy_ram(self) -> Self {
        Self { ram_prefix: "yundun-aegis", ..self }
    }

    pub(super) const fn params(self, params: &'static [Param]) -> Self {
        Self { params, ..self }
    }

    pub(super) const fn identity(self, identity: &'static [&'static str]) -> Self {
        Self { identity, ..self }
    }

    pub(super) const fn evidence(self, evidence: &'static str) -> Self {
        Self { evidence, ..self }
    }

    /// The RAM action that allows it, prefix included.
    pub fn ram_action(&self) -> String {
        format!("{}:{}", self.ram_prefix, self.name)
    }

    /// Checks the parameters, starts the tasks that are due, then runs the operation.
    pub fn call(&self, context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
        self.params.iter().try_for_each(|param| param.check(params))?;
        settle(context);
        (self.handler)(context, params)
    }
}
