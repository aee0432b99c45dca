//! `ModifyConcernNecessity`: change which vulnerabilities matter (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::posture::Necessities;

pub(super) static OPERATION: Operation = Operation::new("ModifyConcernNecessity", run)
    .summary("change which vulnerabilities matter")
    .params(params! { Text "ConcernNecessity" })
    .evidence("part; shape and levels documented, the comma between them and refusals assumed; findings do not depend on it");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let levels = params.text("ConcernNecessity").split(',').map(str::trim).filter(|level| !level.is_empty());
    let levels = Necessities::try_from(levels.map(str::to_owned).collect::<Vec<_>>());
    let levels = levels.map_err(|_| context.world.assumptions.argument_error())?;
    context.account.posture.configuration.necessities = Some(levels);
    Ok(Value::reply([]))
}
