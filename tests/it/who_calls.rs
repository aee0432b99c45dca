//! Authentication by the gateway, beyond the numbered cases of [`super::gateway`], and which callers it serves.

use bytes::Bytes;
use http::Request;

use crate::harness::strict::{SCAN, both, strict, sts};
use crate::harness::{Setup, TestCall, TestEmulator};

#[tokio::test]
async fn methods_of_signing_that_do_not_exist() {
    let emulator = strict();
    let wrong = |old: &'static str, new: &'static str| {
        let mut request = TestCall::latest(SCAN).request();
        let authorization = request.headers()["authorization"].to_str().unwrap().replace(old, new);
        request.headers_mut().insert("authorization", authorization.parse().unwrap());
        request
    };
    for scheme in ["ACS3-RSA-SHA256", "ACS3-HMAC-MD5"] {
        assert_eq!(emulator.send(wrong("ACS3-HMAC-SHA256", scheme)).await.code(), "InvalidSignatureMethod");
    }
    let v1 = |name: &str, value: &str| {
        TestCall::latest(SCAN)
            .v1()
            .with(|call| call.dropped = vec!["SignatureMethod", "SignatureVersion"])
            .param(name, value)
    };
    let call = v1("SignatureMethod", "SHA256withRSA").param("SignatureVersion", "1.0");
    assert_eq!(emulator.call(call).await.code(), "InvalidSignatureMethod");
    let call = v1("SignatureMethod", "HMAC-SHA1").param("SignatureVersion", "2.0");
    assert_eq!(emulator.call(call).await.code(), "InvalidSignatureVersion");
    let call = v1("SignatureMethod", "Hmac-Sha1").param("SignatureVersion", "1.0");
    assert_eq!(emulator.call(call).await.status, 200, "the documents spell it so too");
}

#[tokio::test]
async fn v3_must_sign_what_it_claims() {
    let emulator = strict();
    for unsigned in ["x-acs-action", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"] {
        let mut request = TestCall::latest(SCAN).with(|call| call.dropped = vec![unsigned]).request();
        let value = TestCall::latest(SCAN).request().headers()[unsigned].clone();
        request.headers_mut().insert(unsigned, value);
        assert_eq!(
            emulator.send(request).await.verdict(),
            (400, "SignatureDoesNotMatch".into()),
            "{unsigned}"
        );
    }
    let nothing_signed = TestCall::latest(SCAN).request();
    let authorization = nothing_signed.headers()["authorization"].to_str().unwrap();
    let (start, rest) = authorization.split_once(",SignedHeaders=").unwrap();
    let (_, signature) = rest.split_once(',').unwrap();
    let mut request = nothing_signed.clone();
    request.headers_mut().insert("authorization", format!("{start},{signature}").parse().unwrap());
    assert_eq!(emulator.send(request).await.verdict(), (400, "SignatureDoesNotMatch".into()));
}

#[tokio::test]
async fn v1_does_not_take_from_headers_what_it_does_not_sign() {
    let emulator = strict();
    let call = TestCall::latest(SCAN)
        .v1()
        .header("x-acs-action", "GetLastOnceTaskInfo")
        .header("x-acs-version", "2018-12-03");
    for (dropped, code) in [("Action", "InvalidAction.NotFound"), ("Version", "InvalidVersion")] {
        assert_eq!(emulator.call(call.clone().with(|call| call.dropped = vec![dropped])).await.code(), code);
    }
    let token = sts().v1().header("x-acs-security-token", "CAISt+ok/en==~*").with(|call| call.token = None);
    assert_eq!(emulator.call(token).await.code(), "MissingSecurityToken");
}

#[tokio::test]
async fn signature_types() {
    let emulator = strict();
    assert_eq!(emulator.call(TestCall::latest(SCAN).v1().param("SignatureType", "")).await.status, 200);
    for kind in ["FOO", "PRIVATEKEY"] {
        let answer = emulator.call(TestCall::latest(SCAN).v1().param("SignatureType", kind)).await;
        assert_eq!(answer.verdict(), (400, "UnsupportedSignatureType".into()));
    }
}

#[tokio::test]
async fn what_is_denied_to_all_is_denied_to_bearers() {
    let emulator = TestEmulator::new(
        "accounts: [{ access_key_id: '*', deny: ['*'] }]\nassumptions: { bearer: accept }\n",
    );
    let target = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&SignatureType=BEARERTOKEN&BearerToken=t";
    let request = Request::get(target).header("host", "h").body(Bytes::new()).unwrap();
    assert_eq!(emulator.send(request).await.verdict(), (403, "NoPermission".into()));
}

#[tokio::test]
async fn operations_that_are_not_modelled_say_so_to_those_who_may_call() {
    let emulator = strict();
    both(&emulator, || TestCall::new("DescribeImageVulList"), 404, "OperationNotModelled").await;
    let stranger = || TestCall::new("DescribeImageVulList").with(|call| call.key = "nobody".into());
    both(&emulator, stranger, 404, "InvalidAccessKeyId.NotFound").await;
}

#[tokio::test]
async fn signatures_can_be_ignored() {
    let emulator = Setup::new("instant").unsigned().start();
    let target =
        "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=JSON&TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN";
    let bare = |extra: &str| {
        Request::get(format!("{target}{extra}")).header("host", "h").body(Bytes::new()).unwrap()
    };
    assert_eq!(emulator.send(bare("")).await.status, 200);
    assert_eq!(emulator.send(bare("&AccessKeyId=me")).await.status, 200);
    assert_eq!(
        emulator.call(TestCall::latest(SCAN).with(|call| call.secret = "wrong".into())).await.status,
        200
    );
    assert_eq!(emulator.account_count(), 3);
}

#[tokio::test]
async fn accounts_beyond_the_limit_are_refused_while_tasks_run_in_all_and_known_ones_served() {
    let emulator = Setup::new("default").max_accounts(1).start();
    assert_eq!(emulator.call(TestCall::latest(SCAN)).await.status, 200);
    let other = TestCall::latest(SCAN).with(|call| call.key = "other".into());
    assert_eq!(emulator.call(other).await.verdict(), (503, "ServiceUnavailable".into()));
    assert_eq!(emulator.call(TestCall::latest(SCAN)).await.status, 200);
}
