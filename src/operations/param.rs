//! The parameters of operations, as the gateway checks them.

use crate::domain::{ApiError, Params};

pub struct Param {
    pub name: &'static str,
    pub kind: ParamKind,
    /// Whether the gateway refuses a call without it, as the API's metadata says.
    pub required: bool,
    /// Why no value of it changes anything; none for a parameter that the operation reads.
    pub ignored: Option<&'static str>,
    /// Why it is refused, for a filter that is not modelled; `unknown_criteria: ignore` leaves it out.
    pub refused: Option<&'static str>,
}

/// What the value of a parameter must be. Lists of allowed words are not checked: they grow without a new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamKind {
    Text,
    Integer,
    /// `true` or `false`.
    Boolean,
    /// `Name.1`, `Name.2`, …
    List,
    /// `Name.1.Member`, `Name.2.Member`, …
    Objects,
}

impl ParamKind {
    /// As lists of operations show it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Objects => "objects",
        }
    }
}

/// Parameters, each a kind and a name, then `required`, or `ignored` and why no value changes anything, or
/// `refused` and why a filter is not modelled.
macro_rules! params {
    ($($kind:ident $name:literal $($flag:ident $($why:literal)?)*),* $(,)?) => {
        &[$(Param::new($name, ParamKind::$kind)$(.$flag($($why)?))*),*]
    };
}

pub(super) use params;

impl Param {
    /// The longest text taken. Tasks keep their parameters, and all memory here is bounded; a thousand UUIDs fit.
    const MOST_BYTES: usize = 64 << 10;

    pub(super) const fn new(name: &'static str, kind: ParamKind) -> Self {
        Self { name, kind, required: false, ignored: None, refused: None }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Checked but never read, for this reason.
    pub(super) const fn ignored(self, reason: &'static str) -> Self {
        Self { ignored: Some(reason), ..self }
    }

    /// A filter that is not modelled, for this reason.
    pub(super) const fn refused(self, reason: &'static str) -> Self {
        Self { refused: Some(reason), ..self }
    }

    /// Whether the operation reads it.
    pub(super) fn is_read(&self) -> bool {
        self.ignored.is_none() && self.refused.is_none()
    }

    pub(super) fn is_given(&self, params: &Params) -> bool {
        params.non_empty(self.name).is_some()
            || !params.list(self.name).is_empty()
            || params.has_objects(self.name)
    }

    pub(super) fn check(&self, params: &Params) -> Result<(), ApiError> {
        let given = params.non_empty(self.name);
        let is_valid = match self.kind {
            ParamKind::Text => given.map(|text| text.len() <= Self::MOST_BYTES),
            ParamKind::List => params.list(self.name).iter().any(|member| !member.is_empty()).then_some(true),
            ParamKind::Objects => params.has_objects(self.name).then_some(true),
            ParamKind::Integer => given.map(|_| params.int(self.name).is_some()),
            ParamKind::Boolean => given.map(|_| params.bool(self.name).is_some()),
        };
        match is_valid {
            None if self.required => Err(ApiError::missing(self.name)),
            Some(false) => Err(ApiError::invalid(self.name)),
            _ => Ok(()),
        }
    }
}
