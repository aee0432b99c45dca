//! `CreateFileDetectUploadUrl`: where to upload files for detection, and the form for it (`spec/all_operations.json`).

use super::hash;
use crate::domain::upload::{MOST_BYTES, UploadForm, UploadPlace};
use crate::operations::prelude::*;
use crate::posture::FileHash;

pub(super) static OPERATION: Operation = Operation::new("CreateFileDetectUploadUrl", run)
    .summary("where to upload files for detection")
    .params(params! {
        Integer "Type" required, List "HashKeyList", Objects "HashKeyContextList",
    })
    .evidence("whole; shape, hashes and 100 MB documented, the form seen in a published program, its refusals and its hour assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    hash::check_type(context, params)?;
    let of_context = |place: usize, name| params.get(&format!("HashKeyContextList.{place}.{name}"));
    let mut texts = params.list("HashKeyList");
    for (place, text) in (1..).map_while(|place| of_context(place, "HashKey").map(|text| (place, text))) {
        let bytes = of_context(place, "FileSize").map(str::parse);
        if bytes.is_some_and(|bytes| !bytes.is_ok_and(|bytes: u64| bytes <= MOST_BYTES)) {
            return Err(context.world.assumptions.argument_error().into());
        }
        texts.push(text);
    }
    let hashes = hash::read_all(context, &texts)?;
    let urls = hashes.iter().map(|hash| upload(context, hash)).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::reply(members! { "UploadUrlList": Value::list("UploadUrlList", urls) }))
}

fn upload(context: &Context<'_>, hash: &FileHash) -> Result<Value, ApiError> {
    let requester = context.requester.as_ref().ok_or(Code::INTERNAL)?;
    let place = UploadPlace { account: requester.principal.account(), hash: hash.as_str() };
    let (UploadForm { key, access_id, policy, signature }, expires) =
        place.form(requester.seed, requester.gateway_now);
    Ok(Value::Map(members! {
        "HashKey": hash.as_str().to_owned(),
        "Code": "200",
        "Message": "successful",
        "FileExist": context.account.posture.files.find(hash).is_some(),
        "PublicUrl": Value::Link(place.path()),
        // There is one network.
        "InternalUrl": Value::Link(place.path()),
        "Expire": expires.as_millisecond().to_string(),
        "Context": Value::Map(members! {
            "AccessId": access_id, "OssKey": key, "Policy": policy, "Signature": signature,
        }),
    }))
}
