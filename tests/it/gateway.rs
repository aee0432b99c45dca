//! The gateway cases of spec/protocol.md §6, by their numbers; others are in [`super::vectors`] and [`super::sockets`].

use bytes::Bytes;
use http::{HeaderValue, Request};
use sas_emulator::internals::protocol::{percent, sign::Names};

use crate::harness::strict::{SCAN, both, strict, sts};
use crate::harness::{TestCall, TestEmulator};

#[tokio::test]
async fn case_1_and_22_ids_agree_in_header_and_body() {
    let answer = strict().call(TestCall::latest(SCAN)).await;
    assert_eq!(answer.json()["RequestId"], answer.header("x-acs-request-id"));
    assert_eq!(answer.header("content-type"), "application/json;charset=utf-8");
}

#[tokio::test]
async fn case_4_raw_characters_and_an_unsigned_content_type() {
    let raw = "/?:@'()!*$,";
    let mut request = TestCall::latest(SCAN).param("Source", raw).request();
    let target = request.uri().to_string().replace(&*percent::encode(raw), raw);
    *request.uri_mut() = target.parse().unwrap();
    request.headers_mut().insert("content-type", HeaderValue::from_static("application/octet-stream"));
    assert_eq!(strict().send(request).await.status, 200);
}

#[tokio::test]
async fn case_5_empty_values_are_kept() {
    both(&strict(), || TestCall::latest(SCAN).param("Source", ""), 200, "").await;
}

#[tokio::test]
async fn case_8_and_9_query_and_body_are_one() {
    let call = || {
        TestCall::new("GetLastOnceTaskInfo")
            .param("TaskType", SCAN)
            .form("TaskName", SCAN)
            .form("Source", "a b*")
    };
    both(&strict(), call, 200, "").await;
}

#[tokio::test]
async fn case_10_temporary_keys() {
    both(&strict(), sts, 200, "").await;
}

#[tokio::test]
async fn case_11_v1_with_headers_of_v3_is_v1() {
    let call = TestCall::latest(SCAN)
        .v1()
        .header("x-acs-action", "GetLastOnceTaskInfo")
        .header("x-acs-version", "2018-12-03");
    assert_eq!(strict().call(call).await.status, 200);
}

#[tokio::test]
async fn case_12_names_sort_by_code_point() {
    let names = ["b", "B", "a.2", "a.10", "_x", "a-b", "Z.1.2"];
    let call = || names.iter().fold(TestCall::latest(SCAN), |call, name| call.param(name, "v"));
    both(&strict(), call, 200, "").await;
}

#[tokio::test]
async fn case_13_one_wrong_digit_in_v3() {
    let mut request = TestCall::latest(SCAN).request();
    let authorization = request.headers()["authorization"].to_str().unwrap();
    let last = if authorization.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{last}", &authorization[..authorization.len() - 1]);
    request.headers_mut().insert("authorization", wrong.parse().unwrap());
    let answer = strict().send(request).await;
    assert_eq!(answer.verdict(), (400, "SignatureDoesNotMatch".into()));
    let message = answer.message();
    let start =
        "Specified signature does not match our calculation. server StringToSign is [ACS3-HMAC-SHA256\n";
    assert!(message.starts_with(start), "{message}");
    assert!(
        message.contains(
            "], server CanonicalRequest is [POST\n/\nTaskName=IMAGE_SCAN&TaskType=IMAGE_SCAN\nhost:"
        )
    );
}

#[tokio::test]
async fn case_14_a_wrong_secret_in_v1_shows_the_string_and_nothing_else() {
    let answer = strict().call(TestCall::latest(SCAN).v1().with(|call| call.secret = "wrong".into())).await;
    assert_eq!(answer.verdict(), (400, "SignatureDoesNotMatch".into()));
    let message = answer.message();
    let parts: Vec<&str> = message.split(':').collect();
    assert_eq!(parts.len(), 2, "the legacy SDK takes what is between the first two colons: {message}");
    assert_eq!(parts[0], "Specified signature is not matched with our calculation. server string to sign is");
    assert!(
        parts[1].starts_with("POST&%2F&AccessKeyId%3Dtest%26Action%3DGetLastOnceTaskInfo%26"),
        "{message}"
    );
}

#[tokio::test]
async fn case_15_unknown_key() {
    both(
        &strict(),
        || TestCall::latest(SCAN).with(|call| call.key = "nobody".into()),
        404,
        "InvalidAccessKeyId.NotFound",
    )
    .await;
}

#[tokio::test]
async fn case_15b_impossible_and_disabled_keys() {
    let emulator = TestEmulator::new("accounts: [{ access_key_id: off, disabled: true }]\n");
    both(
        &emulator,
        || TestCall::latest(SCAN).with(|call| call.key = "off".into()),
        400,
        "InvalidAccessKeyId.Inactive",
    )
    .await;
    let impossible = || TestCall::latest(SCAN).with(|call| call.key = "a b".into());
    both(&emulator, impossible, 404, "InvalidAccessKeyId").await;
}

#[tokio::test]
async fn case_16_the_action_is_judged_before_the_key() {
    let call = || TestCall::new("NoSuchThing").with(|call| call.key = "nobody".into());
    both(&strict(), call, 404, "InvalidAction.NotFound").await;
    both(&strict(), || TestCall::new("getlastoncetaskinfo"), 404, "InvalidAction.NotFound").await;
}

#[tokio::test]
async fn case_17_other_versions_older_or_newer() {
    for version in ["2011-11-11", "2031-01-01", "", "latest"] {
        both(
            &strict(),
            || TestCall::latest(SCAN).with(|call| call.version = version.into()),
            400,
            "InvalidVersion",
        )
        .await;
    }
}

#[tokio::test]
async fn case_18_fifteen_minutes_and_not_a_second_more() {
    let stamp = |date: &'static str| move || TestCall::latest(SCAN).with(|call| call.date = date.into());
    for fresh in ["2026-01-02T02:49:05Z", "2026-01-02T03:19:05Z"] {
        both(&strict(), stamp(fresh), 200, "").await;
    }
    for stale in ["2026-01-02T02:49:04Z", "2026-01-02T03:19:06Z"] {
        both(&strict(), stamp(stale), 400, "InvalidTimeStamp.Expired").await;
    }
}

#[tokio::test]
async fn case_19_a_nonce_is_good_once_for_one_key() {
    let emulator = TestEmulator::new("instant");
    for call in [TestCall::latest(SCAN), TestCall::latest(SCAN).v1()] {
        assert_eq!(emulator.call(call.clone()).await.status, 200);
        assert_eq!(emulator.call(call.clone()).await.verdict(), (400, "SignatureNonceUsed".into()));
        assert_eq!(emulator.call(call.with(|call| call.key = "other".into())).await.status, 200);
    }
}

#[tokio::test]
async fn case_19b_a_refused_signature_does_not_use_up_the_nonce() {
    let emulator = strict();
    let call = TestCall::latest(SCAN);
    assert_eq!(emulator.call(call.clone().with(|call| call.secret = "wrong".into())).await.status, 400);
    assert_eq!(emulator.call(call).await.status, 200);
}

#[tokio::test]
async fn case_20_other_forms_of_time() {
    for date in [
        "2026-01-02T03:04:05.123Z",
        "2026-01-02T03:04:05+08:00",
        "1767323045",
        "Fri, 02 Jan 2026 03:04:05 GMT",
    ] {
        both(
            &strict(),
            || TestCall::latest(SCAN).with(|call| call.date = date.into()),
            400,
            "InvalidTimeStamp.Format",
        )
        .await;
    }
}

#[tokio::test]
async fn case_21_22_unsigned_calls() {
    let emulator = strict();
    let bare =
        Request::get("/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=JSON").header("host", "h");
    assert_eq!(
        emulator.send(bare.body(Bytes::new()).unwrap()).await.verdict(),
        (400, "MissingAccessKeyId".into())
    );
    let mut other = TestCall::latest(SCAN).header("accept", "application/json").request();
    other.headers_mut().insert("authorization", HeaderValue::from_static("HMAC-SHA256 Credential=test"));
    let answer = emulator.send(other).await;
    assert_eq!(answer.verdict(), (400, "MissingAccessKeyId".into()));
    assert_eq!(answer.message(), "AccessKeyId is mandatory for this action.");
}

#[tokio::test]
async fn case_23_what_is_left_out_is_named() {
    let emulator = strict();
    for (dropped, code) in [
        ("AccessKeyId", "MissingAccessKeyId"),
        ("Signature", "MissingSignature"),
        ("SignatureMethod", "MissingSignatureMethod"),
        ("SignatureVersion", "MissingSignatureVersion"),
        ("SignatureNonce", "MissingSignatureNonce"),
        ("Timestamp", "MissingTimestamp"),
    ] {
        let answer =
            emulator.call(TestCall::latest(SCAN).v1().with(|call| call.dropped = vec![dropped])).await;
        assert_eq!(answer.verdict(), (400, code.into()));
    }
    for (dropped, code) in [
        ("x-acs-date", "MissingTimestamp"),
        ("x-acs-signature-nonce", "MissingSignatureNonce"),
        ("x-acs-content-sha256", "MissingContentSha256"),
    ] {
        let answer = emulator.call(TestCall::latest(SCAN).with(|call| call.dropped = vec![dropped])).await;
        assert_eq!(answer.verdict(), (400, code.into()));
    }
    for (dropped, code) in
        [("x-acs-action", (404, "InvalidAction.NotFound")), ("x-acs-version", (400, "InvalidVersion"))]
    {
        let answer = emulator.call(TestCall::latest(SCAN).with(|call| call.dropped = vec![dropped])).await;
        assert_eq!(answer.verdict(), (code.0, code.1.into()));
    }
}

#[tokio::test]
async fn case_24_25_tokens() {
    let emulator = strict();
    both(&emulator, || sts().with(|call| call.token = None), 400, "MissingSecurityToken").await;
    let mismatch = "InvalidSecurityToken.MismatchWithAccessKey";
    both(&emulator, || sts().with(|call| call.token = Some("another".into())), 400, mismatch).await;
    both(
        &emulator,
        || TestCall::latest(SCAN).with(|call| call.token = Some("uncalled-for".into())),
        400,
        mismatch,
    )
    .await;
    both(
        &emulator,
        || sts().with(|call| call.token = Some("a b".into())),
        400,
        "InvalidSecurityToken.Malformed",
    )
    .await;
    // Where keys are not listed, a temporary one is known by its prefix.
    let open = TestEmulator::new("instant");
    let temporary = || TestCall::latest(SCAN).with(|call| call.key = "STS.any".into());
    both(&open, temporary, 400, "MissingSecurityToken").await;
    both(&open, || temporary().with(|call| call.token = Some("any".into())), 200, "").await;
}

#[tokio::test]
async fn case_25_an_expired_token() {
    let emulator = TestEmulator::new(
        "accounts: [{ access_key_id: STS.ci, access_key_secret: sts-secret, security_token: 'CAISt+ok/en==~*', \
         expires: 2026-01-02T03:04:05Z }]\nstart_on_first_poll: ['*']\n",
    );
    both(&emulator, sts, 403, "InvalidSecurityToken.Expired").await;
}

#[tokio::test]
async fn case_26_the_key_is_judged_before_the_parameters() {
    both(&strict(), || TestCall::new("GetLastOnceTaskInfo"), 400, "MissingTaskType").await;
    let stranger = || TestCall::new("GetLastOnceTaskInfo").with(|call| call.key = "nobody".into());
    both(&strict(), stranger, 404, "InvalidAccessKeyId.NotFound").await;
}

#[tokio::test]
async fn case_27_28_xml() {
    let emulator = strict();
    let xml = |call: TestCall| call.with(|call| call.format = Some("XML".into()));
    let answer = emulator.call(xml(TestCall::latest(SCAN).v1())).await;
    assert!(
        answer.is_xml() && answer.body.contains("<GetLastOnceTaskInfoResponse><CollectTime>"),
        "{}",
        answer.body
    );
    let answer = emulator.call(xml(TestCall::new("GetLastOnceTaskInfo").v1())).await;
    assert!(answer.is_xml(), "{}", answer.body);
    let id = answer.header("x-acs-request-id");
    let expected = format!(
        "<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>{id}</RequestId><HostId>127.0.0.1:7270</HostId>\
         <Code>MissingTaskType</Code><Message>TaskType is mandatory for this action.</Message><Recommend>\
         <![CDATA[https://api.aliyun.com/troubleshoot?q=MissingTaskType&product=Sas&requestId={id}]]></Recommend></Error>"
    );
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn case_30_31_formats() {
    let emulator = strict();
    for format in ["json", "JSON", "Json"] {
        let answer =
            emulator.call(TestCall::latest(SCAN).v1().with(|call| call.format = Some(format.into()))).await;
        assert!(answer.json()["TaskInfo"].is_object());
    }
    let none = || TestCall::latest(SCAN).v1().with(|call| call.format = Some("None".into()));
    assert_eq!(emulator.call(none()).await.verdict(), (400, "InvalidParameter.Format".into()));
}

#[tokio::test]
async fn case_32_33_unreadable_requests_are_answered_in_xml() {
    let emulator = strict();
    for (target, status, code) in [
        ("/?Format=JSON&A=%zz", 400, "RequestParameterMalformed"),
        ("/?Format=JSON&A=%ff", 400, "RequestParameterMalformed"),
        ("/foo?Format=JSON", 404, "InvalidAction.NotFound"),
    ] {
        let answer =
            emulator.send(Request::get(target).header("host", "h").body(Bytes::new()).unwrap()).await;
        assert_eq!(answer.verdict(), (status, code.into()));
        assert!(answer.is_xml());
    }
}

#[tokio::test]
async fn case_34_a_body_changed_after_signing() {
    let mut request = TestCall::latest(SCAN).form("Source", "console").request();
    *request.body_mut() = Bytes::from_static(b"Source=cansole");
    assert_eq!(strict().send(request).await.code(), "SignatureDoesNotMatch");
    let mut request =
        TestCall::latest(SCAN).v1().header("content-md5", "AAAA").form("Source", "console").request();
    assert_eq!(strict().send(request.clone()).await.code(), "ContentMD5NotMatched");
    request.headers_mut().insert("content-md5", HeaderValue::from_static("lDApXv3jQ5kyJ3kbzh7oEA=="));
    *request.body_mut() = Bytes::from_static(b"Source=console");
    assert_eq!(strict().send(request).await.code(), "ContentMD5NotMatched");
}

#[tokio::test]
async fn case_37_members_in_the_order_of_legacy_java_and_no_signed_host() {
    let mut request = TestCall::latest(SCAN).with(|call| call.headers.clear()).request();
    let authorization = request.headers()["authorization"].to_str().unwrap().to_owned();
    let (start, signature) = authorization.rsplit_once(",Signature=").unwrap();
    let (start, signed_headers) = start.split_once(",SignedHeaders=").unwrap();
    let java = format!("{start},Signature={signature},SignedHeaders={signed_headers}");
    assert!(!java.contains("host"));
    request.headers_mut().insert("authorization", java.parse().unwrap());
    request.headers_mut().insert("host", HeaderValue::from_static("elsewhere.example"));
    assert_eq!(strict().send(request).await.status, 200);
}

#[tokio::test]
async fn case_39_names_signed_raw_or_encoded() {
    for names in [Names::Raw, Names::Encoded] {
        let call = TestCall::latest(SCAN).param("#3#key", "v").with(|call| call.names = names);
        assert_eq!(strict().call(call).await.status, 200, "{names:?}");
    }
}

#[tokio::test]
async fn case_40_42_45_odd_headers() {
    let emulator = strict();
    let twice = TestCall::latest(SCAN).header("x-acs-extra", "b").header("x-acs-extra", " a ");
    assert_eq!(emulator.call(twice).await.status, 200);
    assert_eq!(
        emulator.call(TestCall::latest(SCAN).header("host", "http://127.0.0.1:7270")).await.status,
        200
    );
    let retry = TestCall::latest(SCAN).header("x-acs-retry-attempts", "1").header("x-acs-retry-delay", "200");
    assert_eq!(emulator.call(retry).await.status, 200);
}

#[tokio::test]
async fn case_43_44_headers_of_answers() {
    use base64::Engine;
    use md5::{Digest, Md5};
    let answers = [
        strict().call(TestCall::latest(SCAN)).await,
        strict().call(TestCall::latest(SCAN).header("accept-encoding", "gzip")).await,
    ];
    for answer in answers {
        let length = answer.body.len().to_string();
        let hash = base64::engine::general_purpose::STANDARD_NO_PAD.encode(Md5::digest(&answer.body));
        assert_eq!(answer.header("etag"), format!("{}{hash}{}", &length[..1], &length[length.len() - 1..]));
        assert_eq!(answer.header("content-encoding"), "");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("connection"), "keep-alive");
        assert_eq!(answer.header("x-acs-trace-id").len(), 32);
    }
}

#[tokio::test]
async fn case_46_other_methods() {
    for method in ["PUT", "DELETE", "PATCH", "HEAD"] {
        let answer = strict().call(TestCall::latest(SCAN).with(|call| call.method = method)).await;
        assert_eq!(answer.verdict(), (400, "UnsupportedHTTPMethod".into()));
    }
}
