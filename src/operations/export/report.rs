//! Exports: tasks whose files hold what a list shows. Each kind has columns, and the rows of its list under the parameters
//! that were asked with.

mod progress;
mod servers;

use std::io;

pub(super) use self::progress::Progress;
use crate::domain::assumptions::ExportFormat;
use crate::domain::bounds::EXPORT_ROWS;
use crate::domain::export::Asked;
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
    Kind { operation: "ExportVul", word: None, lists: servers::none },
    Kind { operation: "ExportRecord", word: Some("assetInstance"), lists: servers::list },
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

/// Begins an export of what the parameters choose; they are checked first, as the list checks them.
pub(super) fn begin(context: &mut Context<'_>, operation: &str, params: &Params) -> Result<Value, ApiError> {
    let kind = Kind::of(operation, params).ok_or(context.world.assumptions.argument_error())?;
    (kind.lists)(context, params, &mut |_| ())?;
    let asked = Asked::new(operation, params);
    let new = NewTask { param: Some(asked.param()), ..NewTask::of(EXPORT) };
    let id = create::start_if_room(context, new)?;
    let file_name = file_name(&asked, context.now);
    Ok(Value::reply(members! { "FileName": file_name, "Id": id.number() }))
}

/// Gives what the task exports as of its end to a function, no more rows than a file may have; does nothing if an edited
/// snapshot asks for the impossible.
fn read(context: &Context<'_>, asked: &Asked, mut reader: impl FnMut(Sheet<'_>)) {
    let params = asked.params();
    let mut cut = |sheet: Sheet<'_>| reader(Sheet { count: sheet.count.min(EXPORT_ROWS as usize), ..sheet });
    if let Some(kind) = Kind::of(&asked.operation, &params) {
        // Nothing is lost: the call that began it was refused what is refused here.
        let _ = (kind.lists)(context, &params, &mut cut);
    }
}

/// The file of an export that has succeeded. `context` has the time of its end.
pub(crate) fn file(context: &Context<'_>, task: &Task) -> Option<io::Result<ExportFile>> {
    let asked = Asked::of(task)?;
    let name = file_name(&asked, task.born);
    let mut content = None;
    read(context, &asked, |sheet| {
        content = Some(match context.world.assumptions.export_format {
            ExportFormat::Zip => sheet.zip(&format!("{name}.xlsx")),
            ExportFormat::Csv => Ok(sheet.csv()),
        });
    });
    let content_type = match context.world.assumptions.export_format {
        ExportFormat::Zip => "application/zip",
        ExportFormat::Csv => "text/csv; charset=utf-8",
    };
    let named = |content| ExportFile { name: name + suffix(context), content_type, content };
    content.map(|content| content.map(named))
}

/// How the names of files end.
fn suffix(context: &Context<'_>) -> &'static str {
    match context.world.assumptions.export_format {
        ExportFormat::Zip => ".zip",
        ExportFormat::Csv => ".csv",
    }
}

/// The documented form, without an ending: what is listed, and the day.
fn file_name(asked: &Asked, born: Timestamp) -> String {
    let params = asked.params();
    let listed = match params.get("ExportType") {
        // Others may stand in an edited snapshot: it becomes part of a header.
        _ if asked.operation == "ExportVul" => params.text("Type"),
        Some(word) => word,
        None => "health_check_export",
    };
    let listed: String =
        listed.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').take(40).collect();
    format!("{listed}_{}", born.strftime("%Y%m%d"))
}

/// The columns by `Lang`, of which `zh` is documented as the usual one.
fn in_language<const N: usize>(columns: &'static [[&'static str; N]; 2], params: &Params) -> &'static [&'static str] {
    &columns[usize::from(params.get("Lang") == Some("en"))]
}
