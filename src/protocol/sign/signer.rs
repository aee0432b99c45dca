//! Signs requests as a client does: the counterpart of [`verify`](super::verify). Time and nonce come in as arguments.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};

use super::{Algorithm, Names, v1, v3};
use crate::domain::Secret;
use crate::protocol::percent;

#[derive(Debug, Clone)]
pub struct Signer {
    pub algorithm: Algorithm,
    pub access_key_id: String,
    pub secret: Secret,
    pub security_token: Option<Secret>,
    /// How V3 spells names in the string that it signs.
    pub names: Names,
}

#[derive(Debug, Clone, Default)]
pub struct Unsigned<'a> {
    pub method: &'a str,
    /// `Host`, and whatever else the client sends. V3 signs all of them.
    pub headers: HeaderMap,
    pub action: &'a str,
    pub version: &'a str,
    /// The format of the reply, where the request asks for one.
    pub format: Option<&'a str>,
    pub query: &'a [(String, String)],
    pub form: &'a [(String, String)],
    /// When it is signed; see [`timestamp::format`](crate::protocol::timestamp::format).
    pub timestamp: &'a str,
    /// Any text that no other request of this key has.
    pub nonce: &'a str,
}

#[derive(Debug, Clone)]
pub struct Signed {
    pub request: Request<Bytes>,
    /// Of V3 only.
    pub canonical_request: Option<String>,
    pub string_to_sign: String,
}

impl Signer {
    /// Signs a request; fails where a name or a value cannot stand in a header.
    pub fn sign(&self, unsigned: &Unsigned<'_>) -> Result<Signed, http::Error> {
        self.sign_with(unsigned, self.auth_members(unsigned))
    }

    /// What [`Signer::sign`] adds before it signs: parameters in V1, headers in V3.
    pub fn auth_members(&self, unsigned: &Unsigned<'_>) -> Vec<(&'static str, String)> {
        let hash_header = self.algorithm.hash_header();
        let name = |v1, v3| if hash_header.is_some() { v3 } else { v1 };
        let mut members = vec![
            (name("Action", "x-acs-action"), unsigned.action.to_owned()),
            (name("Version", "x-acs-version"), unsigned.version.to_owned()),
            (name("Timestamp", "x-acs-date"), unsigned.timestamp.to_owned()),
            (name("SignatureNonce", "x-acs-signature-nonce"), unsigned.nonce.to_owned()),
        ];
        if let Some(hash_header) = hash_header {
            members.push((hash_header, self.algorithm.body_hash(form(unsigned).as_bytes()).to_string()));
        } else {
            members.push(("AccessKeyId", self.access_key_id.clone()));
            members.push(("SignatureMethod", self.algorithm.name().to_owned()));
            members.push(("SignatureVersion", "1.0".to_owned()));
        }
        let token = self.security_token.as_ref().map(|token| token.expose().to_owned());
        members.extend(token.map(|token| (name("SecurityToken", "x-acs-security-token"), token)));
        members
    }

    /// Signs with other members than the usual ones.
    pub fn sign_with(
        &self,
        unsigned: &Unsigned<'_>,
        members: Vec<(&'static str, String)>,
    ) -> Result<Signed, http::Error> {
        let mut query = unsigned.query.to_vec();
        query.extend(unsigned.format.map(|format| ("Format".to_owned(), format.to_owned())));
        let mut request = Request::builder().method(unsigned.method).body(Bytes::from(form(unsigned)))?;
        *request.headers_mut() = unsigned.headers.clone();
        if !unsigned.form.is_empty() {
            let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        let (canonical_request, string_to_sign);
        if self.algorithm.hash_header().is_some() {
            for (name, value) in members {
                request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(&value)?);
            }
            let mut signed_headers: Vec<&str> = request.headers().keys().map(HeaderName::as_str).collect();
            signed_headers.sort_unstable();
            let hash = self.algorithm.hash(request.body()).hex();
            let pairs = query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let canonical = v3::canonical_request(&request, pairs, &signed_headers, &hash, self.names);
            string_to_sign = v3::string_to_sign(self.algorithm, &canonical);
            canonical_request = Some(canonical);
            let signed_headers = signed_headers.join(";");
            let signature = v3::sign(self.algorithm, &self.secret, &string_to_sign);
            let (method, id) = (self.algorithm.name(), &self.access_key_id);
            let authorization =
                format!("{method} Credential={id},SignedHeaders={signed_headers},Signature={}", &*signature);
            request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(&authorization)?);
        } else {
            query.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
            let all = query.iter().chain(unsigned.form).map(|(name, value)| (name.as_str(), value.as_str()));
            string_to_sign = v1::string_to_sign(unsigned.method, all);
            canonical_request = None;
            let signature = v1::sign(self.algorithm, &self.secret, &string_to_sign);
            query.push(("Signature".to_owned(), signature.to_string()));
        }
        *request.uri_mut() = target(&query).parse()?;
        Ok(Signed { request, canonical_request, string_to_sign })
    }
}

/// The path and query. Encoded by the rules of the signature (RFC 3986) and not as a form (`+` for a space), so that what
/// is sent is spelled as what is signed.
fn target(query: &[(String, String)]) -> String {
    let mut target = "/".to_owned();
    for (place, (name, value)) in query.iter().enumerate() {
        target.push(if place == 0 { '?' } else { '&' });
        percent::push(&mut target, name);
        target.push('=');
        percent::push(&mut target, value);
    }
    target
}

/// The body. V1 signs its decoded pairs and V3 the hash of its bytes, so that any spelling will do.
fn form(unsigned: &Unsigned<'_>) -> String {
    // Pairs of texts can always be written.
    serde_urlencoded::to_string(unsigned.form).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::{decode, sign};

    fn signer(algorithm: Algorithm, access_key_id: &str, secret: &str) -> Signer {
        Signer {
            algorithm,
            access_key_id: access_key_id.to_owned(),
            secret: Secret::new(secret),
            security_token: None,
            names: Names::Encoded,
        }
    }

    fn host(name: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::HOST, name.parse().unwrap())])
    }

    #[test]
    fn the_published_example_of_v1_stage_by_stage() {
        let unsigned = Unsigned {
            method: "GET",
            headers: host("ecs.aliyuncs.com"),
            action: "DescribeRegions",
            version: "2014-05-26",
            format: Some("XML"),
            timestamp: "2016-02-23T12:46:24Z",
            nonce: "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
            ..Unsigned::default()
        };
        let signed = signer(Algorithm::HmacSha1, "testid", "testsecret").sign(&unsigned).unwrap();
        assert_eq!(signed.canonical_request, None);
        insta::assert_snapshot!(signed.string_to_sign, @"GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf%26SignatureVersion%3D1.0%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26");
        insta::assert_snapshot!(signed.request.uri(), @"/?Format=XML&Action=DescribeRegions&Version=2014-05-26&Timestamp=2016-02-23T12%3A46%3A24Z&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&AccessKeyId=testid&SignatureMethod=HMAC-SHA1&SignatureVersion=1.0&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D");
    }

    #[test]
    fn the_published_example_of_v3_stage_by_stage() {
        let query =
            [("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"), ("RegionId", "cn-shanghai")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let unsigned = Unsigned {
            method: "POST",
            headers: host("ecs.cn-shanghai.aliyuncs.com"),
            action: "RunInstances",
            version: "2014-05-26",
            query: &query,
            timestamp: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
            ..Unsigned::default()
        };
        let signer = signer(Algorithm::Acs3HmacSha256, "YourAccessKeyId", "YourAccessKeySecret");
        let Signed { request, canonical_request, string_to_sign } = signer.sign(&unsigned).unwrap();
        insta::assert_snapshot!(canonical_request.unwrap(), @"
        POST
        /
        ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai
        host:ecs.cn-shanghai.aliyuncs.com
        x-acs-action:RunInstances
        x-acs-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-acs-date:2023-10-26T10:22:32Z
        x-acs-signature-nonce:3156853299f313e23d1673dc12e1703d
        x-acs-version:2014-05-26

        host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        ");
        insta::assert_snapshot!(string_to_sign, @"
        ACS3-HMAC-SHA256
        7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259
        ");
        insta::assert_snapshot!(request.headers()["authorization"].to_str().unwrap(), @"ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0");
        insta::assert_snapshot!(request.uri(), @"/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai");
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_an_error() {
        let unsigned = Unsigned { method: "POST", action: "Get\nThing", ..Unsigned::default() };
        assert!(signer(Algorithm::Acs3HmacSha256, "a", "b").sign(&unsigned).is_err());
    }

    #[test]
    fn a_raw_name_cannot_stand_for_several_pairs() {
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let signer = Signer { names: Names::Raw, ..signer(Algorithm::Acs3HmacSha256, "id", "secret") };
        let (two, one) = (pairs(&[("A", "1"), ("B[x]", "2")]), pairs(&[("A=1&B[x]", "2")]));
        let unsigned =
            Unsigned { method: "POST", headers: host("localhost"), query: &two, ..Unsigned::default() };
        let mut request = signer.sign(&unsigned).unwrap().request;
        let verdict = |request: &Request<Bytes>| {
            sign::verify(&decode(request, 100).unwrap().call(request), &signer.secret)
                .map_err(|error| error.code)
        };
        assert_eq!(verdict(&request), Ok(()));
        *request.uri_mut() = target(&one).parse().unwrap();
        assert_eq!(verdict(&request), Err("SignatureDoesNotMatch".into()));
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies_and_what_is_signed_otherwise_does_not(
            algorithm in prop::sample::select(&Algorithm::ALL[..]),
            method in prop::sample::select(&["GET", "POST"][..]),
            names in prop::sample::select(&[Names::Encoded, Names::Raw][..]),
            query in proptest::collection::vec(("[A-Z][ -~]{0,6}", ".{0,12}"), 0..4),
            form in proptest::collection::vec(("[a-z][ -~]{0,6}", ".{0,12}"), 0..4),
            secret in "[ -~]{1,12}",
            token in proptest::option::of("[!-~]{1,12}"),
        ) {
            let token = token.map(Secret::new);
            // Left raw, such names would be ambiguous.
            let is_ambiguous = query.iter().any(|(name, _)| name.contains(['&', '=']));
            let names = if is_ambiguous { Names::Encoded } else { names };
            let signer = Signer { security_token: token, names, ..signer(algorithm, "id", &secret) };
            let unsigned = Unsigned {
                method,
                headers: host("localhost"),
                action: "GetThing",
                query: &query,
                form: &form,
                ..Unsigned::default()
            };
            let request = signer.sign(&unsigned).unwrap().request;
            let decoded = decode(&request, 100).unwrap();
            let call = decoded.call(&request);
            prop_assert_eq!(sign::verify(&call, &signer.secret), Ok(()));
            let other = Secret::new(secret + "x");
            prop_assert!(sign::verify(&call, &other).is_err());
        }
    }
}
