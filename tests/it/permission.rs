//! RAM policies: what they refuse, and `AccessDeniedDetail`.

use crate::harness::tasks::{generate, roots};
use crate::harness::{TestCall, TestEmulator};

const TYPE: &str = "ASSETS_COLLECTION";

#[tokio::test]
async fn an_allow_list_refuses_everything_else() {
    let emulator = TestEmulator::new(
        "accounts: [{ access_key_id: test, allow: ['yundun-sas:Get*'], deny: [GetAuthSummary] }]\n",
    );
    assert_eq!(emulator.call(TestCall::latest(TYPE)).await.status, 200);
    for refused in [roots(TYPE), generate(TYPE), TestCall::new("GetAuthSummary")] {
        assert_eq!(emulator.call(refused).await.verdict(), (403, "NoPermission".to_owned()));
    }
    // An unknown operation is refused before the policy, one that is not modelled after it.
    assert_eq!(emulator.call(TestCall::new("NoSuchThing")).await.status, 404);
    assert_eq!(emulator.call(TestCall::new("GetModuleConfig")).await.status, 404);
    assert_eq!(emulator.call(TestCall::new("DescribeSuspEvents")).await.status, 403);
}

#[tokio::test]
async fn access_denied_detail_names_caller_and_action() {
    let emulator = TestEmulator::new(
        "accounts: [{ access_key_id: test, allow: [] }, { access_key_id: STS.x, security_token: t, deny: ['*'] }]\n",
    );
    let refused = emulator.call(TestCall::latest(TYPE)).await.json()["AccessDeniedDetail"].clone();
    insta::assert_snapshot!(refused, @r#"{"PolicyType":"AccountLevelIdentityBasedPolicy","AuthPrincipalOwnerId":"1000000000000000","AuthPrincipalType":"SubUser","NoPermissionType":"ImplicitDeny","AuthPrincipalDisplayName":"test","AuthAction":"yundun-aegis:GetLastOnceTaskInfo"}"#);
    let role = TestCall::new("DescribeSuspEvents").with(|call| {
        call.key = "STS.x".into();
        call.token = Some("t".into());
    });
    let refused = emulator.call(role).await.json()["AccessDeniedDetail"].clone();
    insta::assert_snapshot!(refused, @r#"{"PolicyType":"AccountLevelIdentityBasedPolicy","AuthPrincipalOwnerId":"1000000000000000","AuthPrincipalType":"AssumedRoleUser","NoPermissionType":"ExplicitDeny","AuthPrincipalDisplayName":"STS.x","AuthAction":"yundun-sas:DescribeSuspEvents"}"#);
}

#[tokio::test]
async fn access_denied_detail_in_xml() {
    let emulator = TestEmulator::new("denied");
    let answer = emulator.call(TestCall::latest(TYPE).with(|call| call.format = Some("XML".into()))).await;
    assert!(answer.is_xml());
    let detail = answer.body.split_once("<AccessDeniedDetail>").unwrap().1;
    insta::assert_snapshot!(detail, @"<PolicyType>AccountLevelIdentityBasedPolicy</PolicyType><AuthPrincipalOwnerId>1000000000000000</AuthPrincipalOwnerId><AuthPrincipalType>SubUser</AuthPrincipalType><NoPermissionType>ExplicitDeny</NoPermissionType><AuthPrincipalDisplayName>test</AuthPrincipalDisplayName><AuthAction>yundun-aegis:GetLastOnceTaskInfo</AuthAction></AccessDeniedDetail></Error>");
}
