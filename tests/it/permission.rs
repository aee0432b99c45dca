//! RAM policies: what they refuse, and `AccessDeniedDetail`.

use crate::harness::tasks::{generate, roots};
use crate::harness::{Ask, World};

const TYPE: &str = "ASSETS_COLLECTION";

#[tokio::test]
async fn an_allow_list_refuses_everything_else() {
    let world = World::new(
        "accounts: [{ access_key_id: test, allow: ['yundun-sas:Get*'], deny: [GetAuthSummary] }]\n",
    );
    assert_eq!(world.ask(Ask::latest(TYPE)).await.status, 200);
    for refused in [roots(TYPE), generate(TYPE), Ask::new("GetAuthSummary")] {
        assert_eq!(world.ask(refused).await.verdict(), (403, "NoPermission".to_owned()));
    }
    // An unknown operation is refused before the policy, one that is not modelled after it.
    assert_eq!(world.ask(Ask::new("NoSuchThing")).await.status, 404);
    assert_eq!(world.ask(Ask::new("GetModuleConfig")).await.status, 501);
    assert_eq!(world.ask(Ask::new("DescribeSuspEvents")).await.status, 403);
}

#[tokio::test]
async fn access_denied_detail_names_caller_and_action() {
    let world = World::new(
        "accounts: [{ access_key_id: test, allow: [] }, { access_key_id: STS.x, security_token: t, deny: ['*'] }]\n",
    );
    let refused = world.ask(Ask::latest(TYPE)).await.json()["AccessDeniedDetail"].clone();
    insta::assert_snapshot!(refused, @r#"{"PolicyType":"AccountLevelIdentityBasedPolicy","AuthPrincipalOwnerId":"1000000000000000","AuthPrincipalType":"SubUser","NoPermissionType":"ImplicitDeny","AuthPrincipalDisplayName":"test","AuthAction":"yundun-aegis:GetLastOnceTaskInfo"}"#);
    let role = Ask::new("DescribeSuspEvents").with(|ask| {
        ask.key = "STS.x".into();
        ask.token = Some("t".into());
    });
    let refused = world.ask(role).await.json()["AccessDeniedDetail"].clone();
    insta::assert_snapshot!(refused, @r#"{"PolicyType":"AccountLevelIdentityBasedPolicy","AuthPrincipalOwnerId":"1000000000000000","AuthPrincipalType":"AssumedRoleUser","NoPermissionType":"ExplicitDeny","AuthPrincipalDisplayName":"STS.x","AuthAction":"yundun-sas:DescribeSuspEvents"}"#);
}

#[tokio::test]
async fn access_denied_detail_in_xml() {
    let world = World::new("denied");
    let answer = world.ask(Ask::latest(TYPE).with(|ask| ask.format = Some("XML".into()))).await;
    assert!(answer.is_xml());
    let detail = answer.body.split_once("<AccessDeniedDetail>").unwrap().1;
    insta::assert_snapshot!(detail, @"<PolicyType>AccountLevelIdentityBasedPolicy</PolicyType><AuthPrincipalOwnerId>1000000000000000</AuthPrincipalOwnerId><AuthPrincipalType>SubUser</AuthPrincipalType><NoPermissionType>ExplicitDeny</NoPermissionType><AuthPrincipalDisplayName>test</AuthPrincipalDisplayName><AuthAction>yundun-aegis:GetLastOnceTaskInfo</AuthAction></AccessDeniedDetail></Error>");
}
