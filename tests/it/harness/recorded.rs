//! Authentication alone, for recorded requests: one key, one time, no HTTP front.

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use sas_emulator::clock::{ClockStart, GatewayClock};
use sas_emulator::domain::assumptions::{Bearer, UnknownFormat};
use sas_emulator::domain::{Keyring, World as Model};
use sas_emulator::gateway::{Bounds, Gateway, Setup, SignatureMode};
use sas_emulator::protocol::decode;

/// Authenticates and dispatches requests as if they arrived at one time.
pub(crate) struct Authenticator {
    gateway: Gateway,
}

impl Authenticator {
    pub(crate) fn new(keyring: Keyring, now: Timestamp, bearer: Bearer) -> Self {
        let mut world = Model { keyring, ..Model::default() };
        world.assumptions.bearer = bearer;
        // One of the recorded requests names a format that does not exist; its signature is what matters here.
        world.assumptions.unknown_format = UnknownFormat::Json;
        let gateway = Gateway::new(Setup {
            world,
            seed: 0,
            clock: ClockStart::default(),
            gateway_clock: GatewayClock::Pinned(now),
            signatures: SignatureMode::Verify,
            bounds: Bounds::default(),
        });
        Self { gateway: gateway.unwrap() }
    }

    /// The account that the caller was authenticated as, and the error code of the reply, empty if it succeeded.
    pub(crate) fn outcome(&self, request: &Request<Bytes>) -> (Option<String>, String) {
        match decode(request, 2000) {
            Ok(decoded) => {
                let answer = self.gateway.handle(&decoded.call(request));
                let code = answer.result.err().map(|error| error.code.into_owned());
                (answer.account, code.unwrap_or_default())
            }
            Err(rejection) => (None, rejection.error.code.into_owned()),
        }
    }
}
