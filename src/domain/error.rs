//! The table of error codes: name, HTTP status, exact wording. Facts: spec/protocol.md §4.2, spec/api.md §1.0.
//!
//! The HTTP status stands here although the domain knows no wire otherwise: a status and a wording belong to a code, and a
//! second table in `protocol` would have to be kept in step with this one.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use super::reply::Value;

#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    pub name: &'static str,
    pub status: u16,
    /// Word for word where the vendor's is known.
    pub message: &'static str,
}

macro_rules! codes {
    ($($id:ident = $name:literal $status:literal $message:literal;)*) => {
        impl Code {
            $(pub const $id: &'static Code = &Code { name: $name, status: $status, message: $message };)*
        }

        /// Every code, in the order of the table.
        pub(crate) static CODES: &[&Code] = &[$(Code::$id),*];
    };
}

codes! {
    // The request as such.
    ACTION_NOT_FOUND = "InvalidAction.NotFound" 404 "Specified api is not found, please check your url and method.";
    INVALID_VERSION = "InvalidVersion" 400 "Specified parameter Version is not valid.";
    UNSUPPORTED_METHOD = "UnsupportedHTTPMethod" 400 "This http method is not supported.";
    INVALID_FORMAT = "InvalidParameter.Format" 400 "Specified parameter format is not valid.";
    MALFORMED = "RequestParameterMalformed" 400 "Request parameters has malformed encoded characters.";
    CONTENT_MD5 = "ContentMD5NotMatched" 400 "Specified Content-MD5 is not matched with our calculation.";
    // No public text is known for requests that are too large; code and wording are ours (docs/fidelity.md).
    TOO_LARGE = "RequestEntityTooLarge" 413 "The request is larger than this emulator accepts.";
    REQUEST_TIMEOUT = "RequestTimeout" 408 "The request was not received in time.";

    // The caller.
    KEY_NOT_FOUND = "InvalidAccessKeyId.NotFound" 404 "Specified access key is not found.";
    KEY_INVALID = "InvalidAccessKeyId" 404 "Specified access key is not found or invalid.";
    KEY_INACTIVE = "InvalidAccessKeyId.Inactive" 400 "Specified access key is disabled.";
    TIMESTAMP_FORMAT = "InvalidTimeStamp.Format" 400 "Specified time stamp or date value is not well formatted.";
    TIMESTAMP_EXPIRED = "InvalidTimeStamp.Expired" 400 "Specified time stamp or date value is expired.";
    SIGNATURE_METHOD = "InvalidSignatureMethod" 400 "Specified signature method is not valid.";
    SIGNATURE_TYPE = "UnsupportedSignatureType" 400 "This signature type is not supported.";
    SIGNATURE_MISMATCH = "SignatureDoesNotMatch" 400 "Specified signature does not match our calculation.";
    NONCE_USED = "SignatureNonceUsed" 400 "Specified signature nonce was used already.";
    TOKEN_EXPIRED = "InvalidSecurityToken.Expired" 403 "Specified SecurityToken is expired.";
    TOKEN_MISMATCH = "InvalidSecurityToken.MismatchWithAccessKey" 400 "Specified SecurityToken mismatch with the AccessKey.";
    TOKEN_MALFORMED = "InvalidSecurityToken.Malformed" 400 "Specified SecurityToken is malformed.";

    // Failures of the gateway.
    THROTTLING = "Throttling" 400 "Request was denied due to request throttling.";
    THROTTLING_USER = "Throttling.User" 400 "Request was denied due to user flow control.";
    THROTTLING_API = "Throttling.Api" 400 "Request was denied due to api flow control.";
    INTERNAL = "InternalError" 500 "The request processing has failed due to some unknown error, exception or failure.";
    UNAVAILABLE = "ServiceUnavailable" 503 "The request has failed due to a temporary failure of the server.";

    // The service itself (its documented error table has these two only).
    NO_PERMISSION = "NoPermission" 403 "caller has no permission";
    SERVER_ERROR = "ServerError" 500 "ServerError";
    // Codes that comments in the SDK and published programs name (spec/api.md §1.0); wordings as far as known.
    ILLEGAL_PARAM = "IllegalParam" 400 "Illegal param";
    ARGUMENT = "-101" 400 "Illegal argument.";
    PUSH_TASK = "PushTaskError" 400 "Failed to push task.";
    GROUP_NAME_REPEATED = "GroupNameRepeated" 400 "group name repeated";
    FREE_VERSION = "FreeVersionNotPermit" 400 "The free version is not permitted to do this.";

    // Of file detection: a published program compares both (alibabacloud-filedetect); wordings are ours.
    GET_RESULT_FAIL = "GetResultFail" 400 "There is no result: the file was not sent for detection, or its result has expired.";
    TOO_FREQUENTLY = "RequestTooFrequently" 400 "The requests are too frequent; try again later.";

    // Of STS (its documented error table).
    ROLE_ARN = "InvalidParameter.RoleArn" 400 "The parameter RoleArn is wrongly formed.";
    ROLE_SESSION_NAME = "InvalidParameter.RoleSessionName" 400 "The parameter RoleSessionName is wrongly formed.";
    ROLE_DURATION = "InvalidParameter.DurationSeconds" 400 "The Min/Max value of DurationSeconds is 15min/1hr.";
    ROLE_EXTERNAL_ID = "InvalidParameter.ExternalId" 400 "The parameter ExternalId is wrongly formed.";
    POLICY_GRAMMAR = "InvalidParameter.PolicyGrammar" 400 "The parameter Policy has not passed grammar check.";
    POLICY_SIZE = "InvalidParameter.PolicySize" 400 "The size of Policy must be smaller than 2048 bytes.";
    // Of Location: SDKs compare both words; the statuses are guesses.
    REGION_UNKNOWN = "InvalidRegionId" 404 "The specified region does not exist.";
    PRODUCT_UNKNOWN = "Illegal Parameter" 400 "Please check the parameters";

    // Ours: the operation exists in the real service and is not modelled here.
    NOT_MODELLED = "OperationNotModelled" 404 "sas-emulator does not model this operation. --unmodelled shape, or unmodelled: shape in the scenario, answers with its documented shape; answers: in the scenario answers as you say; docs/fidelity.md says what is modelled and how to add an operation.";
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl Code {
    pub fn find(name: &str) -> Option<&'static Code> {
        CODES.iter().copied().find(|code| code.name == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    pub status: u16,
    pub code: Cow<'static, str>,
    pub message: Cow<'static, str>,
    /// The `AccessDeniedDetail` member of a refusal by RAM, an object: legacy Go breaks on anything else.
    pub access_denied: Option<Box<Value>>,
    /// The `Recommend` member instead of the usual one.
    pub recommend: Option<Box<str>>,
}

impl ApiError {
    pub fn with_message(code: &'static Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self::custom(code.status, code.name, message)
    }

    /// An error that the table does not have.
    pub fn custom(
        status: u16,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into(), access_denied: None, recommend: None }
    }

    /// A required parameter is absent: `Missing{Name}` (spec/protocol.md §4.2, the D rule).
    pub fn missing(name: &str) -> Self {
        Self::custom(400, format!("Missing{name}"), format!("{name} is mandatory for this action."))
    }

    /// A parameter has a value the gateway refuses: `Invalid{Name}`.
    pub fn invalid(name: &str) -> Self {
        Self::custom(400, format!("Invalid{name}"), format!("Specified parameter {name} is not valid."))
    }
}

impl From<&'static Code> for ApiError {
    fn from(code: &'static Code) -> Self {
        Self::with_message(code, code.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_names_are_unique() {
        for (index, code) in CODES.iter().enumerate() {
            let is_alone = CODES[index + 1..].iter().all(|other| other.name != code.name);
            assert!(is_alone, "{} is listed twice", code.name);
        }
    }

    #[test]
    fn missing_and_invalid_follow_the_documented_rule() {
        let missing = ApiError::missing("TaskType").to_string();
        assert_eq!(missing, "MissingTaskType: TaskType is mandatory for this action.");
        assert_eq!(ApiError::invalid("PageSize").code, "InvalidPageSize");
    }
}
