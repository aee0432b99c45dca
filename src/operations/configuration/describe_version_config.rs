//! `DescribeVersionConfig`: what the account has bought (spec/operations.json).

use crate::domain::asset::Edition;
use crate::domain::{ApiError, Params, Value};
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("DescribeVersionConfig", run)
    .summary("what the account has bought")
    .params(&[
        Param::int("ResourceDirectoryAccountId").ignored("an account sees itself only"),
        Param::source_ip(),
    ])
    .evidence("part; shape documented, edition and number of servers from the account, the rest fixed");

/// When it was bought and until when it is paid for, in ms: any usual time lies between them.
const BOUGHT: i64 = 0;
const PAID_UNTIL: i64 = 4_102_444_800_000;

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let edition = Edition::best(&context.account.servers).number();
    let servers = Value::int(context.account.servers.len());
    Ok(Value::reply([
        ("InstanceId", Value::text("sas-emulated")),
        ("Version", Value::Int(edition)),
        ("HighestVersion", Value::Int(edition)),
        ("MergedVersion", Value::Int(edition)),
        ("IsTrialVersion", Value::Int(0)),
        ("IsPostpay", Value::Bool(false)),
        ("IsOverBalance", Value::Bool(false)),
        ("IsNewContainerVersion", Value::Bool(true)),
        ("IsNewMultiVersion", Value::Bool(true)),
        ("InstanceBuyType", Value::Int(0)),
        ("OpenTime", Value::Int(BOUGHT)),
        ("ReleaseTime", Value::Int(PAID_UNTIL)),
        ("AllowPartialBuy", Value::Int(1)),
        ("AssetLevel", servers.clone()),
        ("MVAuthCount", servers),
        ("MVUnusedAuthCount", Value::Int(0)),
        ("VmCores", Value::int(context.account.servers.len().saturating_mul(4))),
        ("ImageScanCapacity", Value::Int(1000)),
        ("VulFixCapacity", Value::Int(1000)),
        ("SlsCapacity", Value::Int(0)),
        ("SasLog", Value::Int(0)),
        ("SasScreen", Value::Int(0)),
        ("WebLock", Value::Int(0)),
        ("WebLockAuthCount", Value::Int(0)),
        ("AppWhiteList", Value::Int(0)),
        ("UserDefinedAlarms", Value::Int(0)),
    ]))
}
