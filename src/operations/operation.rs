//! The row of one operation: what it is called, what it takes and what it does.

use jiff::Timestamp;

use super::refusals::not_filtered;
use super::{Param, settle};
use crate::dice::Dice;
use crate::domain::groups::Groups;
use crate::domain::{Account, ApiError, Code, Params, Principal, Product, TemporaryKey, Value, World};

/// What every operation can read and change, beside its parameters.
pub struct Context<'a> {
    /// The task clock's reading for this call.
    pub now: Timestamp,
    pub account: &'a mut Account,
    pub dice: &'a mut Dice,
    pub world: &'a World,
    /// None where no call is performed.
    pub requester: Option<Requester<'a>>,
}

impl<'a> Context<'a> {
    pub fn new(now: Timestamp, account: &'a mut Account, dice: &'a mut Dice, world: &'a World) -> Self {
        Self { now, account, dice, world, requester: None }
    }

    #[must_use]
    pub fn requested_by(self, requester: Requester<'a>) -> Self {
        Self { requester: Some(requester), ..self }
    }

    /// The groups of servers, and which server is in which.
    pub(super) fn groups(&self) -> Groups<'_> {
        self.account.groups(self.world)
    }

    /// Whose call is performed.
    pub(super) fn principal(&self) -> Result<&'a Principal, ApiError> {
        let requester = self.requester.as_ref().ok_or(Code::INTERNAL)?;
        Ok(requester.principal)
    }
}

/// Whose call is performed, and what it gets beside its reply.
#[derive(Debug)]
pub struct Requester<'a> {
    pub principal: &'a Principal,
    /// The gateway clock's reading at the arrival of the call.
    pub gateway_now: Timestamp,
    /// The seed of the session, from which the secrets of temporary keys follow.
    pub seed: u64,
    /// The temporary key that the session must know from now on.
    pub issued: Option<TemporaryKey>,
}

/// Runs an operation whose parameters have been checked.
type Handler = fn(&mut Context<'_>, &Params) -> Result<Value, ApiError>;

/// Calls that a free account is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidCalls {
    All,
    /// Those in which a parameter has one of these values.
    With(&'static str, &'static [&'static str]),
}

pub struct Operation {
    pub name: &'static str,
    pub product: &'static Product,
    /// What it does, in half a sentence.
    pub summary: &'static str,
    pub params: &'static [Param],
    /// The parameters that choose the task it is about.
    pub identity: &'static [&'static str],
    /// How much of it is modelled, and on what evidence.
    pub evidence: &'static str,
    /// Which calls an account is refused whose servers are all of the free edition.
    pub paid: Option<PaidCalls>,
    /// None if every caller may use it, whatever its policy says.
    ram_prefix: Option<&'static str>,
    handler: Handler,
}

impl Operation {
    pub(super) const fn new(name: &'static str, handler: Handler) -> Self {
        Self::of(Product::SAS, name, handler)
    }

    /// Of a product beside Security Center.
    pub(super) const fn of(product: &'static Product, name: &'static str, handler: Handler) -> Self {
        let ram_prefix = product.ram_prefixes.last().copied();
        Self {
            name,
            product,
            summary: "",
            params: &[],
            identity: &[],
            evidence: "",
            paid: None,
            ram_prefix,
            handler,
        }
    }

    pub(super) const fn summary(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// Its RAM action has the product's former prefix.
    pub(super) const fn legacy_ram(self) -> Self {
        Self { ram_prefix: Some("yundun-aegis"), ..self }
    }

    /// An account is refused that pays for none of its servers.
    pub(super) const fn paid(self) -> Self {
        Self { paid: Some(PaidCalls::All), ..self }
    }

    /// It is refused the calls in which a parameter has one of these values.
    pub(super) const fn paid_with(self, name: &'static str, values: &'static [&'static str]) -> Self {
        Self { paid: Some(PaidCalls::With(name, values)), ..self }
    }

    /// Every caller may use it, whatever its policy says.
    pub(super) const fn unrestricted(self) -> Self {
        Self { ram_prefix: None, ..self }
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

    /// The RAM action that allows it, prefix included; none if it needs none.
    pub fn ram_action(&self) -> Option<String> {
        Some(format!("{}:{}", self.ram_prefix?, self.name))
    }

    pub fn is_unrestricted(&self) -> bool {
        self.ram_prefix.is_none()
    }

    fn must_be_paid(&self, params: &Params) -> bool {
        match self.paid {
            None => false,
            Some(PaidCalls::All) => true,
            Some(PaidCalls::With(name, values)) => values.contains(&params.text(name)),
        }
    }

    /// Checks the parameters, starts the tasks that are due, then runs the operation.
    pub fn call(&self, context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
        self.params.iter().try_for_each(|param| param.check(params))?;
        let refused = |param: &&Param| param.refused.is_some() && param.is_given(params);
        if let Some(param) = self.params.iter().find(refused)
            && !context.world.assumptions.ignores_criteria()
        {
            return Err(not_filtered("parameter", param.name, self.name));
        }
        if self.must_be_paid(params) && context.account.servers.are_free() {
            return Err(Code::FREE_VERSION.into());
        }
        settle(context);
        (self.handler)(context, params)
    }
}
