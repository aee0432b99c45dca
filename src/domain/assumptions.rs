//! What the public documents leave open: each a named choice with a default, listed with its evidence in
//! docs/fidelity.md. A test holds that page against this file.

use jiff::SignedDuration;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::error::{ApiError, Code};

/// The enum of a choice; nothing for one whose type is defined below.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident) => {};
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }
    };
}

macro_rules! assumptions {
    ($(
        $(#[$doc:meta])*
        $name:ident: $choice:ident $({ $($(#[$variant_doc:meta])* $variant:ident,)* })?,
    )*) => {
        /// The choices, as a scenario's `assumptions:` may set them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Assumptions { $($(#[$doc])* pub $name: $choice,)* }

        /// The choices that a scenario makes; the others are open.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(default, deny_unknown_fields, expecting = "assumptions by name")]
        pub struct Choices { $($(#[$doc])* pub $name: Option<$choice>,)* }

        $(choice! { $(#[$doc])* $choice $({ $($(#[$variant_doc])* $variant,)* })? })*

        impl Choices {
            /// With later choices, which win.
            #[must_use]
            pub fn then(self, later: Self) -> Self {
                Self { $($name: later.$name.or(self.$name),)* }
            }
        }

        impl From<Choices> for Assumptions {
            fn from(choices: Choices) -> Self {
                Self { $($name: choices.$name.unwrap_or_default(),)* }
            }
        }
    };
}

assumptions! {
    /// Format of an answer to a V1 request that names none.
    default_format: DefaultFormat {
        /// The generic gateway page's answer.
        #[default]
        Xml,
        /// The product page's answer.
        Json,
    },
    /// What a `Format` other than JSON or XML gets.
    unknown_format: UnknownFormat {
        /// `InvalidParameter.Format`.
        #[default]
        Refuse,
        /// Answered as JSON.
        Json,
    },
    /// Whether a bearer token is taken as a credential.
    bearer: Bearer {
        /// `UnsupportedSignatureType`.
        #[default]
        Refuse,
        /// Every token is an account of its own.
        Accept,
    },
    /// How `TaskId` is shown where SDKs declare an integer.
    task_id: TaskIdForm {
        /// A stable number below 2^53: the only form every SDK reads.
        #[default]
        Number,
        /// The 32 hex digits, as the field's example has it.
        Hex,
        /// 0, as the page's sample has it.
        Zero,
    },
    /// What `Status` shows when there is no task.
    missing_status: MissingStatus {
        /// Nothing: the member is left out.
        #[default]
        Omit,
        /// `INIT`.
        Init,
    },
    /// The word for a failed task where the documented list has none.
    failed_status: FailedStatus {
        /// `FAIL`, as other operations of the family say.
        #[default]
        Fail,
        /// `TIMEOUT`, the only documented bad end.
        Timeout,
        /// `SUCCESS`, with fewer targets finished than there are.
        Success,
    },
    /// Whether `Source` narrows the search for the latest task.
    source: Narrowing,
    /// Whether `TaskName` narrows the search for the latest task.
    task_name: Narrowing,
    /// What the limit of running tasks does to `GenerateOnceTask`.
    limit: LimitForm {
        /// A 200 with `CanCreate` false and no task.
        #[default]
        CanCreate,
        /// An error.
        Error,
    },
    /// What `LastTask` of `GenerateOnceTask` is.
    last_task: LastTask {
        /// The task just made, as in the sample.
        #[default]
        New,
        /// The one before it.
        Previous,
    },
    /// What an id that no task has gets.
    unknown_task: UnknownTask {
        /// An answer that describes nothing.
        #[default]
        Empty,
        /// An error.
        Error,
    },
    /// The code for an argument that the service, not the gateway, refuses.
    bad_argument: BadArgument {
        /// `IllegalParam`.
        #[default]
        IllegalParam,
        /// `-101`.
        Number,
    },
    /// `TaskStatus` of a task that waits.
    waiting_status: WaitingStatus {
        /// 1, as documented for a task that was started.
        #[default]
        One,
        /// 0, which published programs wait on.
        Zero,
    },
    /// What `Uuids` of `ModifyStartVulScan` do.
    vul_scan_scope: VulScanScope {
        /// Nothing: every server is scanned, as published programs warn.
        #[default]
        Account,
        /// Only these are scanned.
        Named,
    },
    /// `Status` of a virus scan that is over.
    virus_scan_done: VirusScanDone {
        /// 100, as documented.
        #[default]
        Hundred,
        /// 20, which published programs wait for.
        Twenty,
    },
    /// How long after a push its task begins.
    registration_delay: RegistrationDelay,
}

impl Assumptions {
    /// The code for an argument that the service itself refuses.
    pub fn argument_error(self) -> &'static Code {
        match self.bad_argument {
            BadArgument::IllegalParam => Code::ILLEGAL_PARAM,
            BadArgument::Number => Code::ARGUMENT,
        }
    }

    /// The error for an id that no task has, where that is an error.
    pub fn check_unknown_task(self) -> Result<(), ApiError> {
        match self.unknown_task {
            UnknownTask::Empty => Ok(()),
            UnknownTask::Error => Err(self.argument_error().into()),
        }
    }
}

/// How long after a push its task begins, and is listed. None by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct RegistrationDelay(
    #[cfg_attr(test, schemars(with = "String", regex(pattern = "[0-9]")))]
    #[serde(
        serialize_with = "jiff::fmt::serde::duration::friendly::compact::required",
        deserialize_with = "not_negative"
    )]
    pub SignedDuration,
);

/// A task that starts before it is accepted would be older than others that exist already.
fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    let delay = SignedDuration::deserialize(deserializer)?;
    if delay.is_negative() {
        return Err(D::Error::custom("a registration delay is not negative; expected one such as 20s"));
    }
    Ok(delay)
}

choice! {
    /// Whether a parameter narrows the search for the latest task.
    Narrowing {
        /// Only tasks that have this value.
        #[default]
        Narrow,
        /// The parameter is ignored.
        Ignore,
    }
}
