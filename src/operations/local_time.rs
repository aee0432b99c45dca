//! Times as texts.

use jiff::Timestamp;
use jiff::tz::Offset;

/// A time without a zone, as in the samples; taken for the service's own, eight hours east.
pub(super) fn local_time(time: Timestamp) -> String {
    Offset::constant(8).to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
