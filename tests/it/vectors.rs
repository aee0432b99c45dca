//! Requests recorded from real SDKs: each is accepted unchanged, and refused when any signed byte is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use jiff::Timestamp;
use proptest::prelude::*;
use sas_emulator::internals::domain::Secret;
use sas_emulator::internals::domain::assumptions::Bearer;
use sas_emulator::internals::protocol::{VERSION, decode, sign};
use serde::Deserialize;

use crate::harness::keys;
use crate::harness::recorded::Authenticator;

#[derive(Debug, Clone, Deserialize)]
struct Vector {
    name: String,
    credentials: Credentials,
    signature_kind: String,
    expect_params: BTreeMap<String, String>,
    request: Recorded,
}

#[derive(Debug, Clone, Deserialize)]
struct Credentials {
    access_key_id: String,
    access_key_secret: String,
    security_token: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Recorded {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
}

static VECTORS: LazyLock<Vec<Vector>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| serde_json::from_reader(std::fs::File::open(file).unwrap()).unwrap()).collect()
});

impl Vector {
    /// The request as it was sent; `None` if an HTTP server would not even parse it.
    fn request(&self) -> Option<Request<Bytes>> {
        let Recorded { method, target, headers, body, body_base64 } = &self.request;
        let body = match (body, body_base64) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(base64)) => STANDARD.decode(base64).unwrap(),
            (None, None) => Vec::new(),
        };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?);
        }
        let mut request =
            Request::builder().method(method.as_str()).uri(target.as_str()).body(Bytes::from(body)).ok()?;
        *request.headers_mut() = map;
        Some(request)
    }

    fn date(&self) -> Timestamp {
        let request = self.request().unwrap();
        let decoded = decode(&request, 100).unwrap();
        let date = decoded.call(&request).claims.timestamp.map(str::to_owned);
        date.map_or(Timestamp::UNIX_EPOCH, |date| date.parse().unwrap())
    }

    /// Knows this vector's key alone, at its date.
    fn authenticator(&self) -> Authenticator {
        self.authenticator_with(Bearer::default())
    }

    fn authenticator_with(&self, bearer: Bearer) -> Authenticator {
        let Credentials { access_key_id, access_key_secret, security_token } = &self.credentials;
        let keyring = keys(&[(access_key_id, access_key_secret, security_token.as_deref())]);
        Authenticator::new(keyring, self.date(), bearer)
    }

    fn is_signed(&self) -> bool {
        matches!(self.signature_kind.as_str(), "v1" | "v3")
    }

    /// For our product; the worked examples of the documents are for another one.
    fn is_ours(&self) -> bool {
        !self.name.starts_with("official-doc")
    }
}

#[test]
fn every_signed_vector_is_accepted() {
    assert_eq!(VECTORS.len(), 51);
    for vector in VECTORS.iter().filter(|vector| vector.is_signed()) {
        let request = vector.request().unwrap();
        let decoded = decode(&request, 100).unwrap();
        let call = decoded.call(&request);
        let secret = Secret::new(&vector.credentials.access_key_secret);
        assert_eq!(sign::verify(&call, &secret), Ok(()), "{}", vector.name);
        for (name, value) in &vector.expect_params {
            let found = call.params.get(name).or((name == "Action").then_some(call.action));
            assert_eq!(found, Some(value.as_str()), "{}: {name}", vector.name);
        }
        let (account, code) = vector.authenticator().outcome(&request);
        // Most were recorded without the parameters that the operation demands, and the worked examples are for another
        // product: what counts is who they are from.
        let id = vector.credentials.access_key_id.as_str();
        assert_eq!(account.as_deref(), Some(id), "{}: {code}", vector.name);
    }
}

#[test]
fn a_vector_is_accepted_once() {
    for vector in VECTORS.iter().filter(|vector| vector.is_signed() && vector.is_ours()) {
        let (authenticator, request) = (vector.authenticator(), vector.request().unwrap());
        authenticator.outcome(&request);
        assert_eq!(authenticator.outcome(&request).1, "SignatureNonceUsed", "{}", vector.name);
    }
}

#[test]
fn unsigned_vectors_are_refused_with_what_is_missing() {
    for vector in VECTORS.iter().filter(|vector| !vector.is_signed()) {
        let expected = match vector.signature_kind.as_str() {
            "anonymous" => "MissingAccessKeyId",
            "bearer" => "UnsupportedSignatureType",
            other => panic!("{other}"),
        };
        assert_eq!(vector.authenticator().outcome(&vector.request().unwrap()).1, expected, "{}", vector.name);
    }
}

#[test]
fn bearer_vectors_are_accepted_where_bearer_tokens_are() {
    let bearers: Vec<_> = VECTORS.iter().filter(|vector| vector.signature_kind == "bearer").collect();
    assert_eq!(bearers.len(), 6);
    for vector in bearers {
        let authenticator = vector.authenticator_with(Bearer::Accept);
        let (account, code) = authenticator.outcome(&vector.request().unwrap());
        let account = account.unwrap_or_else(|| panic!("{}: {code}", vector.name));
        assert!(account.starts_with("bearer-") && account.len() == 19, "{account}");
    }
}

/// One byte of a request, by where it stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    Target(usize),
    Header(usize, usize),
    Body(usize),
}

fn places(vector: &Vector) -> Vec<Place> {
    let request = vector.request().unwrap();
    let signed: Vec<String> = match vector.signature_kind.as_str() {
        "v3" => {
            let decoded = decode(&request, 100).unwrap();
            let listed = decoded.call(&request).claims.signed_headers.to_owned();
            listed.split(';').map(str::to_owned).chain(["authorization".to_owned()]).collect()
        }
        _ => Vec::new(),
    };
    let headers = vector.request.headers.iter().enumerate();
    let headers = headers.filter(|(_, (name, _))| signed.contains(&name.to_ascii_lowercase()));
    let is_form = vector.request.headers.iter().any(|(_, value)| value.contains("form-urlencoded"));
    // V1 signs parameters: a body that is no form is not part of it.
    let body = if vector.signature_kind == "v3" || is_form { request.body().len() } else { 0 };
    (0..vector.request.target.len())
        .map(Place::Target)
        .chain(
            headers.flat_map(|(index, (_, value))| (0..value.len()).map(move |at| Place::Header(index, at))),
        )
        .chain((0..body).map(Place::Body))
        .collect()
}

/// The vector with one byte replaced; `None` if the result is not text, or means the same.
fn changed(vector: &Vector, place: Place, byte: u8) -> Option<Vector> {
    let replace = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        let old = std::mem::replace(&mut bytes[at], byte);
        (old != byte).then(|| String::from_utf8(bytes).ok()).flatten()
    };
    let mut other = vector.clone();
    match place {
        Place::Target(at) => other.request.target = replace(&vector.request.target, at)?,
        Place::Header(index, at) => {
            let value = replace(&vector.request.headers[index].1, at)?;
            // White space around a value, or around a member of Authorization, is not part of it.
            if value.trim().len() != value.len() {
                return None;
            }
            other.request.headers[index].1 = value;
        }
        Place::Body(at) => match (&vector.request.body, &vector.request.body_base64) {
            (Some(text), _) => other.request.body = Some(replace(text, at)?),
            (None, Some(base64)) => {
                let mut bytes = STANDARD.decode(base64).unwrap();
                if std::mem::replace(&mut bytes[at], byte) == byte {
                    return None;
                }
                other.request.body_base64 = Some(STANDARD.encode(bytes));
            }
            (None, None) => return None,
        },
    }
    // `%2a` is `%2A`: spelled otherwise, but the same value. Where the body itself is hashed, it is another body.
    let same_meaning = meaning(vector) == meaning(&other)
        && (vector.signature_kind == "v1" || !matches!(place, Place::Body(_)))
        && !matches!(place, Place::Header(..));
    (!same_meaning).then_some(other)
}

fn meaning(vector: &Vector) -> Option<Vec<(String, String)>> {
    let request = vector.request()?;
    let decoded = decode(&request, 100).ok()?;
    let call = decoded.call(&request);
    Some(call.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The codes that may answer a change of these names.
fn allowed(vector: &Vector, other: &Vector, place: Place) -> BTreeSet<&'static str> {
    let names: Vec<String> = if let Place::Header(index, _) = place {
        vec![vector.request.headers[index].0.to_ascii_lowercase()]
    } else {
        let pairs = |vector| meaning(vector).unwrap_or_default().into_iter().collect::<BTreeSet<_>>();
        let (before, after) = (pairs(vector), pairs(other));
        before.symmetric_difference(&after).map(|(name, _)| name.clone()).collect()
    };
    let mut codes = BTreeSet::new();
    // The path, or an encoding that is none.
    if matches!(place, Place::Target(at) if at < 2) {
        codes.insert("InvalidAction.NotFound");
    }
    if meaning(other).is_none() {
        codes.insert("RequestParameterMalformed");
    }
    for name in names {
        codes.extend::<&[&str]>(match name.as_str() {
            "Action" | "x-acs-action" => &["InvalidAction.NotFound"],
            "Version" | "x-acs-version" => &["InvalidVersion"],
            "AccessKeyId" => &["MissingAccessKeyId", "InvalidAccessKeyId", "InvalidAccessKeyId.NotFound"],
            "SignatureMethod" => &["MissingSignatureMethod", "InvalidSignatureMethod"],
            "SignatureType" => &["UnsupportedSignatureType"],
            "SignatureVersion" => &["MissingSignatureVersion", "InvalidSignatureVersion"],
            "SignatureNonce" => &["MissingSignatureNonce"],
            "Signature" => &["MissingSignature"],
            "Timestamp" | "x-acs-date" => {
                &["MissingTimestamp", "InvalidTimeStamp.Format", "InvalidTimeStamp.Expired"]
            }
            "SecurityToken" | "x-acs-security-token" => &[
                "MissingSecurityToken",
                "InvalidSecurityToken.MismatchWithAccessKey",
                "InvalidSecurityToken.Malformed",
            ],
            "authorization" => &[
                "MissingAccessKeyId",
                "InvalidAccessKeyId",
                "InvalidAccessKeyId.NotFound",
                "InvalidSignatureMethod",
                "MissingSignature",
            ],
            "x-acs-content-sha256" | "x-acs-signature-nonce" => {
                &["MissingContentSha256", "MissingSignatureNonce"]
            }
            _ => &[],
        });
        codes.insert("SignatureDoesNotMatch");
    }
    if codes.is_empty() {
        codes.insert("SignatureDoesNotMatch");
    }
    codes
}

fn assert_refused(vector: &Vector, authenticator: &Authenticator, place: Place, byte: u8) {
    let Some(other) = changed(vector, place, byte) else { return };
    let Some(request) = other.request() else { return };
    if request.uri().path() != "/" {
        assert_eq!(authenticator.outcome(&request).1, "InvalidAction.NotFound");
        return;
    }
    let (account, code) = authenticator.outcome(&request);
    assert_eq!(account, None, "{} accepted {place:?} = {:?}", vector.name, char::from(byte));
    let allowed = allowed(vector, &other, place);
    let (name, byte) = (&vector.name, char::from(byte));
    assert!(allowed.contains(code.as_str()), "{name} {place:?} = {byte:?}: {code}, not one of {allowed:?}");
}

fn signed_vectors_of_ours() -> Vec<&'static Vector> {
    VECTORS.iter().filter(|vector| vector.is_signed() && vector.is_ours()).collect()
}

#[test]
fn no_signed_byte_can_be_flipped() {
    assert_eq!(VERSION, "2018-12-03");
    for vector in signed_vectors_of_ours() {
        let authenticator = vector.authenticator();
        for place in places(vector) {
            // A neighbour in the alphabet, and something that ends a value.
            for byte in [b'a', b'&'] {
                assert_refused(vector, &authenticator, place, byte);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn no_signed_byte_can_be_another(
        vector in prop::sample::select(signed_vectors_of_ours()),
        place in any::<prop::sample::Index>(),
        byte in 0x21u8..0x7f,
    ) {
        let places = places(vector);
        assert_refused(vector, &vector.authenticator(), places[place.index(places.len())], byte);
    }
}
