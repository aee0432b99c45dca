//! Exports: tasks whose files hold what a list shows. Each kind has columns, and the rows of its list under the parameters
//! that were asked with.

mod alarms;
mod progress;
mod servers;
mod vulnerabilities;
mod warnings;

use std::io;

pub(super) use self::alarms::COLUMNS as ALARM_COLUMNS;
pub(super) use self::progress::Progress;
use crate::domain::assumptions::ExportFormat;
use crate::domain::bounds::EXPORT_ROWS;
use crate::domain::export::ExportRequest;
use crate::domain::task_type::EXPORT;
use crate::operations::prelude::*;
use crate::sheet::Sheet;

/// What the link of an export leads to.
#[derive(Debug)]
pub(crate) struct ExportFile {
    pub(crate) name: String,
    pub(crate) content_type: &'static str,
    pub(crate) content: Vec<u8>,
}

/// The operations that begin an export, and what they list.
const KINDS: &[Kind] = &[
    Kind { operation: "ExportVul", word: None, lists: vulnerabilities::list },
    Kind { operation: "ExportRecord", word: Some("assetInstance"), lists: servers::list },
    Kind { operation: "ExportRecord", word: Some("baselineCspm"), lists: warnings::checks },
    Kind { operation: "ExportRecord", word: Some("exportHcWarning"), lists: warnings::items },
    Kind { operation: "ExportSuspEvents", word: None, lists: alarms::list },
    Kind { operation: "ExportWarning", word: None, lists: warnings::list },
];

struct Kind {
    operation: &'static str,
    /// The `ExportType` that chooses it, where the operation has several kinds.
    word: Option<&'static str>,
    lists: Lists,
}

/// Gives the table to a function, since its rows borrow from what they are computed from. It refuses what the list refuses.
type Lists = fn(&Context<'_>, &Params, Reader<'_>) -> Result<(), ApiError>;
type Reader<'r> = &'r mut dyn FnMut(Sheet<'_>);

impl Kind {
    /// The kind that an operation exports under these parameters.
    fn of(operation: &str, params: &Params) -> Option<&'static Self> {
        let fits = |kind: &&Self| kind.word.is_none_or(|word| params.get("ExportType") == Some(word));
        KINDS.iter().filter(|kind| kind.operation == operation).find(fits)
    }
}

/// The words of `ExportType` that a file can be made of.
pub(super) fn words(operation: &str) -> Vec<&'static str> {
    KINDS.iter().filter(|kind| kind.operation == operation).filter_map(|kind| kind.word).collect()
}

/// What a call asks for; it is checked as the list checks it.
fn asked(context: &Context<'_>, operation: &Operation, params: &Params) -> Result<ExportRequest, ApiError> {
    let kind = Kind::of(operation.name, params).ok_or(context.world.assumptions.argument_error())?;
    let is_read = |name: &str| {
        let named = |param: &&Param| {
            let rest = name.strip_prefix(param.name);
            let is_list = matches!(param.kind, ParamKind::List);
            rest.is_some_and(|rest| rest.is_empty() || is_list && rest.starts_with('.'))
        };
        operation.params.iter().find(named).is_some_and(Param::is_read)
    };
    let asked = ExportRequest::new(operation.name, params, is_read);
    (kind.lists)(context, &asked.params(), &mut |_| ())?;
    Ok(asked)
}

/// Begins an export of what the parameters choose; the reply of three operations.
pub(super) fn begin(
    context: &mut Context<'_>,
    operation: &Operation,
    params: &Params,
) -> Result<Value, ApiError> {
    let export = asked(context, operation, params)?;
    let new = NewTask { param: Some(export.param()), ..NewTask::of(EXPORT) };
    let id = create::start_if_room(context, new)?;
    Ok(Value::reply(members! { "FileName": file_name(&export, context.now), "Id": id.number() }))
}

/// The same with an id of 31 bits, where SDKs have no more; and the name of its file.
pub(super) fn begin_short(
    context: &mut Context<'_>,
    operation: &Operation,
    params: &Params,
) -> Result<(u64, String), ApiError> {
    let export = asked(context, operation, params)?;
    let new = NewTask { param: Some(export.param()), ..NewTask::of(EXPORT) };
    let id = create::start_numbered_if_room(context, new)?;
    Ok((id, file_name(&export, context.now)))
}

/// Gives what the task exports as of its end to a function, no more rows than a file may have; does nothing if an edited
/// snapshot asks for the impossible.
fn read(context: &Context<'_>, asked: &ExportRequest, mut reader: impl FnMut(Sheet<'_>)) {
    let params = asked.params();
    let mut bounded =
        |sheet: Sheet<'_>| reader(Sheet { count: sheet.count.min(EXPORT_ROWS as usize), ..sheet });
    if let Some(kind) = Kind::of(&asked.operation, &params) {
        // Nothing is lost: the call that began it was refused what is refused here.
        let _ = (kind.lists)(context, &params, &mut bounded);
    }
}

/// The file of an export that has succeeded. `context` has the time of its end.
pub(crate) fn file(context: &Context<'_>, task: &Task) -> Option<io::Result<ExportFile>> {
    let asked = ExportRequest::of(task)?;
    let name = file_name(&asked, task.born);
    let mut made = None;
    read(context, &asked, |sheet| {
        made = Some(match context.world.assumptions.export_format {
            ExportFormat::Zip => sheet.zip(&format!("{name}.xlsx")),
            ExportFormat::Csv => Ok(sheet.csv()),
        });
    });
    let content_type = match context.world.assumptions.export_format {
        ExportFormat::Zip => "application/zip",
        ExportFormat::Csv => "text/csv; charset=utf-8",
    };
    let named = |content| ExportFile { name: name + suffix(context), content_type, content };
    made.map(|made| made.map(named))
}

/// How the names of files end.
fn suffix(context: &Context<'_>) -> &'static str {
    match context.world.assumptions.export_format {
        ExportFormat::Zip => ".zip",
        ExportFormat::Csv => ".csv",
    }
}

/// The documented form, without an ending: what is listed, and the day.
fn file_name(asked: &ExportRequest, born: Timestamp) -> String {
    let params = asked.params();
    let listed = match params.get("ExportType") {
        // Others may stand in an edited snapshot: it becomes part of a header.
        _ if asked.operation == "ExportVul" => params.text("Type"),
        _ if asked.operation == "ExportSuspEvents" => "suspicious_event",
        Some(word) if word != "exportHcWarning" => word,
        _ => "health_check_export",
    };
    let listed: String =
        listed.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(40).collect();
    format!("{listed}_{}", born.strftime("%Y%m%d"))
}

/// The columns by `Lang`, of which `zh` is documented as the usual one.
fn in_language<const N: usize>(
    columns: &'static [[&'static str; N]; 2],
    params: &Params,
) -> &'static [&'static str] {
    &columns[usize::from(!is_chinese(params))]
}

fn is_chinese(params: &Params) -> bool {
    params.get("Lang") != Some("en")
}
