//! What must hold for every answer and every signature, whatever the input was.

use bytes::Bytes;
use http::{HeaderMap, Request};
use sas_emulator::internals::domain::Secret;
use sas_emulator::internals::protocol::decode;
use sas_emulator::internals::protocol::sign::{self, Algorithm, Names, Signer, Unsigned};

use crate::held::{Answer, LONGEST_ERROR};
use crate::vectors::VECTORS;

/// Checks that an answer is none of a bug, and no longer than an error may be.
///
/// A panic is caught by the front, but the fuzzer's hook has ended the process by then. Operations and faults may answer
/// 500, as the real service does; the control API may not.
pub fn no_bug(answer: &Answer) {
    let shown = || String::from_utf8_lossy(&answer.body[..answer.body.len().min(2000)]).into_owned();
    let is_call = answer.headers.contains_key("x-acs-request-id");
    assert!(is_call || answer.status != 500, "an internal error: {}", shown());
    assert!((200..600).contains(&answer.status), "no status: {}", answer.status);
    if answer.status >= 400 && answer.is_whole {
        assert!(answer.body.len() <= LONGEST_ERROR, "an error of {} bytes: {}", answer.body.len(), shown());
    }
}

/// Checks that a whole answer is what its content type says.
pub fn reads_as_its_type(answer: &Answer) {
    let kind = answer.headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !answer.is_whole || answer.body.is_empty() {
        return;
    }
    if kind.starts_with("application/json") {
        let read: Result<serde_json::Value, _> = serde_json::from_slice(&answer.body);
        assert!(read.is_ok(), "{}", String::from_utf8_lossy(&answer.body));
    }
    if kind.starts_with("text/xml") {
        let text = std::str::from_utf8(&answer.body).expect("XML is UTF-8");
        crate::oracle::xml(text);
    }
}

/// Reads XML to its end; returns the texts of the elements without children, as a conforming reader sees them.
pub fn xml(text: &str) -> Vec<(String, String)> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut found, mut open, mut innermost, mut read) = (Vec::new(), 0_usize, None, String::new());
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {text}")) {
            Event::Start(start) => {
                open += 1;
                innermost = Some(start.name().as_ref().to_owned());
                read.clear();
            }
            Event::Text(piece) => {
                // Line ends are one character to a reader (XML 1.0, 2.11).
                read.push_str(&piece.replace("\r\n", "\n").replace('\r', "\n"));
            }
            Event::CData(piece) => read.push_str(&piece),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().expect("a character") {
                Some(character) => read.push(character),
                None => {
                    read.push_str(quick_xml::escape::resolve_predefined_entity(&entity).expect("an entity"))
                }
            },
            Event::End(_) => {
                open -= 1;
                found.extend(innermost.take().map(|name| (name, std::mem::take(&mut read))));
            }
            Event::Empty(start) => found.push((start.name().as_ref().to_owned(), String::new())),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(open, 0, "an element is open at the end: {text}");
    found
}

/// Everything that a signature covers, spelled in one way: two requests with the same are the same to the signer.
#[derive(Debug, PartialEq, Eq)]
struct Meaning {
    method: String,
    pairs: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Bytes>,
    signature: Option<String>,
}

fn meaning(request: &Request<Bytes>, is_v3: bool) -> Option<Meaning> {
    let decoded = decode(request, usize::MAX - 1).ok()?;
    let call = decoded.call(request);
    let pairs = if is_v3 { call.query } else { call.params };
    // V1 leaves it out of what it signs, and V3 treats it as any other parameter.
    let signed = pairs.iter().filter(|(name, _)| is_v3 || *name != "Signature");
    let mut pairs: Vec<_> = signed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    pairs.sort();
    let value = |name: &str| {
        let values = request.headers().get_all(name).iter();
        let mut values: Vec<_> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned()).collect();
        values.sort();
        values.join(",")
    };
    let signed = call.claims.signed_headers.split(';').filter(|_| is_v3);
    Some(Meaning {
        method: request.method().to_string(),
        pairs,
        headers: signed.map(|name| (name.to_owned(), value(name))).collect(),
        body: is_v3.then(|| request.body().clone()),
        signature: call.claims.signature.map(str::to_owned),
    })
}

/// Checks that a signature is accepted only for what one of the recorded requests says: no other program knows the secrets.
pub fn only_recorded_requests_verify(request: &Request<Bytes>, kind: &str) {
    let Ok(decoded) = decode(request, 2000) else { return };
    let call = decoded.call(request);
    let mut secrets: Vec<&str> = Vec::new();
    for vector in VECTORS.iter().filter(|vector| vector.signature_kind == kind) {
        let secret = vector.credentials.access_key_secret.as_str();
        if !secret.is_empty() && !secrets.contains(&secret) {
            secrets.push(secret);
        }
    }
    for secret in secrets {
        if sign::verify(&call, &Secret::new(secret)).is_err() {
            continue;
        }
        let is_v3 = call.claims.method.is_some_and(|method| method.starts_with("ACS3-"));
        let means = meaning(request, is_v3);
        let is_recorded = VECTORS.iter().any(|vector| meaning(&vector.request(), is_v3) == means);
        assert!(is_recorded, "accepted, and it was never signed: {means:#?}");
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    V1,
    V3,
}

/// Signs what a request says, and checks that this verifies, and no longer does when a parameter is changed.
pub fn what_is_signed_verifies(request: &Request<Bytes>, kind: Kind) {
    let Ok(decoded) = decode(request, 200) else { return };
    let call = decoded.call(request);
    // What the signer adds itself; a second one would contradict it.
    let is_added = |name: &str| {
        name.starts_with("Signature")
            || ["Action", "Version", "Timestamp", "AccessKeyId", "Format", "BearerToken"].contains(&name)
    };
    let own = call.params.iter().filter(|(name, _)| !is_added(name));
    let mut query: Vec<_> = own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let kept = request.headers().iter().filter(|(name, _)| {
        let name = name.as_str();
        !name.starts_with("x-acs-") && name != "authorization" && !name.starts_with("content-")
    });
    let headers: HeaderMap = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    // Left raw, such names would be ambiguous.
    let is_ambiguous = query.iter().any(|(name, _)| name.contains(['&', '=']));
    let names = if is_ambiguous || query.len() % 2 == 0 { Names::Encoded } else { Names::Raw };
    let signer = Signer {
        algorithm: if kind == Kind::V1 { Algorithm::HmacSha1 } else { Algorithm::Acs3HmacSha256 },
        access_key_id: "id".to_owned(),
        secret: Secret::new("secret"),
        security_token: None,
        names: if kind == Kind::V1 { Names::Encoded } else { names },
    };
    let sign_query = |query: &[(String, String)]| {
        let unsigned = Unsigned {
            method: request.method().as_str(),
            headers: headers.clone(),
            action: call.action,
            version: "2018-12-03",
            query,
            timestamp: crate::held::NOW,
            nonce: "nonce",
            ..Unsigned::default()
        };
        // What cannot stand in a header, or in a target of HTTP's longest length.
        signer.sign(&unsigned).ok().map(|signed| signed.request)
    };
    let verified = |request: &Request<Bytes>| {
        let decoded =
            decode(request, 300).unwrap_or_else(|error| panic!("what was signed is refused: {error}"));
        sign::verify(&decoded.call(request), &signer.secret)
    };
    let Some(signed) = sign_query(&query) else { return };
    assert_eq!(verified(&signed), Ok(()), "{signed:?}");
    // The signature of one request on another.
    query.push(("x".to_owned(), "y".to_owned()));
    let Some(mut other) = sign_query(&query) else { return };
    if kind == Kind::V3 {
        *other.headers_mut() = signed.headers().clone();
    } else {
        let signature = |request: &Request<Bytes>| {
            let target = request.uri().to_string();
            target.rsplit_once("&Signature=").map(|(before, after)| (before.to_owned(), after.to_owned()))
        };
        let (Some((before, _)), Some((_, after))) = (signature(&other), signature(&signed)) else { return };
        *other.uri_mut() = format!("{before}&Signature={after}").parse().expect("a target");
    }
    assert!(verified(&other).is_err(), "the signature of another request is accepted: {other:?}");
}
