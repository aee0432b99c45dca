//! Which accounts there may be, for those who name one without signing as it.

use super::run::Run;
use super::{Gateway, SignatureMode};
use crate::domain::assumptions::Bearer;
use crate::domain::keyring::is_possible_id;
use crate::domain::{ApiError, Code};
use crate::text::similar::nearest;

/// Why there is no such account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Not an AccessKeyId.
    #[error("an account is named by its AccessKeyId: 1 to 128 letters, digits and - _ .")]
    Impossible,
    /// Nobody can call as this one.
    #[error("no AccessKeyId {id} exists{}", nearest.as_ref().map(|id| format!("; did you mean {id}?")).unwrap_or_default())]
    Unknown {
        /// The one that was named.
        id: String,
        /// The one that was perhaps meant.
        nearest: Option<String>,
    },
    /// There is no room for another.
    #[error("{0} accounts are kept already; --max-accounts raises the limit")]
    TooMany(usize),
}

impl From<AccountError> for ApiError {
    fn from(_: AccountError) -> Self {
        // Whoever calls has been identified; the one reason left is room, which is nobody's business but the log's.
        Code::UNAVAILABLE.into()
    }
}

impl Gateway {
    /// Checks that there is such an account, or could be.
    pub fn check_account(&self, id: &str) -> Result<(), AccountError> {
        let run = self.run();
        if run.accounts.has(id) { Ok(()) } else { run.check_account(id) }
    }
}

impl Run {
    /// Checks that somebody can call as this account, whether or not anybody has: a slip of the pen would otherwise make
    /// an account that nobody ever uses.
    pub(super) fn check_account(&self, id: &str) -> Result<(), AccountError> {
        let world = &self.setup.world;
        if !is_possible_id(id) {
            return Err(AccountError::Impossible);
        }
        let is_known = self.setup.signatures == SignatureMode::Ignore
            || world.keyring.find(id).is_some()
            || (world.assumptions.bearer == Bearer::Accept && id.starts_with("bearer-"));
        if is_known {
            return Ok(());
        }
        let nearest = nearest(id, world.keyring.listed_ids()).map(str::to_owned);
        Err(AccountError::Unknown { id: id.to_owned(), nearest })
    }
}
