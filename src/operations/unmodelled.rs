//! Operations that are not modelled: their calls are checked, and answered with the documented shape.

use super::Context;
use crate::domain::{ApiError, Code, Params, Value};
use crate::shapes::{self, OperationShape, ReplyInputs};

/// An operation that only its metadata describe.
pub(crate) struct UnmodelledOperation(OperationShape);

impl UnmodelledOperation {
    /// The metadata are unpacked if they were not before, which takes some milliseconds.
    pub(crate) fn find(name: &str) -> Result<Self, ApiError> {
        shapes::find(name).map(Self).ok_or_else(|| Code::ACTION_NOT_FOUND.into())
    }

    /// Checks the parameters, then makes the reply.
    pub(crate) fn call(&self, context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
        let Self(shape) = self;
        shape.check(params)?;
        let account = &mut *context.account;
        let creation = creates(shape.name).then(|| {
            account.creations = account.creations.saturating_add(1);
            account.creations
        });
        let (dice, settings) = (context.dice.of_shapes(), context.world.shapes);
        Ok(shape.answer(&ReplyInputs { dice, params, now: context.now, settings, creation }))
    }
}

/// Whether each call makes something new, which gets an id of its own.
fn creates(name: &str) -> bool {
    ["Create", "Add"].iter().any(|start| name.starts_with(start))
}
