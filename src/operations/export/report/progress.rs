//! How far an export is, as the operations that ask for it show it.

use super::{file_name, read, suffix};
use crate::domain::export::ExportRequest;
use crate::operations::prelude::*;

/// An export as it is now.
pub(in crate::operations::export) struct Progress {
    pub(in crate::operations::export) id: u64,
    pub(in crate::operations::export) file_name: String,
    pub(in crate::operations::export) percent: i64,
    pub(in crate::operations::export) status: Status,
    pub(in crate::operations::export) total: usize,
    pub(in crate::operations::export) born: Timestamp,
    /// When it ended, or now.
    pub(in crate::operations::export) changed: Timestamp,
    /// How the names of its files end.
    pub(in crate::operations::export) suffix: &'static str,
    /// Once it has succeeded.
    pub(in crate::operations::export) link: Option<Value>,
}

impl Progress {
    /// Of the export that the call names, if that operation began it.
    pub(in crate::operations::export) fn of(
        context: &mut Context<'_>,
        params: &Params,
        operation: &str,
    ) -> Result<Self, ApiError> {
        let now = context.now;
        let found = context.account.tasks.find(params.text("ExportId"));
        let asked = found.and_then(|task| Some((task.id, ExportRequest::of(task)?)));
        let (id, asked) = asked
            .filter(|(_, asked)| asked.operation == operation)
            .ok_or(context.world.assumptions.argument_error())?;
        let looked = context.account.tasks.change(id, |task| task.look(now));
        let (task, state) = looked.ok_or(Code::INTERNAL)?;
        let (number, born, ended) = (task.shown_number(), task.born, task.ended_at(now));
        let suffix = suffix(context);
        let link = (state.status == Status::Success)
            .then(|| Value::Link(format!("/_emulator/exports/{id}{suffix}")));
        let at = Context::new(ended.unwrap_or(now), context.account, context.dice, context.world);
        let mut total = 0;
        read(&at, &asked, |sheet| total = sheet.count);
        Ok(Self {
            id: number,
            file_name: file_name(&asked, born),
            percent: state.progress.into(),
            status: state.status,
            total,
            born,
            changed: ended.unwrap_or(now),
            suffix,
            link,
        })
    }

    /// `ExportStatus`; not even begun is a word of its own.
    pub(in crate::operations::export) fn word(&self, waiting: &'static str) -> &'static str {
        match self.status {
            Status::Init => waiting,
            Status::Start if self.percent == 0 => waiting,
            Status::Start => "exporting",
            Status::Success => "success",
            Status::Fail | Status::Timeout => "failed",
        }
    }

    /// How many rows are written.
    pub(in crate::operations::export) fn done(&self) -> usize {
        self.total.saturating_mul(usize::try_from(self.percent).unwrap_or(0)) / 100
    }

    /// The reply that three operations share.
    pub(in crate::operations::export) fn reply(self) -> Value {
        let mut members = members! {
            "Progress": self.percent,
            "RequestId": Value::RequestId,
            "CurrentCount": self.done(),
            "Message": if self.status == Status::Success { "success" } else { "" },
            "FileName": self.file_name.clone(),
            "TotalCount": self.total,
            "ExportStatus": self.word("init"),
            "Id": self.id,
        };
        if let Some(link) = self.link {
            members.insert(0, ("Link".into(), link));
        }
        Value::Map(members)
    }
}
