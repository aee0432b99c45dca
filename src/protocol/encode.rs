//! Encodes replies: the body as JSON or XML, and the headers of the real service (spec/protocol.md §3, §4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use md5::{Digest, Md5};

use super::envelope::{Envelope, Format};
use super::{json, xml};
use crate::domain::{ApiError, Value};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-acs-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-acs-trace-id");
/// Ours: how far the reply can be trusted.
const FIDELITY: HeaderName = HeaderName::from_static("x-emulator-fidelity");

const JSON: HeaderValue = HeaderValue::from_static(Format::Json.content_type());
const XML: HeaderValue = HeaderValue::from_static(Format::Xml.content_type());
const ANY: HeaderValue = HeaderValue::from_static("*");

/// With those that the server and an HTTP library add.
const MOST_HEADERS: usize = 12;

pub fn encode(envelope: &Envelope<'_>, outcome: &Result<Value, ApiError>) -> Response<Bytes> {
    let (status, body) = match (outcome, envelope.format) {
        (Ok(value), Format::Json) => (200, json::value(value, envelope)),
        (Ok(value), Format::Xml) => (200, xml::value(value, envelope)),
        (Err(error), Format::Json) => (error.status, json::error(error, envelope)),
        (Err(error), Format::Xml) => (error.status, xml::error(error, envelope)),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
    let content_type = match envelope.format {
        Format::Json => JSON,
        Format::Xml => XML,
    };
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, ANY);
    let mut add = |name: HeaderName, value: &str| {
        // Cannot fail: these values are hex, base64 and UUIDs, which are always visible ASCII.
        headers.extend(HeaderValue::from_str(value).map(|value| (name, value)));
    };
    add(REQUEST_ID, envelope.request_id.write(&mut [0; 36]));
    let mut trace_id = [0; 32];
    // Cannot panic: the text is twice as long.
    HEXLOWER.encode_mut(&envelope.trace_id, &mut trace_id);
    add(TRACE_ID, std::str::from_utf8(&trace_id).unwrap_or_default());
    add(header::ETAG, &etag(response.body()));
    headers.insert(FIDELITY, HeaderValue::from_static(envelope.fidelity.as_str()));
    *response.headers_mut() = headers;
    response
}

/// First digit of the length, base64 of the MD5 without padding, last digit of the length; no quotes. Inferred from
/// real responses (spec/protocol.md §3.1).
fn etag(body: &[u8]) -> String {
    let length = body.len().to_string();
    let mut text = String::with_capacity(24);
    text.push_str(&length[..1]);
    STANDARD_NO_PAD.encode_string(Md5::digest(body), &mut text);
    text.push_str(&length[length.len() - 1..]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Code, Fidelity, members};
    use crate::protocol::{LinkKey, RequestId};

    fn envelope(format: Format) -> Envelope<'static> {
        Envelope {
            request_id: RequestId::new([7; 16]),
            trace_id: [1; 16],
            action: "GetThing",
            product: "Sas",
            host: "h&h",
            format,
            fidelity: Fidelity::Modelled,
            is_over_tls: false,
            links: LinkKey::default(),
        }
    }

    fn body(format: Format, outcome: &Result<Value, ApiError>) -> String {
        String::from_utf8(encode(&envelope(format), outcome).into_body().into()).unwrap()
    }

    #[test]
    fn success_in_both_syntaxes() {
        let sample = Ok(Value::Map(members! {
            "N": 1_000_000,
            "RequestId": Value::RequestId,
            "Ok": true,
            "Link": Value::Link("/x".to_owned()),
            "List": Value::list("Item", [Value::text("<a> & \"b\""), Value::text("中")]),
        }));
        insta::assert_snapshot!(body(Format::Json, &sample), @r#"{"N":1000000,"RequestId":"07070707-0707-5707-8707-070707070707","Ok":true,"Link":"http://h&h/x?key=6af8645166a458be85306bbc7f1e88bb","List":["<a> & \"b\"","中"]}"#);
        insta::assert_snapshot!(body(Format::Xml, &sample), @"<?xml version='1.0' encoding='UTF-8'?><GetThingResponse><N>1000000</N><RequestId>07070707-0707-5707-8707-070707070707</RequestId><Ok>true</Ok><Link>http://h&amp;h/x?key=6af8645166a458be85306bbc7f1e88bb</Link><List><Item>&lt;a&gt; &amp; &quot;b&quot;</Item><Item>中</Item></List></GetThingResponse>");
    }

    #[test]
    fn errors_in_both_syntaxes() {
        let error = Err(Code::SERVER_ERROR.into());
        insta::assert_snapshot!(body(Format::Json, &error), @r#"{"RequestId":"07070707-0707-5707-8707-070707070707","Message":"ServerError","Recommend":"https://api.aliyun.com/troubleshoot?q=ServerError&product=Sas&requestId=07070707-0707-5707-8707-070707070707","HostId":"h&h","Code":"ServerError"}"#);
        insta::assert_snapshot!(body(Format::Xml, &error), @"<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>07070707-0707-5707-8707-070707070707</RequestId><HostId>h&amp;h</HostId><Code>ServerError</Code><Message>ServerError</Message><Recommend><![CDATA[https://api.aliyun.com/troubleshoot?q=ServerError&product=Sas&requestId=07070707-0707-5707-8707-070707070707]]></Recommend></Error>");
    }

    #[test]
    fn members_of_any_name_are_elements() {
        let odd = ["", "7-a", "a b", "中", "x.y_z-1"];
        let odd = odd.map(|name| (name.to_owned().into(), Value::Int(1)));
        insta::assert_snapshot!(body(Format::Xml, &Ok(Value::Map(odd.into()))), @"<?xml version='1.0' encoding='UTF-8'?><GetThingResponse><_>1</_><_7-a>1</_7-a><a_b>1</a_b><_>1</_><x.y_z-1>1</x.y_z-1></GetThingResponse>");
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_left_out() {
        let error = Err(ApiError::with_message(Code::SERVER_ERROR, "a\u{0}b\u{1b}c\nd"));
        assert!(body(Format::Xml, &error).contains("<Message>abc\nd</Message>"));
    }

    #[test]
    fn what_would_end_a_text_or_change_in_a_reader_is_written_otherwise() {
        let error = Err(ApiError::custom(400, "a]]>b", "c\r\nd"));
        let body = body(Format::Xml, &error);
        assert!(body.contains("<Message>c&#13;\nd</Message>"), "{body}");
        assert!(body.contains("?q=a]]]]><![CDATA[>b&product=Sas"), "{body}");
    }

    #[test]
    fn headers_of_an_answer() {
        let answer = encode(&envelope(Format::Json), &Err(Code::SERVER_ERROR.into()));
        assert_eq!(answer.status(), 500);
        insta::assert_debug_snapshot!(answer.headers(), @r#"
        {
            "content-type": "application/json;charset=utf-8",
            "access-control-allow-origin": "*",
            "access-control-expose-headers": "*",
            "x-acs-request-id": "07070707-0707-5707-8707-070707070707",
            "x-acs-trace-id": "01010101010101010101010101010101",
            "etag": "2zbbQ5tQr0p/PB2D1331pwg5",
            "x-emulator-fidelity": "modelled",
        }
        "#);
    }

    #[test]
    fn etag_follows_the_rule_seen_in_real_answers() {
        let body = [b'x'; 52];
        let tag = etag(&body);
        assert!(tag.starts_with('5') && tag.ends_with('2') && tag.len() == 24, "{tag}");
    }
}
