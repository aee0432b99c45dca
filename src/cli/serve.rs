//! `serve`: from settings to a running emulator, its ready line and its shutdown.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::field::Field;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use super::{Failure, reload, tls};
use crate::clock::GatewayClock;
use crate::control::AccessPolicy;
use crate::domain::{AccessKey, Keyring, Secret};
use crate::emulator::{Config, Emulator, Limits};
use crate::files;
use crate::journal;
use crate::scenario::{Scenario, Watch};
use crate::server::{self, Front, Tls, client_address};
use crate::settings::{LogFormat, Options};
use crate::text::{duration, outside};

/// Serves until a signal asks to stop.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    start_logging(options.log, options.log_format);
    super::warn_of_unknown_variables();
    let (scenario, watch) = Watch::begin(options.scenario.clone(), options.init_dir.clone())
        .map_err(|error| Failure::usage(anyhow!(error.report())))?;
    if options.control_token.as_ref().is_some_and(|token| token.expose().is_empty()) {
        return Err(Failure::usage(anyhow!("--control-token is empty; leave it out to demand none")));
    }
    let policy = (!options.no_control).then(|| AccessPolicy {
        token: options.control_token.clone(),
        advertised_hosts: options.advertise_host.clone(),
    });
    let tls = tls::from(options).map_err(Failure::usage)?;
    let config = config(options, scenario, tls.as_ref()).map_err(Failure::usage)?;
    let emulator = Arc::new(Emulator::new(config).map_err(Failure::usage)?);
    load_state(options, &emulator)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if options.watch {
            reload::start(watch, &emulator);
        }
        listen(options, &emulator, policy, tls).await
    })
}

fn load_state(options: &Options, emulator: &Emulator) -> Result<(), Failure> {
    let Some(file) = &options.state_file else { return Ok(()) };
    let context = || format!("--state-file {}", file.display());
    if emulator.load_state().with_context(context).map_err(Failure::usage)? {
        let session = emulator.session();
        let (accounts, now, seed) = (session.account_count(), session.clock.now(), session.seed);
        tracing::info!("continuing from {}: {accounts} accounts, task clock at {now}", file.display());
        if options.seed.is_some_and(|wanted| wanted != seed) {
            tracing::warn!("--seed has no effect: the state continues with its own seed, {seed}");
        }
    }
    Ok(())
}

pub(super) fn start_logging(level: LevelFilter, format: LogFormat) {
    let builder = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(level)
        .with_target(false)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    match format {
        // The message says all that the fields say; those are for programs.
        LogFormat::Text => builder.fmt_fields(debug_fn(only_the_message)).init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).init(),
    }
}

fn only_the_message(writer: &mut Writer<'_>, field: &Field, value: &dyn std::fmt::Debug) -> std::fmt::Result {
    if field.name() != "message" {
        return Ok(());
    }
    // A part of it may come from outside.
    writer.write_str(&outside::message(&format!("{value:?}")))
}

pub(super) fn config(options: &Options, scenario: Scenario, tls: Option<&Tls>) -> anyhow::Result<Config> {
    Ok(Config {
        seed: options.seed,
        gateway_clock: options.gateway_time.as_deref().map(gateway_clock).transpose()?,
        keyring: options.keys.as_ref().map(|keys| keyring(keys.expose())).transpose()?,
        signatures: options.signature,
        limits: Limits {
            body_bytes: options.max_body,
            state_bytes: options.max_state,
            parameters: options.max_parameters,
            receive: options.receive_timeout,
            connections: options.max_connections,
            accounts: options.max_accounts,
            nonces: options.max_nonces,
        },
        journal: journal::Capacity {
            entries: options.journal_entries,
            bytes: options.journal_bytes,
            ..journal::Capacity::default()
        },
        state_file: options.state_file.clone(),
        browser_origins: options.allow_browser_origin.clone(),
        ca_pem: tls.and_then(Tls::ca_pem).map(str::to_owned),
        ..Config::new(scenario)
    })
}

fn gateway_clock(text: &str) -> anyhow::Result<GatewayClock> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(GatewayClock::Pinned(time));
    }
    let skew = duration::parse(text.trim_start_matches('+'))
        .map_err(|error| anyhow!("--gateway-time: {error}; or a time such as 2026-11-24T02:14:00Z"))?;
    Ok(GatewayClock::Skewed(skew))
}

/// Reads `ID:SECRET[:TOKEN],…`. Its errors count the keys instead of quoting them: they hold secrets.
fn keyring(text: &str) -> anyhow::Result<Keyring> {
    let mut listed = BTreeMap::new();
    for (index, entry) in text.split(',').enumerate() {
        let mut parts = entry.trim().splitn(3, ':');
        let (Some(id), Some(secret)) = (parts.next().filter(|id| !id.is_empty()), parts.next()) else {
            bail!("--keys: entry {} is not ID:SECRET or ID:SECRET:TOKEN", index + 1);
        };
        if secret.is_empty() {
            bail!("--keys: the secret of entry {} is empty", index + 1);
        }
        let token = parts.next().map(Secret::new);
        if listed.insert(id.to_owned(), AccessKey { token, ..AccessKey::new(Secret::new(secret)) }).is_some()
        {
            bail!("--keys: entry {} repeats an AccessKeyId", index + 1);
        }
    }
    Ok(Keyring::new(listed, None))
}

async fn listen(
    options: &Options,
    emulator: &Arc<Emulator>,
    policy: Option<AccessPolicy>,
    tls: Option<Tls>,
) -> Result<(), Failure> {
    // Before the socket: a signal that comes early must not be lost.
    let (mut term, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);

    let listener = TcpListener::bind(options.listen).await.map_err(|error| {
        let address = options.listen;
        if error.kind() != ErrorKind::AddrInUse {
            return anyhow!("cannot listen on {address}: {error}").into();
        }
        let message = "is in use, by another emulator perhaps; --listen 127.0.0.1:0 takes a free port";
        Failure { code: Failure::ADDRESS_IN_USE, error: anyhow!("{address} {message}") }
    })?;
    reload::announce(emulator);
    let address = client_address(listener.local_addr()?);
    let url = format!("http://{address}");
    if !options.listen.ip().is_loopback() {
        let listen = options.listen;
        tracing::info!("listening on {listen}: every host that reaches this machine reaches the emulator");
    }
    let secure_url = tls.as_ref().map(|_| format!("https://{address}"));
    tls::announce(options, tls.as_ref(), secure_url.as_deref().unwrap_or_default())?;
    if let Some(file) = &options.endpoints_file {
        write_endpoints(file, &url, secure_url.as_deref())
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    let front = Front::new(Arc::clone(emulator), policy, tls);
    let mut serving = tokio::spawn(server::serve(listener, front, emulator.shutdown().clone()));
    // The one line on stdout: scripts and test harnesses wait for it.
    writeln!(std::io::stdout(), "sas-emulator ready {url}")?;
    std::io::stdout().flush()?;

    tokio::select! {
        // Without its loop the process would look alive and answer nothing.
        ended = &mut serving => return Err(anyhow!("the accept loop ended: {ended:?}").into()),
        _ = term.recv() => {},
        _ = interrupt.recv() => {},
    }
    tracing::info!("stopping; a second signal stops at once");
    emulator.shutdown().cancel();
    tokio::select! {
        ended = &mut serving => ended?,
        _ = term.recv() => {},
        _ = interrupt.recv() => {},
    }
    // After the last call, or after a second signal, which cuts calls short but not what they did.
    if let Some(file) = &options.state_file {
        emulator.save_state().with_context(|| format!("cannot write {}", file.display()))?;
        tracing::info!("saved the state to {}", file.display());
    }
    Ok(())
}

fn write_endpoints(file: &Path, url: &str, secure_url: Option<&str>) -> std::io::Result<()> {
    let mut content = serde_json::json!({
        "sas": url,
        "control": format!("{url}{}", crate::control::PREFIX),
        "pid": std::process::id(),
    });
    if let Some(secure_url) = secure_url {
        content["sas_https"] = secure_url.into();
    }
    files::replace(file, format!("{content}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_listed_and_errors_do_not_quote_them() {
        let keyring_of = |text| keyring(text).map(|keyring| keyring.find("b").is_some());
        assert!(keyring_of("a:s3cret,b:x:token").unwrap());
        for bad in ["a:s3cret,b", ":s3cret", "a:s3cret,a:s3cret", "a:s3cret,b:"] {
            let message = keyring_of(bad).unwrap_err().to_string();
            assert!(message.contains("entry") && !message.contains("s3cret"), "{message}");
        }
    }

    #[test]
    fn gateway_times() {
        assert!(matches!(gateway_clock("2026-11-24T02:14:00Z"), Ok(GatewayClock::Pinned(_))));
        for (text, minutes) in [("+16m", 16), ("-16m", -16), ("16m", 16)] {
            assert_eq!(
                gateway_clock(text).unwrap(),
                GatewayClock::Skewed(jiff::SignedDuration::from_mins(minutes))
            );
        }
        assert!(gateway_clock("soon").is_err());
    }
}
