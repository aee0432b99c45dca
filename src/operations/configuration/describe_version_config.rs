//! `DescribeVersionConfig`: what the account has bought (spec/operations.json).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeVersionConfig", run)
    .summary("what the account has bought")
    .params(params! {
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape documented, edition and number of paid servers from the account, the rest fixed");

/// When it was bought and until when it is paid for, in ms: any usual time lies between them.
const BOUGHT: i64 = 0;
const PAID_UNTIL: i64 = 4_102_444_800_000;

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let edition = context.account.servers.best_edition().number();
    let bound = context.account.servers.iter().filter(|server| server.is_bound()).count();
    // Repairs are paid for with an edition.
    let repairs = if edition == Edition::Free.number() { 0 } else { 1000 };
    Ok(Value::reply(members! {
        "InstanceId": "sas-emulated",
        "Version": edition, "HighestVersion": edition, "MergedVersion": edition,
        "IsTrialVersion": 0, "IsPostpay": false, "IsOverBalance": false,
        "IsNewContainerVersion": true, "IsNewMultiVersion": true, "InstanceBuyType": 0,
        "OpenTime": BOUGHT, "ReleaseTime": PAID_UNTIL, "AllowPartialBuy": 1,
        "AssetLevel": bound, "MVAuthCount": bound, "MVUnusedAuthCount": 0,
        "VmCores": i64::try_from(bound).unwrap_or(i64::MAX).saturating_mul(Server::CORES),
        "ImageScanCapacity": 1000, "VulFixCapacity": repairs, "SlsCapacity": 0, "SasLog": 0, "SasScreen": 0,
        "WebLock": 0, "WebLockAuthCount": 0, "AppWhiteList": 0, "UserDefinedAlarms": 0,
    }))
}
