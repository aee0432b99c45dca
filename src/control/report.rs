//! `report`: the timeline of the calls so far with the verdict, as a page, as a picture, or as data.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Shared;
use super::console::takes_page;
use super::error::{ControlError, Handled, Json};
use super::query::{Query, check_account};
use super::requests::kept_journal;
use crate::timeline::{self, RunReport};

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ReportQuery {
    format: Option<ReportFormat>,
    style: Option<ReportStyle>,
    account: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum ReportFormat {
    Html,
    Svg,
    Json,
}

/// Whether a picture has its style sheet in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum ReportStyle {
    Inline,
    None,
}

pub(super) async fn read(
    State(emulator): State<Shared>,
    headers: HeaderMap,
    Query(asked): Query<ReportQuery>,
) -> Handled<Response> {
    kept_journal(&emulator)?;
    let account = asked.account.as_deref();
    check_account(&emulator, account)?;
    let format =
        asked.format.unwrap_or(if takes_page(&headers) { ReportFormat::Html } else { ReportFormat::Json });
    if asked.style.is_some() && format != ReportFormat::Svg {
        return Err(ControlError::new(400, "bad_query", "style: only a picture has one")
            .hint("leave it out, or ask for ?format=svg"));
    }
    let (verdict, shown) = (emulator.verdict(account), emulator.timeline(account));
    let session = emulator.session();
    let report = RunReport {
        timeline: &shown,
        verdict: &verdict,
        scenario: &session.scenario.name,
        seed: session.seed,
        ended: None,
    };
    let mut response = match format {
        ReportFormat::Html => {
            let kind = (header::CONTENT_TYPE, "text/html; charset=utf-8");
            let policy = (header::CONTENT_SECURITY_POLICY, timeline::POLICY.as_str());
            ([kind, policy], report.html()).into_response()
        }
        ReportFormat::Json => Json(report.json()).into_response(),
        ReportFormat::Svg => {
            let svg = report.svg(asked.style != Some(ReportStyle::None));
            ([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response()
        }
    };
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
