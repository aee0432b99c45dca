//! Authentication alone, for recorded requests: one key, one time, no HTTP front.

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use sas_emulator::internals::clock::GatewayClock;
use sas_emulator::internals::domain::Keyring;
use sas_emulator::internals::domain::assumptions::{Bearer, UnknownFormat};
use sas_emulator::internals::emulator::{Config, Emulator};
use sas_emulator::internals::protocol::decode;
use sas_emulator::internals::scenario::load;

/// Authenticates and dispatches requests as if they arrived at one time.
pub(crate) struct Authenticator(Emulator);

impl Authenticator {
    pub(crate) fn new(keyring: Keyring, now: Timestamp, bearer: Bearer) -> Self {
        let mut config = Config::new(load::find("default").unwrap());
        config.scenario.world.assumptions.bearer = bearer;
        // One of the recorded requests names a format that does not exist; its signature is what matters here.
        config.scenario.world.assumptions.unknown_format = UnknownFormat::Json;
        config.keyring = Some(keyring);
        config.gateway_clock = Some(GatewayClock::Pinned(now));
        Self(Emulator::new(config).unwrap())
    }

    /// The account that the caller was authenticated as, and the error code of the reply, empty if it succeeded.
    pub(crate) fn outcome(&self, request: &Request<Bytes>) -> (Option<String>, String) {
        match decode(request, 2000) {
            Ok(decoded) => {
                let call = decoded.call(request);
                let arrived = self.0.arrive(&call);
                let code = arrived.perform(&call).0.err().map(|error| error.code.into_owned());
                (arrived.account().map(str::to_owned), code.unwrap_or_default())
            }
            Err(error) => (None, error.code.into_owned()),
        }
    }
}
