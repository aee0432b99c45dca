//! `GetFileDetectResult`: what was found in files (`spec/all_operations.json`).

use jiff::SignedDuration;

use super::hash;
use crate::operations::prelude::*;
use crate::posture::FileHash;

pub(super) static OPERATION: Operation = Operation::new("GetFileDetectResult", run)
    .summary("what was found in files")
    .params(params! {
        List "HashKeyList" required,
        Integer "Type" required ignored "a hash names one file, whatever its type",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("part; shape, scores, 100 files and 5 hours documented, the code seen in a published program, its wording ours; no file is opened, so none is an archive and Ext is empty");

/// Documented: results are retained for so long.
const RETAINED: SignedDuration = SignedDuration::from_hours(5);

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let hashes = hash::read_all(context, &params.list("HashKeyList"))?;
    let states: Vec<_> = hashes.iter().map(|hash| detection(context, hash)).collect();
    if states.iter().all(Option::is_none) {
        return Err(Code::GET_RESULT_FAIL.into());
    }
    let results = hashes.iter().zip(states).map(|(hash, status)| result(context, hash, status));
    Ok(Value::reply(members! { "ResultList": Value::list("ResultList", results) }))
}

/// The status of the newest detection of a file; none if there is none, or if its result is gone.
fn detection(context: &mut Context<'_>, hash: &FileHash) -> Option<Status> {
    let (now, tasks) = (context.now, &mut context.account.tasks);
    let id = tasks.settle(now).latest(&TaskType::new(FILE_DETECTION), None, hash.as_str())?.id;
    let (task, state) = tasks.change(id, |task| task.look(now))?;
    let is_gone = task.ended_at(now).is_some_and(|ended| now.duration_since(ended) > RETAINED);
    // One that failed has no result either.
    (!is_gone && !matches!(state.status, Status::Fail | Status::Timeout)).then_some(state.status)
}

fn result(context: &Context<'_>, hash: &FileHash, status: Option<Status>) -> Value {
    let code = Code::GET_RESULT_FAIL;
    let Some(status) = status else {
        return Value::Map(members! {
            "HashKey": hash.as_str().to_owned(), "Code": code.name, "Message": code.message,
        });
    };
    let found = context.world.posture.files.finding(hash, context.account.posture.files.find(hash));
    let mut members = members! {
        "HashKey": hash.as_str().to_owned(), "Code": "200", "Message": "successful",
        "Result": if status.is_terminal() { i32::from(found.is_some()) } else { 3 },
    };
    if status.is_terminal() {
        members.extend(members! { "Compress": false, "Ext": "{}" });
        // Documented: of suspicious files only.
        if let Some(found) = found {
            members.extend(members! { "Score": found.score, "VirusType": found.virus_type.as_str() });
        }
    }
    Value::Map(members)
}
