//! An emulator that knows two keys and no others, and calls to it in both signature schemes.

use super::{Setup, TestCall, TestEmulator};

pub(crate) const SCAN: &str = "IMAGE_SCAN";

/// Knows `test` and the temporary key of [`sts`].
pub(crate) fn strict() -> TestEmulator {
    Setup::new("instant")
        .keys(&[("test", "test", None), ("STS.ci", "sts-secret", Some("CAISt+ok/en==~*"))])
        .start()
}

/// A call with a temporary key.
pub(crate) fn sts() -> TestCall {
    TestCall::latest(SCAN).with(|call| {
        call.key = "STS.ci".into();
        call.secret = "sts-secret".into();
        call.token = Some("CAISt+ok/en==~*".into());
    })
}

/// Sends the call in both schemes and expects the same verdict.
pub(crate) async fn both(emulator: &TestEmulator, make: impl Fn() -> TestCall, status: u16, code: &str) {
    for call in [make(), make().v1()] {
        let answer = emulator.call(call.clone()).await;
        assert_eq!(answer.verdict(), (status, code.to_owned()), "{call:?}: {}", answer.body);
    }
}
