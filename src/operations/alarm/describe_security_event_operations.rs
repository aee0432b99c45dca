//! `DescribeSecurityEventOperations`: what can be done with an alarm (the vendor's page of the operation).

use super::handling::actions;
use crate::operations::alarm_list::{number, risen};
use crate::operations::prelude::*;
use crate::posture::{Alarm, AlarmAction};

pub(super) static OPERATION: Operation = Operation::new("DescribeSecurityEventOperations", run)
    .summary("what can be done with an alarm")
    .params(params! {
        Integer "SecurityEventId" required,
        Text "Lang" ignored "replies are in one language",
        Integer "ResourceOwnerId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape and words documented, which operations a kind of alarm has and which need a paid edition assumed, rules of white lists are not kept");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let alarms = risen(context);
    let number = number(&alarms, params.text("SecurityEventId"))?;
    let alarm = alarms.get(number).ok_or(Code::SECURITY_EVENT_NOT_EXISTS)?;
    let shown =
        actions(context, &alarm).into_iter().map(|(action, is_allowed)| shown(&alarm, action, is_allowed));
    Ok(Value::reply([(
        "SecurityEventOperationsResponse".into(),
        Value::list("SecurityEventOperation", shown),
    )]))
}

fn shown(alarm: &Alarm, action: AlarmAction, is_allowed: bool) -> Value {
    let parameters = match action {
        AlarmAction::KillAndQuarantine => {
            r#"{"subOperation":["killAndQuaraFileByMd5andPath","killByMd5andPath"]}"#
        }
        AlarmAction::BlockIp => r#"{"expireTime":""}"#,
        _ => "{}",
    };
    let mut members = members! {
        "OperationCode": action.word(), "OperationParams": parameters, "UserCanOperate": is_allowed,
    };
    if action == AlarmAction::MarkFalse {
        let operators = ["contains", "notContains", "regex", "strEqual", "strNotEqual"];
        let fields = alarm.kind.fields.iter().map(|field| {
            let (name, alias) = field.names();
            Value::Map(members! {
                "FiledName": name, "FiledAliasName": alias, "MarkMisValue": alarm.value(*field),
                "SupportedMisType": Value::list("SupportedMisType", operators.map(Value::from)),
            })
        });
        members.extend(members! {
            "MarkField": Value::list("MarkField", []), "MarkFieldsSource": Value::list("MarkFieldsSource", fields),
        });
    }
    Value::Map(members)
}
