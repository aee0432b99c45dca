//! Decodes a request once: operation, parameters, claims.

use bytes::Bytes;
use http::{Request, header};

use super::claims::{Claims, Scheme, text};
use super::envelope::Format;
use super::headers::{CallHeaders, CommonParams};
use super::percent::{PairsError, pairs};
use crate::domain::{ApiError, Code, Params, Product};

pub struct Call<'r> {
    pub request: &'r Request<Bytes>,
    pub headers: CallHeaders<'r>,
    /// Those of the query alone: V3 signs only these.
    pub query: &'r Params,
    /// Query and form together.
    pub params: &'r Params,
    /// Empty, as is the version, if the request names none.
    pub action: &'r str,
    pub version: &'r str,
    /// By the version, or by the host name if there is no version.
    pub product: Option<&'static Product>,
    pub claims: Claims<'r>,
    pub format: RequestedFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestedFormat {
    Known(Format),
    Unspecified,
    /// One that the service does not have.
    Unsupported,
}

/// The decoded parts that a [`Call`] borrows from.
pub struct Decoded {
    /// The query's pairs, where a form adds others to `params`.
    query: Option<Params>,
    params: Params,
}

/// Decodes query and form; `limit` is the largest number of parameters.
pub fn decode(request: &Request<Bytes>, limit: usize) -> Result<Decoded, ApiError> {
    if request.uri().path() != "/" {
        return Err(Code::ACTION_NOT_FOUND.into());
    }
    let read = |bytes: &[u8], room: usize| {
        pairs(bytes, room).map_err(|error| match error {
            PairsError::Malformed => Code::MALFORMED.into(),
            PairsError::TooMany => {
                let message = format!(
                    "The request has more than {limit} parameters; --max-parameters raises the limit."
                );
                ApiError::with_message(Code::TOO_LARGE, message)
            }
        })
    };
    let query = read(request.uri().query().unwrap_or_default().as_bytes(), limit)?;
    let form = if is_form(request) { read(request.body(), limit - query.len())? } else { Params::default() };
    if form.is_empty() {
        return Ok(Decoded { query: None, params: query });
    }
    if query.is_empty() {
        return Ok(Decoded { query: Some(query), params: form });
    }
    // On a clash the form wins, as it does when SDKs sign (spec/protocol.md §1.3).
    let mut params: Params = query.iter().filter(|(name, _)| form.get(name).is_none()).collect();
    params.extend(form.iter());
    Ok(Decoded { query: Some(query), params })
}

fn is_form(request: &Request<Bytes>) -> bool {
    const FORM: &str = "application/x-www-form-urlencoded";
    !request.body().is_empty()
        && text(request.headers(), header::CONTENT_TYPE).is_some_and(|value| {
            value.get(..FORM.len()).is_some_and(|start| start.eq_ignore_ascii_case(FORM))
        })
}

impl Decoded {
    /// The call. `request` is the one that this was decoded from.
    pub fn call<'r>(&'r self, request: &'r Request<Bytes>) -> Call<'r> {
        let (headers, common) = (CallHeaders::read(request.headers()), CommonParams::read(&self.params));
        let claims = Claims::of(&headers, common);
        let named = |param: Option<&'r str>, header: Option<&'r str>| match claims.scheme {
            Scheme::V3 => header.or(param),
            // V1 signs parameters, so a header must not replace one. Without a signature it may, so that the error for a
            // request shaped like V3 names what is missing.
            _ if claims.signature.is_some() => param,
            _ => param.or(header),
        };
        let version = named(common.version, headers.version).unwrap_or_default();
        Call {
            action: named(common.action, headers.action).unwrap_or_default(),
            version,
            product: if version.is_empty() { of_host(request) } else { Product::of_version(version) },
            format: requested_format(claims.scheme, common.non_empty().format, headers.accept),
            request,
            headers,
            query: self.query.as_ref().unwrap_or(&self.params),
            params: &self.params,
            claims,
        }
    }
}

fn of_host(request: &Request<Bytes>) -> Option<&'static Product> {
    let host = request.uri().host().or_else(|| text(request.headers(), header::HOST))?;
    Product::of_host(host.split_once(':').map_or(host, |(name, _)| name))
}

fn requested_format(scheme: Scheme, named: Option<&str>, accept: Option<&str>) -> RequestedFormat {
    match named {
        Some(name) if name.eq_ignore_ascii_case("json") => RequestedFormat::Known(Format::Json),
        Some(name) if name.eq_ignore_ascii_case("xml") => RequestedFormat::Known(Format::Xml),
        Some(_) => RequestedFormat::Unsupported,
        // V3 requests have no Format, and all V3 clients read JSON only (spec/protocol.md §2.3).
        None if scheme == Scheme::V3 || accept == Some("application/json") => {
            RequestedFormat::Known(Format::Json)
        }
        None => RequestedFormat::Unspecified,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(target: &str, body: &'static str) -> Request<Bytes> {
        Request::post(target)
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap()
    }

    #[test]
    fn query_and_form_are_one_and_the_form_wins() {
        let request = request("/?A=1&B=2", "B=3&C=4");
        let decoded = decode(&request, 10).unwrap();
        let call = decoded.call(&request);
        let all: Vec<_> = call.params.iter().collect();
        assert_eq!(all, [("A", "1"), ("B", "3"), ("C", "4")]);
        assert_eq!(call.query.len(), 2);
    }

    #[test]
    fn version_and_host_pick_the_product() {
        let product = |target: &str, host: &str| {
            let request = Request::get(target).header("host", host).body(Bytes::new()).unwrap();
            decode(&request, 10).unwrap().call(&request).product.map(|product| product.name)
        };
        assert_eq!(product("/?Version=2015-04-01", "sas.aliyuncs.com"), Some("Sts"));
        assert_eq!(product("/", "ECS.cn-hangzhou.aliyuncs.com:443"), Some("Ecs"));
        assert_eq!(product("http://ram.aliyuncs.com/", "sas.aliyuncs.com"), Some("Ram"));
        assert_eq!(product("/?Version=2015-04-02", "sas.aliyuncs.com"), None);
        assert_eq!(product("/", "127.0.0.1:7270"), None);
    }

    #[test]
    fn parameters_are_bounded() {
        let request = request("/?A=1&B=2", "C=3");
        assert!(decode(&request, 3).is_ok());
        assert_eq!(decode(&request, 2).err().unwrap().code, "RequestEntityTooLarge");
    }

    #[test]
    fn bad_paths_and_encodings_are_refused() {
        for (target, code) in
            [("/foo?Format=JSON", "InvalidAction.NotFound"), ("/?A=%zz", "RequestParameterMalformed")]
        {
            assert_eq!(decode(&request(target, ""), 9).err().unwrap().code, code);
        }
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_rejected(body: Vec<u8>) {
            let request = Request::post("/")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Bytes::from(body))
                .unwrap();
            if let Ok(decoded) = decode(&request, 100) {
                decoded.call(&request);
            }
        }
    }
}
