//! `ExportRecord`: write what one of many lists shows to a file (`spec/all_operations.json`).

use super::report;
use crate::operations::prelude::*;

const NAME: &str = "ExportRecord";

pub(super) static OPERATION: Operation = Operation::new(NAME, run)
    .summary("write what one of many lists shows to a file")
    .params(params! {
        Text "ExportType" required, Text "Params", Text "Lang",
        Text "ExportFileType" ignored "only an export of virus scans has several, and it is not modelled",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("part; shape and words documented, of the 32 lists those that the world has, columns not documented");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let word = params.text("ExportType");
    let words = report::words(NAME);
    if !words.contains(&word) {
        let word: String = word.chars().take(80).collect();
        let message = format!("sas-emulator does not model the ExportType {word} of {NAME}, but {}.", words.join(", "));
        return Err(ApiError::with_message(Code::NOT_MODELLED, message));
    }
    report::begin(context, NAME, params)
}
