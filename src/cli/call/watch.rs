//! `call --watch`: the call again and again until the task that it shows has ended.

use std::io::{IsTerminal, Write};

use anyhow::{Error, bail};
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;

use super::{CallArgs, error_code, retry_after};
use crate::cli::hinted::Hinted;
use crate::cli::{Failure, print, print_error};
use crate::clock::Stopwatch;
use crate::protocol::claims;
use crate::text::outside;

/// Most calls in a row that may fail in a way that passes.
const MOST_FAILURES: u32 = 20;

impl CallArgs {
    pub(super) async fn watch(&self, endpoint: &str, host: &str) -> Result<(), Error> {
        let (watch, mut progress) = (Stopwatch::start(), Progress::default());
        let mut failures = 0;
        loop {
            let wait = match self.send(endpoint, host).await {
                Ok(response) if response.status().is_success() => {
                    failures = 0;
                    let body = String::from_utf8_lossy(response.body());
                    let reply: Value = serde_json::from_str(&body).unwrap_or_default();
                    let status = reply["TaskInfo"]["Status"].as_str();
                    progress.show(&body, &reply["TaskInfo"]).map_err(|failure| failure.error)?;
                    Self::hint(&response, &mut progress.hint);
                    match status {
                        Some("INIT" | "START") => self.interval,
                        Some(_) => return progress.end(),
                        None => bail!(
                            "--watch waits for TaskInfo.Status, which this reply does not show: there is no such task, or another operation shows it"
                        ),
                    }
                }
                Ok(response) => {
                    let why = refusal(&response);
                    Self::hint(&response, &mut progress.hint);
                    if !passes(&response) {
                        progress.end()?;
                        let body = String::from_utf8_lossy(response.body());
                        print(&format!("{body}\n")).map_err(|failure| failure.error)?;
                        bail!("{why}");
                    }
                    failures += 1;
                    Self::note(&mut progress, failures, &why)?;
                    retry_after(&response).unwrap_or(self.interval)
                }
                // It could never be reached: that is not one of the things that pass.
                Err(error) if !progress.has_begun && error.is::<Hinted>() => return Err(error),
                Err(error) => {
                    failures += 1;
                    Self::note(&mut progress, failures, &format!("{error:#}"))?;
                    self.interval
                }
            };
            if self.timeout.is_some_and(|limit| watch.elapsed() + wait > limit) {
                progress.end()?;
                bail!("the task has not ended within {:?}", self.timeout.unwrap_or_default());
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// Says on stderr what passes; fails if it happens too often in a row.
    fn note(progress: &mut Progress, failures: u32, why: &str) -> Result<(), Error> {
        progress.end()?;
        if failures >= MOST_FAILURES {
            bail!("{failures} calls in a row failed; the last one: {why}");
        }
        print_error(&outside::report(&format!("{why}; calling again\n")));
        Ok(())
    }

    /// What the emulator says beside the reply, once.
    pub(super) fn hint(response: &Response<Bytes>, told: &mut String) {
        let hint = claims::text(response.headers(), "x-emulator-hint").unwrap_or_default();
        if !hint.is_empty() && hint != told {
            hint.clone_into(told);
            print_error(&outside::report(&format!("hint: {hint}\n")));
        }
    }
}

/// Whether the same call may well succeed later.
fn passes(response: &Response<Bytes>) -> bool {
    let is_busy = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS, StatusCode::BAD_GATEWAY];
    is_busy.contains(&response.status())
        || error_code(response).is_some_and(|code| code.starts_with("Throttling"))
}

fn refusal(response: &Response<Bytes>) -> String {
    let code = error_code(response).map(|code| format!(" ({code})")).unwrap_or_default();
    let wait = retry_after(response).map(|wait| format!(", retry after {} ms", wait.as_millis()));
    format!("{}{code}{}", response.status(), wait.unwrap_or_default())
}

/// What is shown of the replies: on a terminal one line that changes, elsewhere each reply as it is.
#[derive(Default)]
struct Progress {
    has_begun: bool,
    /// Whether the cursor stands at the end of a line that may be written over.
    is_within_line: bool,
    hint: String,
}

impl Progress {
    fn show(&mut self, body: &str, task: &Value) -> Result<(), Failure> {
        self.has_begun = true;
        if !std::io::stdout().is_terminal() || task["Status"].is_null() {
            return print(&format!("{body}\n"));
        }
        let line = outside::report(&compact(task));
        let begin = if self.is_within_line { "\r\x1b[K" } else { "" };
        self.is_within_line = true;
        print(&format!("{begin}{line}"))?;
        Ok(std::io::stdout().flush()?)
    }

    /// Ends the line on a terminal.
    fn end(&mut self) -> Result<(), Error> {
        if std::mem::take(&mut self.is_within_line) {
            print("\n").map_err(|failure| failure.error)?;
        }
        Ok(())
    }
}

/// `START 37%`, and the result of a task that has ended.
fn compact(task: &Value) -> String {
    let word = |name: &str| task[name].as_str().unwrap_or_default().to_owned();
    let percent = task["Progress"].as_u64().or_else(|| task["Progress"].as_str()?.parse().ok());
    let percent = percent.map(|percent| format!(" {percent}%")).unwrap_or_default();
    let status = word("Status");
    let result = if ["INIT", "START"].contains(&status.as_str()) { String::new() } else { word("Result") };
    format!("{status}{percent} {result}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn response(status: u16, body: &Value) -> Response<Bytes> {
        Response::builder().status(status).body(Bytes::from(body.to_string())).unwrap()
    }

    #[test]
    fn what_passes() {
        let throttled = response(400, &json!({ "Code": "Throttling.User" }));
        assert!(passes(&throttled) && passes(&response(503, &json!({}))));
        assert!(
            !passes(&response(403, &json!({ "Code": "NoPermission" })))
                && !passes(&response(500, &json!({})))
        );
        assert_eq!(refusal(&throttled), "400 Bad Request (Throttling.User)");
    }

    #[test]
    fn a_task_in_short() {
        assert_eq!(compact(&json!({ "Status": "START", "Progress": 37, "Result": "SUCCESS" })), "START 37%");
        assert_eq!(
            compact(&json!({ "Status": "SUCCESS", "Progress": "100", "Result": "SUCCESS" })),
            "SUCCESS 100% SUCCESS"
        );
    }
}
