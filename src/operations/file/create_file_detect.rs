//! `CreateFileDetect`: have a file judged (`spec/all_operations.json`).

use serde_json::json;

use super::hash;
use crate::domain::upload::UploadPlace;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("CreateFileDetect", run)
    .summary("have a file judged")
    .params(params! {
        Integer "Type" required, Text "HashKey", Text "OssKey", Text "DownloadUrl",
        Boolean "Decompress" ignored "no file is opened",
        Integer "DecompressMaxFileCount" ignored "no file is opened",
        Integer "DecompressMaxLayer" ignored "no file is opened",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape and demands documented, no file is opened and no DownloadUrl fetched, the refusal of a file that is not there assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    hash::check_type(context, params)?;
    let hash = hash::read(context, params.text("HashKey"))?;
    let account = context.principal()?.account();
    let key = UploadPlace { account, hash: hash.as_str() }.oss_key();
    let is_uploaded =
        params.get("OssKey") == Some(&*key) && context.account.posture.files.find(&hash).is_some();
    if params.non_empty("DownloadUrl").is_none() && !is_uploaded {
        return Err(context.world.assumptions.argument_error().into());
    }
    let task_type = TaskType::new(FILE_DETECTION);
    let latest = context.account.tasks.latest(&task_type, None, hash.as_str());
    // One that runs is not begun again.
    if latest.is_none_or(|task| task.ended_at(context.now).is_some()) {
        let asked = ["OssKey", "DownloadUrl"].map(|name| params.non_empty(name));
        let param = json!({ "hashKey": hash, "ossKey": asked[0], "downloadUrl": asked[1] }).to_string();
        let name = hash.as_str().to_owned();
        create::start_if_room(context, NewTask { name, param: Some(param), ..NewTask::of(FILE_DETECTION) })?;
    }
    Ok(Value::reply(members! { "HashKey": hash.as_str().to_owned() }))
}
