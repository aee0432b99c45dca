//! `exports`: the reports whose links `DescribeVulExportInfo` gives.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{Refusal, Shared};

pub(super) async fn download(
    State(control): State<Shared>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let report = id.parse().ok().and_then(|id| control.gateway.report(id)).ok_or_else(|| {
        Refusal::new(404, "unknown_export", "there is no finished report of that id")
            .hint("DescribeVulExportInfo gives the link once ExportStatus is success")
    })?;
    let disposition = format!("attachment; filename=\"{}\"", report.file_name);
    Ok((
        [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
        ],
        report.content,
    )
        .into_response())
}
