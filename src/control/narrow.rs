//! `?account=`: one account instead of all.

use serde::Deserialize;

use super::{Control, Refusal};
use crate::gateway::AccountError;

/// The query of what can be narrowed and takes nothing else.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Narrow {
    account: Option<String>,
}

impl Narrow {
    /// The one account, if it is about one.
    pub(super) fn account(self) -> Result<Option<String>, Refusal> {
        match self.account {
            Some(account) if account.is_empty() => Err(Refusal::new(400, "no_account", "?account= is empty")
                .hint("leave it out to mean every account")),
            account => Ok(account),
        }
    }
}

impl Control {
    /// Checks that an account exists or could: of one that cannot, there is never anything to see.
    pub(super) fn known(&self, account: Option<&str>) -> Result<(), Refusal> {
        account.map_or(Ok(()), |account| Ok(self.gateway.check_account(account)?))
    }
}

impl From<AccountError> for Refusal {
    fn from(error: AccountError) -> Self {
        let (status, word, hint) = match &error {
            AccountError::Impossible => (400, "bad_account", "for example ?account=test"),
            AccountError::Unknown { .. } => (
                404,
                "unknown_account",
                "the scenario's accounts:, or --keys, list the AccessKeyIds there are",
            ),
            AccountError::TooMany(_) => (503, "too_many_accounts", "POST /_emulator/reset forgets them all"),
        };
        Self::new(status, word, error.to_string()).hint(hint)
    }
}
