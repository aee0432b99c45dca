//! What the public documents leave open: each a named choice with a default, listed with its evidence in
//! docs/fidelity.md. A test holds that page against this file.

use jiff::SignedDuration;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::error::{ApiError, Code};

/// The enum of a question: its choices and what each means, the default first.
macro_rules! choice {
    ($name:ident = $question:literal {
        $first:ident = $first_text:literal,
        $($other:ident = $text:literal,)*
    }) => {
        #[doc = $question]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { #[default] #[doc = $first_text] $first, $(#[doc = $text] $other,)* }
    };
}

/// The questions: name, type and text of each, and the choices of a type that only this one has.
macro_rules! assumptions {
    ($($name:ident: $choice:ident = $question:literal $({ $($variant:ident = $text:literal,)* })?,)*) => {
        /// The choices, as a scenario's `assumptions:` may set them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Assumptions { $(#[doc = $question] pub $name: $choice,)* }

        /// The choices that a scenario makes; the others are open.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(default, deny_unknown_fields, expecting = "assumptions by name")]
        pub struct Choices { $(#[doc = $question] pub $name: Option<$choice>,)* }

        $($(choice! { $choice = $question { $($variant = $text,)* } })?)*

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
    default_format: DefaultFormat = "Format of an answer to a V1 request that names none." {
        Xml = "The generic gateway page's answer.",
        Json = "The product page's answer.",
    },
    unknown_format: UnknownFormat = "What a `Format` other than JSON or XML gets." {
        Refuse = "`InvalidParameter.Format`.",
        Json = "Answered as JSON.",
    },
    bearer: Bearer = "Whether a bearer token is taken as a credential." {
        Refuse = "`UnsupportedSignatureType`.",
        Accept = "Every token is an account of its own.",
    },
    task_id: TaskIdForm = "How `TaskId` is shown where SDKs declare an integer." {
        Number = "A stable number below 2^53: the only form every SDK reads.",
        Hex = "The 32 hex digits, as the field's example has it.",
        Zero = "0, as the page's sample has it.",
    },
    missing_status: MissingStatus = "What `Status` shows when there is no task." {
        Omit = "Nothing: the member is left out.",
        Init = "`INIT`.",
    },
    failed_status: FailedStatus = "The word for a failed task where the documented list has none." {
        Fail = "`FAIL`, as other operations of the family say.",
        Timeout = "`TIMEOUT`, the only documented bad end.",
        Success = "`SUCCESS`, with fewer targets finished than there are.",
    },
    source: Narrowing = "Whether `Source` narrows the search for the latest task.",
    task_name: Narrowing = "Whether `TaskName` narrows the search for the latest task.",
    limit: LimitForm = "What the limit of running tasks does to `GenerateOnceTask`." {
        CanCreate = "A 200 with `CanCreate` false and no task.",
        Error = "An error.",
    },
    last_task: LastTask = "What `LastTask` of `GenerateOnceTask` is." {
        New = "The task just made, as in the sample.",
        Previous = "The one before it.",
    },
    unknown_task: UnknownTask = "What an id that no task has gets." {
        Empty = "An answer that describes nothing.",
        Error = "An error.",
    },
    bad_argument: BadArgument = "The code for an argument that the service, not the gateway, refuses." {
        IllegalParam = "`IllegalParam`.",
        Number = "`-101`.",
    },
    waiting_status: WaitingStatus = "`TaskStatus` of a task that waits." {
        One = "1, as documented for a task that was started.",
        Zero = "0, which published programs wait on.",
    },
    vul_scan_scope: VulScanScope = "What `Uuids` of `ModifyStartVulScan` do." {
        Account = "Nothing: every server is scanned, as published programs warn.",
        Named = "Only these are scanned.",
    },
    virus_scan_done: VirusScanDone = "`Status` of a virus scan that is over." {
        Hundred = "100, as documented.",
        Twenty = "20, which published programs wait for.",
    },
    unknown_criteria: UnknownCriteria = "What a criterion or a filter gets that is not modelled." {
        Refuse = "`OperationNotModelled`, with its name.",
        Ignore = "Nothing: it is left out.",
    },
    export_format: ExportFormat = "What the link of an export leads to." {
        Zip = "A zip with a spreadsheet, as published programs read it.",
        Csv = "A text in CSV.",
    },
    region_id: RegionFilter = "Whether `RegionId` of `DescribeCloudCenterInstances` chooses servers." {
        Ignore = "No: the `aliyun` command line sends it with every call.",
        Narrow = "Only servers of that region are listed.",
    },
    role_account: RoleAccount = "Whose data the temporary keys of a role see." {
        Role = "That of the cloud account in `RoleArn`.",
        Caller = "That of the key that assumed the role.",
    },
    role_session: RoleSession = "The longest `DurationSeconds` of `AssumeRole`." {
        OneHour = "3600, as roles have it unless they are changed.",
        TwelveHours = "43200, the most that a role can have.",
    },
    registration_delay: RegistrationDelay = "How long after a push its task begins.",
}

choice! {
    Narrowing = "Whether a parameter narrows the search for the latest task." {
        Narrow = "Only tasks that have this value.",
        Ignore = "The parameter is ignored.",
    }
}

impl Assumptions {
    pub fn argument_error(self) -> &'static Code {
        match self.bad_argument {
            BadArgument::IllegalParam => Code::ILLEGAL_PARAM,
            BadArgument::Number => Code::ARGUMENT,
        }
    }

    /// Whether filters that are not modelled are left out.
    pub fn ignores_criteria(self) -> bool {
        self.unknown_criteria == UnknownCriteria::Ignore
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
