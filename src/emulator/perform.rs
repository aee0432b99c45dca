//! What a call that has arrived gets: the reply of its operation, the documented shape of one, or what is written for it.

use std::cell::Cell;
use std::sync::PoisonError;

use super::accounts::{self, AccountState};
use super::call::Arrived;
use crate::answers::{AnswerEntry, CallFacts, GivenAnswer};
use crate::domain::unmodelled::Unmodelled;
use crate::domain::{ApiError, Code, Fidelity, Principal, Product, Value};
use crate::operations::{self, Context, Operation, Requester, UnmodelledOperation};
use crate::protocol::Call;

/// The operation that a call names.
struct CalledOperation<'c> {
    call: &'c Call<'c>,
    product: &'static Product,
    /// If it is modelled.
    operation: Option<&'static Operation>,
    /// Whether a call of one that is not gets its documented shape.
    is_shaped: bool,
}

/// The outcome of a call, and how far it can be trusted.
type Performed = (Result<Value, ApiError>, Fidelity);

impl Arrived {
    /// Does what the call asks for, or gives it the answer that is written for it: the outcome, and how far it can be
    /// trusted.
    pub fn perform(&self, call: &Call<'_>) -> Performed {
        // Refusals follow from documented rules, whatever the reply would have been.
        self.outcome(call).unwrap_or_else(|error| (Err(error), Fidelity::Modelled))
    }

    /// An error is one that no person has written.
    fn outcome(&self, call: &Call<'_>) -> Result<Performed, ApiError> {
        let (principal, account) = self.caller.as_ref().map_err(Clone::clone)?;
        let target = self.target(call, principal)?;
        self.check_permission(&target, principal)?;
        let (gateway_now, seed) = (self.gateway_now, self.session.seed);
        let requester = Requester { principal, gateway_now, seed, issued: None };
        let account = &mut *accounts::lock(account);
        let given = self.given(call, principal, account);
        let mut context = account.context(self.now, self.session.world()).requested_by(requester);
        let outcome = match given {
            Some(given) => self.scripted(&target, &given, &mut context, principal),
            None => target.unscripted(&mut context),
        };
        let issued = context.requester.and_then(|requester| requester.issued);
        // A reset of the account ends its temporary keys, also those that a call gets which arrived before.
        if let Some(key) = issued.filter(|_| !account.is_retired) {
            self.session.temporary_keys.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        }
        outcome
    }

    fn target<'c>(&self, call: &'c Call<'c>, principal: &Principal) -> Result<CalledOperation<'c>, ApiError> {
        let product = call.product.ok_or(Code::INVALID_VERSION)?;
        let world = self.session.world();
        let own = world.keyring.find(principal.owner()).and_then(|found| found.key.unmodelled);
        let is_shaped = own.unwrap_or(world.unmodelled) == Unmodelled::Shape;
        Ok(CalledOperation { call, product, operation: operations::find(product, call.action), is_shaped })
    }

    fn check_permission(&self, target: &CalledOperation<'_>, principal: &Principal) -> Result<(), ApiError> {
        let CalledOperation { call, product, operation, .. } = *target;
        if operation.is_some_and(Operation::is_unrestricted) {
            return Ok(());
        }
        let own = self.session.world().keyring.find(principal.owner()).map(|found| &found.key.policy);
        let mut policies = own.into_iter().chain(principal.role().map(|role| &role.policy));
        let Some(denial) = policies.find_map(|policy| policy.denial(product, call.action)) else {
            return Ok(());
        };
        let prefix = product.ram_prefixes.last().copied().unwrap_or_default();
        let action = operation.and_then(Operation::ram_action);
        Err(denial.error(action.unwrap_or_else(|| format!("{prefix}:{}", call.action)), principal))
    }

    /// The answer that is written for the call, if there is one; it is counted.
    fn given(&self, call: &Call<'_>, principal: &Principal, account: &AccountState) -> Option<GivenAnswer> {
        // An account that was reset meanwhile begins anew, without the calls that arrived before.
        let book = Some(&self.session.answers).filter(|_| !account.is_retired)?;
        book.give(call, principal.account(), || {
            let tasks = &account.account.tasks;
            let task =
                operations::task_of(call.action, call.params, tasks, self.session.world().assumptions)?;
            Some(task.state_at(self.now))
        })
    }

    fn scripted(
        &self,
        target: &CalledOperation<'_>,
        given: &GivenAnswer,
        context: &mut Context<'_>,
        principal: &Principal,
    ) -> Result<Performed, ApiError> {
        let facts = CallFacts {
            params: target.call.params,
            now: context.now,
            request_id: self.ids.request,
            account: principal.account(),
            room: Cell::new(CallFacts::ROOM),
        };
        let result = match given.entry() {
            AnswerEntry::Error(error) => Err(ApiError::clone(error)),
            AnswerEntry::Whole(template) => Ok(template.whole(&facts)),
            // A part needs something to be laid over, also where calls without an answer are refused.
            AnswerEntry::Reply(template) => Ok(template.over(target.base(context)?, &facts)),
        };
        Ok((result, Fidelity::Scripted))
    }
}

impl CalledOperation<'_> {
    /// The reply that nothing written by a person has a part in.
    fn unscripted(&self, context: &mut Context<'_>) -> Result<Performed, ApiError> {
        if self.operation.is_none() && !self.is_shaped {
            return Err(operations::not_modelled(self.product, self.call.action));
        }
        let fidelity = if self.operation.is_some() { Fidelity::Modelled } else { Fidelity::Shape };
        Ok((Ok(self.base(context)?), fidelity))
    }

    /// The modelled reply, or else the documented shape of one.
    fn base(&self, context: &mut Context<'_>) -> Result<Value, ApiError> {
        match self.operation {
            Some(operation) => operation.call(context, self.call.params),
            None if self.product == Product::SAS => {
                UnmodelledOperation::find(self.call.action)?.call(context, self.call.params)
            }
            // No metadata of other products are here.
            None => Err(operations::not_modelled(self.product, self.call.action)),
        }
    }
}
