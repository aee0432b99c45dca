//! The error for what a RAM policy does not allow.

use super::error::{ApiError, Code};
use super::permission::Denial;
use super::principal::Principal;
use super::reply::{Value, members};

impl Denial {
    /// The error, with the `AccessDeniedDetail` of real ones (spec/protocol.md §4.1): `action` as RAM calls it, and the
    /// caller. There is no encoded message for diagnosis: only the vendor could decode one.
    pub fn error(self, action: String, caller: &Principal) -> ApiError {
        let members = members! {
            "PolicyType": "AccountLevelIdentityBasedPolicy",
            "AuthPrincipalOwnerId": caller.account_number(),
            "AuthPrincipalType": if caller.is_role() { "AssumedRoleUser" } else { "SubUser" },
            "NoPermissionType": if self == Self::Explicit { "ExplicitDeny" } else { "ImplicitDeny" },
            "AuthPrincipalDisplayName": caller.key_id().to_owned(),
            "AuthAction": action,
        };
        ApiError { access_denied: Some(Box::new(Value::Map(members))), ..Code::NO_PERMISSION.into() }
    }
}
