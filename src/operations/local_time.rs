//! Times as texts.

use jiff::Timestamp;

use crate::posture::schedule::SERVICE_ZONE;

/// A time without a zone, as in the samples; taken for the service's own.
pub(super) fn local_time(time: Timestamp) -> String {
    SERVICE_ZONE.to_datetime(time).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
