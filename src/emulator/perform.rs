//! One API call in the core, after its arrival: its operation, or the answer that is written for it.

use super::accounts;
use super::call::Arrived;
use crate::answers::{CallFacts, Entry};
use crate::domain::unmodelled::Unmodelled;
use crate::domain::{ApiError, Code, Fidelity, Value, permission};
use crate::operations::{self, Context, Documented, Operation};
use crate::protocol::Call;

/// What makes the reply that nothing written by a person has a part in.
enum Base {
    Modelled(&'static Operation),
    Shaped(Documented),
}

impl Arrived {
    /// Does what the call asks for, or gives it the answer that is written for it: the outcome, and how far it can be
    /// trusted.
    pub fn perform(&self, call: &Call<'_>) -> (Result<Value, ApiError>, Fidelity) {
        // Refusals follow from documented rules, whatever the reply would have been.
        self.outcome(call).unwrap_or_else(|error| (Err(error), Fidelity::Modelled))
    }

    /// An error is one that no person has written.
    fn outcome(&self, call: &Call<'_>) -> Result<(Result<Value, ApiError>, Fidelity), ApiError> {
        let account = self.caller.as_ref().map_err(Clone::clone)?;
        let operation = operations::find(call.action);
        self.check_permission(call, operation)?;
        let is_refused = operation.is_none() && self.refuses_unmodelled();
        if is_refused && !self.session.answers.is_any() {
            return Err(Code::NOT_MODELLED.into());
        }
        let base = match operation {
            Some(operation) => Base::Modelled(operation),
            None => Base::Shaped(Documented::find(call.action)?),
        };
        let world = self.session.world();
        let account = &mut *accounts::lock(account);
        // An account that was reset meanwhile begins anew, without the calls that arrived before.
        let book = Some(&self.session.answers).filter(|_| !account.is_retired);
        let task = || {
            let tasks = &account.account.tasks;
            let task = operations::task_of(call.action, call.params, tasks, world.assumptions)?;
            Some(task.state_at(self.now))
        };
        let given = book.and_then(|book| book.give(call, &self.id, task));
        let context = &mut account.context(self.now, world);
        let Some(given) = given else {
            if is_refused {
                return Err(Code::NOT_MODELLED.into());
            }
            return Ok((Ok(base.reply(context, call)?), base.fidelity()));
        };
        let facts = CallFacts {
            params: call.params,
            now: context.now,
            request_id: self.ids.request,
            account: &self.id,
        };
        let result = match given.entry() {
            Entry::Error(error) => Err(ApiError::clone(error)),
            Entry::Whole(template) => Ok(template.whole(&facts)),
            Entry::Reply(template) => Ok(template.over(base.reply(context, call)?, &facts)),
        };
        Ok((result, Fidelity::Scripted))
    }

    fn check_permission(&self, call: &Call<'_>, operation: Option<&Operation>) -> Result<(), ApiError> {
        let policy = self.session.world().keyring.find(&self.id).map(|found| &found.key.policy);
        let Some(denial) = policy.and_then(|policy| policy.denial(call.action)) else { return Ok(()) };
        let default = || format!("{}:{}", permission::PREFIXES[1], call.action);
        let action = operation.map_or_else(default, Operation::ram_action);
        Err(denial.error(action, &self.id))
    }

    fn refuses_unmodelled(&self) -> bool {
        let world = self.session.world();
        let own = world.keyring.find(&self.id).and_then(|found| found.key.unmodelled);
        own.unwrap_or(world.unmodelled) == Unmodelled::Refuse
    }
}

impl Base {
    fn reply(&self, context: &mut Context<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
        match self {
            Self::Modelled(operation) => operation.call(context, call.params),
            Self::Shaped(operation) => operation.call(context, call.params),
        }
    }

    fn fidelity(&self) -> Fidelity {
        match self {
            Self::Modelled(_) => Fidelity::Modelled,
            Self::Shaped(_) => Fidelity::Shape,
        }
    }
}
