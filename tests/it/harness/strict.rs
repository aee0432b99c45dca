//! An emulator that knows two keys and no others, and calls to it in both signature schemes.

use super::{Ask, Setup, World};

pub(crate) const SCAN: &str = "IMAGE_SCAN";

/// Knows `test` and the temporary key of [`sts`].
pub(crate) fn strict() -> World {
    Setup::new("instant")
        .keys(&[("test", "test", None), ("STS.ci", "sts-secret", Some("CAISt+ok/en==~*"))])
        .start()
}

/// A call with a temporary key.
pub(crate) fn sts() -> Ask {
    Ask::latest(SCAN).with(|ask| {
        ask.key = "STS.ci".into();
        ask.secret = "sts-secret".into();
        ask.token = Some("CAISt+ok/en==~*".into());
    })
}

/// Sends the call in both schemes and expects the same verdict.
pub(crate) async fn both(world: &World, make: impl Fn() -> Ask, status: u16, code: &str) {
    for ask in [make(), make().v1()] {
        let answer = world.ask(ask.clone()).await;
        assert_eq!(answer.verdict(), (status, code.to_owned()), "{ask:?}: {}", answer.body);
    }
}
