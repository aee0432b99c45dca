//! Names in selectors, checked: a name that no call can have would match nothing, and an expectation of no such calls
//! would always be met. Patterns are taken as they stand.

use std::sync::Arc;

use super::selector::{Selector, is_pattern};
use crate::domain::TaskType;
use crate::domain::error::CODES;
use crate::journal::{COMMON_PARAMETERS, CallRecord};
use crate::operations::{OPERATIONS, names};
use crate::text::similar::nearest;

/// Names that only a running emulator or a whole scenario knows. A name that a call in the journal has is known, too.
pub struct Names<'a> {
    /// Why no call can be of that account, if none can.
    pub account: &'a dyn Fn(&str) -> Result<(), String>,
    pub faults: Vec<String>,
    pub codes: Vec<String>,
    pub calls: &'a [Arc<CallRecord>],
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NameError {
    /// For programs: `unknown_action` and the like.
    pub error: &'static str,
    pub message: String,
}

/// The pytest plugin puts the account before the id of a rule: `account-1:hiccup`.
fn local(id: &str) -> &str {
    id.rsplit(':').next().unwrap_or_default()
}

fn unknown(error: &'static str) -> impl FnOnce(String) -> NameError {
    move |message| NameError { error, message }
}

impl Selector {
    /// Checks the names that are known at any time: operation, parameters, `TaskType`.
    pub fn check_api_names(&self) -> Result<(), NameError> {
        if let Some(action) = self.action.as_deref().filter(|action| !is_pattern(action)) {
            names::check_action(action).map_err(unknown("unknown_action"))?;
        }
        names::check_params(self.action.as_deref().as_slice(), self.params.keys().map(String::as_str))
            .map_err(unknown("unknown_parameter"))?;
        if let Some(name) = self.params.get("TaskType").filter(|name| !is_pattern(name)) {
            TaskType::spelt(name).map_err(unknown("unknown_task_type"))?;
        }
        Ok(())
    }

    pub fn check(&self, names: &Names<'_>) -> Result<(), NameError> {
        self.check_api_names()?;
        if let Some(account) = &self.account
            && !names.calls.iter().any(|call| call.account() == account)
        {
            (names.account)(account).map_err(unknown("unknown_account"))?;
        }
        if let Some(fault) = self.fault.as_deref().filter(|fault| !is_pattern(fault)) {
            names.check_fault(fault).map_err(unknown("unknown_fault"))?;
        }
        if let Some(code) = self.code.as_deref().filter(|code| !is_pattern(code)) {
            names.check_code(code).map_err(unknown("unknown_code"))?;
        }
        Ok(())
    }
}

impl Names<'_> {
    fn check_fault(&self, id: &str) -> Result<(), String> {
        let fired = self.calls.iter().flat_map(|call| call.faults());
        let mut known: Vec<&str> = self.faults.iter().map(String::as_str).chain(fired).collect();
        if known.contains(&id) {
            return Ok(());
        }
        known.sort_unstable();
        known.dedup();
        let meant = nearest(local(id), known.iter().map(|id| local(id)));
        let hint = match meant.and_then(|meant| known.iter().find(|id| local(id) == meant)) {
            Some(meant) => format!("; did you mean {meant}?"),
            None if known.is_empty() => "; there is none".to_owned(),
            None => format!("; known are {}", known.join(", ")),
        };
        Err(format!("no fault is called {id:?}{hint}"))
    }

    fn check_code(&self, code: &str) -> Result<(), String> {
        let seen = self.calls.iter().map(|call| call.code());
        let codes =
            CODES.iter().map(|code| code.name).chain(self.codes.iter().map(String::as_str)).chain(seen);
        let known: Vec<&str> = codes.filter(|code| !code.is_empty()).collect();
        // The gateway makes a code for each parameter that is missing or has a wrong value.
        let declared = OPERATIONS.iter().flat_map(|row| row.params).map(|param| param.name);
        let gateway = COMMON_PARAMETERS.iter().copied().chain(["ContentSha256"]);
        let params: Vec<&str> = declared.chain(gateway).collect();
        let prefix = ["Missing", "Invalid"].into_iter().find(|prefix| code.starts_with(prefix));
        let of_param = prefix.and_then(|prefix| Some((prefix, code.strip_prefix(prefix)?)));
        if known.contains(&code)
            || of_param.is_some_and(|(_, param)| params.contains(&param) || names::is_param(param))
        {
            return Ok(());
        }
        let near_code = nearest(code, known.iter().copied()).map(str::to_owned);
        let near_param =
            of_param.and_then(|(prefix, param)| Some(format!("{prefix}{}", nearest(param, params)?)));
        let hint = near_code.or(near_param).map(|meant| format!("; did you mean {meant}?"));
        Err(format!("no error code is called {code:?}{}", hint.unwrap_or_default()))
    }
}
