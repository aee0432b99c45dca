//! `ca.pem` and `exports`: files to download.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::error::{ControlError, Handled};
use super::query::Id;

pub(super) async fn ca(State(emulator): State<Shared>) -> Handled<Response> {
    let pem = emulator.config().ca_pem.clone().ok_or_else(|| {
        ControlError::new(
            404,
            "no_own_authority",
            "no certificate of this emulator was made by an authority of its own",
        )
        .hint("--tls auto makes one; the authority of a certificate given with --tls-cert is not known here")
    })?;
    Ok(([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response())
}

/// The reports whose links `DescribeVulExportInfo` gives.
pub(super) async fn export(State(emulator): State<Shared>, Id(id): Id) -> Handled<Response> {
    let export = id.parse().ok().and_then(|id| emulator.export(id)).ok_or_else(|| {
        ControlError::new(404, "unknown_export", "there is no finished report of that id")
            .hint("DescribeVulExportInfo gives the link once ExportStatus is success")
    })?;
    let disposition = format!("attachment; filename=\"{}\"", export.file_name);
    let content_type = "text/csv; charset=utf-8".to_owned();
    let headers = [(header::CONTENT_TYPE, content_type), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, export.content).into_response())
}
