//! Where an alarm stands: whether it waits, is being handled, or is over.

/// `EventStatus`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AlarmStatus {
    Pending = 1,
    Ignored = 2,
    Confirmed = 4,
    FalsePositive = 8,
    Handling = 16,
    Handled = 32,
}

impl AlarmStatus {
    pub(crate) fn number(self) -> u32 {
        self as u32
    }

    /// Whether it is over: `Dealed`.
    pub(crate) fn is_over(self) -> bool {
        !matches!(self, Self::Pending | Self::Handling)
    }
}
