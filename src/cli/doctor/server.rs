//! What listens at the endpoint, and what it says to a call.

use anyhow::Result;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, header};
use serde_json::Value;

use super::clients::Environment;
use super::{DoctorArgs, Level, Symptom};
use crate::cli::client;
use crate::cli::hinted::Hinted;
use crate::cli::steer::ControlCommand;
use crate::clock::GatewayClock;
use crate::operations;
use crate::protocol::sign::{Algorithm, Unsigned};
use crate::protocol::timestamp;
use crate::text::outside;

/// It reads, and changes nothing but the journal.
const PROBE: &str = "GetCallerIdentity";

pub(super) async fn examine(
    args: &DoctorArgs,
    endpoint: &str,
    host: &str,
    environment: &Environment,
) -> Vec<Symptom> {
    let ask = async |path: &str| -> Result<Response<Bytes>> {
        let command = ControlCommand::new(http::Method::GET, path);
        client::send(endpoint, command.request(args.control_token.as_ref())?).await
    };
    let start = format!("sas-emulator --listen {host}");
    let health = match ask("health").await {
        Ok(health) => health,
        Err(error) if error.is::<Hinted>() => {
            return vec![Symptom::fail("server", format!("{error:#}"), start)];
        }
        Err(error) => {
            let message = format!("what listens at {endpoint} does not speak HTTP ({error:#})");
            return vec![Symptom::fail("server", message, "sas-emulator --listen 127.0.0.1:0")];
        }
    };
    if json(&health)["status"] != "ok" {
        return vec![foreign(endpoint, &health)];
    }
    let mut found = Vec::new();
    match ask("info").await {
        Ok(info) if info.status().is_success() => found.extend(of_info(endpoint, &json(&info))),
        Ok(info) if info.status() == http::StatusCode::UNAUTHORIZED => {
            let given = if args.control_token.is_some() {
                "refuses this control token"
            } else {
                "asks for a control token"
            };
            let message = format!("an emulator listens at {endpoint}, and {given}");
            found.push(Symptom::fail(
                "token",
                message,
                "export SAS_EMULATOR_CONTROL_TOKEN=TOKEN, the token that it was started with",
            ));
        }
        Ok(info) => {
            let said = json(&info)["message"].as_str().unwrap_or("it serves no control API").to_owned();
            found.push(Symptom::warn(
                "token",
                format!("an emulator listens at {endpoint}; its control API: {said}"),
                "start it without --no-control",
            ));
        }
        Err(error) => found.push(Symptom::fail("server", format!("{error:#}"), start)),
    }
    if let Ok(clock) = ask("clock").await
        && clock.status().is_success()
    {
        found.push(of_clock(&json(&clock)));
    }
    if let Ok(authority) = ask("ca.pem").await {
        if authority.status().is_success() {
            found.extend(environment.trust(&String::from_utf8_lossy(authority.body())));
        } else {
            found.push(Symptom::ok("tls", "the emulator has no authority of its own (--tls auto makes one)"));
        }
    }
    found.extend(of_date(&health));
    if !args.no_call {
        found.push(match call(args, endpoint, host).await {
            Ok(answer) => of_call(&args.key.access_key_id, &answer),
            Err(error) => Symptom::fail(
                "key",
                format!("a call of {PROBE} has no answer: {error:#}"),
                "sas-emulator faults",
            ),
        });
    }
    found
}

fn json(answer: &Response<Bytes>) -> Value {
    serde_json::from_slice(answer.body()).unwrap_or_default()
}

/// Something else listens there.
fn foreign(endpoint: &str, answer: &Response<Bytes>) -> Symptom {
    let server = answer.headers().get(header::SERVER).and_then(|name| name.to_str().ok());
    let server = server.map(|name| format!(" ({})", outside::line(name, 60))).unwrap_or_default();
    let message = format!(
        "an HTTP server{server} listens at {endpoint} that is no emulator: it answers {}",
        answer.status()
    );
    Symptom::fail(
        "server",
        message,
        "sas-emulator --listen 127.0.0.1:0, and export SAS_EMULATOR_ENDPOINT as it says",
    )
}

fn of_info(endpoint: &str, info: &Value) -> Vec<Symptom> {
    let own = env!("CARGO_PKG_VERSION");
    let version = info["version"].as_str().unwrap_or("unknown");
    let message = format!(
        "sas-emulator {version} listens at {endpoint}: scenario {}, seed {}, accounts {}, tasks {}",
        info["scenario"]["name"].as_str().unwrap_or_default(),
        info["seed"],
        info["accounts"],
        info["tasks"]["total"],
    );
    let mut found = vec![Symptom::ok("server", message)];
    if version != own {
        found.push(Symptom::warn(
            "version",
            format!("it is version {version}, and this program is {own}"),
            "",
        ));
    }
    found.push(Symptom::ok("token", "the control API answers"));
    found
}

fn of_clock(clock: &Value) -> Symptom {
    let now = clock["now"].as_str().unwrap_or_default();
    if clock["paused"] == true {
        let message = format!("the task clock is paused at {now}: tasks stand still");
        return Symptom::warn("clock", message, "sas-emulator clock resume");
    }
    Symptom::ok("clock", format!("the task clock runs: {now}"))
}

/// Whether the clock of the emulator's machine is that of this one.
fn of_date(answer: &Response<Bytes>) -> Option<Symptom> {
    let date = answer.headers().get(header::DATE)?.to_str().ok()?;
    let there = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    let skew = GatewayClock::default().now().duration_since(there).as_secs();
    Some(match skew {
        -60..=60 => Symptom::ok("date", "its machine has the date of this one"),
        _ => Symptom::warn(
            "date",
            format!("its machine's clock differs by {skew} s from this one's"),
            "sudo timedatectl set-ntp true",
        ),
    })
}

async fn call(args: &DoctorArgs, endpoint: &str, host: &str) -> Result<Response<Bytes>> {
    let now = GatewayClock::default().now();
    let unsigned = Unsigned {
        method: "POST",
        headers: HeaderMap::from_iter([(header::HOST, HeaderValue::from_str(host)?)]),
        action: PROBE,
        version: operations::version(PROBE),
        timestamp: &timestamp::format(now),
        nonce: &format!("doctor-{}-{}", std::process::id(), now.as_nanosecond()),
        ..Unsigned::default()
    };
    let signer = args.key.signer(Algorithm::Acs3HmacSha256);
    client::send(endpoint, signer.sign(&unsigned)?.request).await
}

fn of_call(key: &str, answer: &Response<Bytes>) -> Symptom {
    if answer.status().is_success() {
        return Symptom::ok("key", format!("a call as {key} is accepted ({PROBE}, in the journal)"));
    }
    let reply = json(answer);
    let (code, message) =
        (reply["Code"].as_str().unwrap_or_default(), reply["Message"].as_str().unwrap_or_default());
    let said = format!("{} {code} {}", answer.status().as_u16(), outside::line(message, 200));
    let (level, fix) = match code {
        code if code.starts_with("InvalidTimeStamp") => (
            Level::Fail,
            "sas-emulator scenario load default (its gateway clock differs), or set the clock of this machine",
        ),
        "SignatureDoesNotMatch" | "IncompleteSignature" => {
            (Level::Fail, "export SAS_EMULATOR_ACCESS_KEY_SECRET=test")
        }
        code if code.contains("AccessKeyId") || code.contains("SecurityToken") => {
            (Level::Fail, "eval \"$(sas-emulator env)\"")
        }
        // It is refused for other reasons than its key: a fault, a permission.
        _ => (Level::Warn, "sas-emulator faults"),
    };
    Symptom::new("key", level, format!("a call as {key} is refused: {said}"), fix)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn refusals_and_their_fixes() {
        let symptom = |status: u16, code: &str| {
            let body = Bytes::from(json!({ "Code": code, "Message": "m" }).to_string());
            of_call("ci", &Response::builder().status(status).body(body).unwrap())
        };
        assert_eq!(symptom(200, "").level, Level::Ok);
        assert_eq!(symptom(400, "InvalidTimeStamp.Expired").level, Level::Fail);
        assert_eq!(symptom(404, "InvalidAccessKeyId.NotFound").fix, "eval \"$(sas-emulator env)\"");
        assert_eq!(symptom(500, "ServerError").level, Level::Warn);
    }

    #[test]
    fn a_paused_clock_is_worth_a_warning() {
        assert_eq!(of_clock(&json!({ "now": "x", "paused": true })).fix, "sas-emulator clock resume");
        assert_eq!(of_clock(&json!({ "now": "x", "paused": false })).level, Level::Ok);
    }
}
