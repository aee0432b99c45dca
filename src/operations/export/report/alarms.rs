//! The list of alarms as a table. The columns are those that the service documents as `Properties` of such an export; what
//! their heads say is not documented, so that they stand there by their names.

use super::Reader;
use crate::operations::alarm_list::{choice, risen, server};
use crate::operations::local_time::local_time;
use crate::operations::prelude::*;
use crate::sheet::Sheet;

pub(in crate::operations::export) const COLUMNS: [&str; 11] = [
    "id",
    "eventSubType",
    "eventDetail",
    "level",
    "status",
    "ip",
    "instanceName",
    "desc",
    "lastTime",
    "operateTime",
    "note",
];

pub(super) fn list(context: &Context<'_>, params: &Params, reader: Reader<'_>) -> Result<(), ApiError> {
    // The list has another name for it.
    let uuids = params.non_empty("Uuid").map(|uuids| ("Uuids", uuids));
    let params: Params = params.iter().chain(uuids).collect();
    let (alarms, changes) = (risen(context), &context.account.posture.alarms);
    let choice = choice(context, &params, &alarms)?;
    let selection = alarms.select(&choice, changes);
    let rows = selection.range(0..selection.len()).map(|alarm| {
        let (kind, handling) = (alarm.kind, changes.get(alarm.number));
        let server = server(context, &alarm);
        let details: Vec<String> =
            kind.fields.iter().map(|field| format!("{}: {}", field.names().1, alarm.value(*field))).collect();
        let note = handling.and_then(|handling| handling.remark.as_ref());
        vec![
            alarms.id(alarm.number).to_string().into(),
            kind.subtype.into(),
            details.join("; ").into(),
            kind.level.word().into(),
            changes.status(alarm.number).number().to_string().into(),
            server.map_or("", Server::shown_ip).into(),
            server.map_or("", |server| &server.name).into(),
            kind.text.into(),
            local_time(alarm.at).into(),
            handling.map_or_else(String::new, |handling| local_time(handling.at)).into(),
            note.map_or_else(String::new, ToString::to_string).into(),
        ]
    });
    reader(Sheet { name: "alarms", columns: &COLUMNS, count: selection.len(), rows: Box::new(rows) });
    Ok(())
}
