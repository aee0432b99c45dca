//! `serve`: from settings to a running emulator, its ready line and its shutdown.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};
use jiff::Timestamp;
use tokio::runtime::{self, Handle, Runtime};
use tokio::task::JoinHandle;

use super::signals::Signals;
use super::state_file::StateFile;
use super::{Failure, descriptors, log, reload, tls};
use crate::blocking;
use crate::clock::{GatewayClock, Stopwatch};
use crate::control::AccessPolicy;
use crate::domain::{AccessKey, Keyring, Secret};
use crate::emulator::{Config, Emulator, Limits};
use crate::files::{self, Readers};
use crate::journal;
use crate::scenario::{Scenario, Watch};
use crate::server::{self, Front, Tls, client_address};
use crate::settings::Options;
use crate::text::duration;

/// Serves until a signal asks to stop.
pub(super) fn run(options: &Options) -> Result<(), Failure> {
    log::start(options.log, options.log_format);
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
    let mut config = config(options, scenario, tls.as_ref()).map_err(Failure::usage)?;
    descriptors::raise_limit();
    let wanted = config.limits.connections;
    let (connections, too_few) = descriptors::connections(wanted);
    config.limits.connections = connections;
    if let Some(allowed) = too_few {
        tracing::warn!(
            "{connections} connections at once, not {wanted}: the system allows this process {allowed} file \
             descriptors (ulimit -n)"
        );
    }
    // The thread that waits for signals handles no requests, so that none can keep it from stopping.
    let main = runtime::Builder::new_current_thread().enable_all().build()?;
    // Before the state is read, which may take long: a signal that comes early must not be lost.
    let signals = {
        let _inside = main.enter();
        Signals::new()?
    };
    let emulator = Arc::new(Emulator::new(config).map_err(Failure::usage)?);
    let state_file = StateFile::open(options, &emulator)?;
    // One thread for each core: more would take each other's turns. One that waits for a lock lets another take its place.
    let workers = Workers::new(
        runtime::Builder::new_multi_thread().on_thread_start(blocking::begin_worker).enable_all().build()?,
    );
    if options.watch {
        let _inside = workers.handle.enter();
        reload::start(watch, &emulator);
    }
    // Its lock is kept to the end, for a save may still be under way.
    let locked = state_file.clone();
    let outcome = main.block_on(listen(options, &emulator, policy, tls, state_file, workers, signals));
    // Whatever still computes or reads a file is not waited for.
    main.shutdown_background();
    drop(locked);
    // The end of the process frees a large state at once.
    std::mem::forget(emulator);
    outcome
}

/// The runtime that handles requests. Dropping it waits for nothing, and may be done on any thread.
struct Workers {
    handle: Handle,
    runtime: Option<Runtime>,
}

impl Workers {
    fn new(runtime: Runtime) -> Self {
        Self { handle: runtime.handle().clone(), runtime: Some(runtime) }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

pub(super) fn config(options: &Options, scenario: Scenario, tls: Option<&Tls>) -> anyhow::Result<Config> {
    let (buffered, body) = (options.max_buffered, options.max_body);
    ensure!(buffered >= body, "--max-buffered {buffered} has no room for one body of --max-body {body}");
    Ok(Config {
        seed: options.seed,
        gateway_clock: options.gateway_time.as_deref().map(gateway_clock).transpose()?,
        keyring: options.keys.as_ref().map(|keys| keyring(keys.expose())).transpose()?,
        unmodelled: options.unmodelled,
        signatures: options.signature,
        limits: Limits {
            body_bytes: options.max_body,
            state_bytes: options.max_state,
            parameters: options.max_parameters,
            receive: options.receive_timeout,
            send: options.send_timeout,
            connections: options.max_connections,
            buffered_bytes: options.max_buffered,
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
    state_file: Option<StateFile>,
    workers: Workers,
    mut signals: Signals,
) -> Result<(), Failure> {
    let bound = {
        let _inside = workers.handle.enter();
        server::bind(options.listen)
    };
    let listener = bound.map_err(|error| {
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
    let mut serving = workers.handle.spawn(server::serve(listener, front, emulator.shutdown().clone()));
    let every = options.save_every;
    let saved_often = state_file.clone().filter(|_| !every.is_zero());
    let autosave = saved_often.map(|file| tokio::spawn(file.save_every(every)));
    print_ready(url);

    let outcome = tokio::select! {
        // Without its loop the process would look alive and answer nothing.
        ended = &mut serving => Err(anyhow!("the accept loop ended: {ended:?}").into()),
        () = signals.next() => {
            tracing::info!("stopping; a second signal cuts open calls");
            Ok(())
        }
    };
    let watch = Stopwatch::start();
    emulator.shutdown().cancel();
    if let Some(autosave) = autosave {
        autosave.abort();
    }
    // At once, and again after the last call, so that a large state is likely to be saved in time. A second signal cuts
    // calls short but not what they did.
    let saving = state_file.map(|file| (file.save(), file));
    if outcome.is_ok() {
        drain(&mut serving, &mut signals).await;
    }
    // What is answered from here on would not be saved.
    drop(workers);
    if let Some((saving, file)) = saving {
        file.finish(saving, SAVE_BY.saturating_sub(watch.elapsed())).await?;
    }
    outcome
}

/// How long the accept loop may take to end, which itself gives open calls a second, and when the state must be saved. The
/// process is gone within two seconds of the signal, whatever is stuck.
const DRAIN: Duration = Duration::from_millis(1200);
const SAVE_BY: Duration = Duration::from_millis(1400);

/// The one line on stdout: scripts and test harnesses wait for it. On a thread of its own, for a full pipe would hold up the
/// signals; a reader that has gone changes nothing.
fn print_ready(url: String) {
    let print = move || {
        let mut stdout = std::io::stdout();
        let written = writeln!(stdout, "sas-emulator ready {url}").and_then(|()| stdout.flush());
        if let Err(error) = written {
            tracing::warn!("the ready line could not be written to stdout: {error}");
        }
    };
    if let Err(error) = std::thread::Builder::new().name("ready".to_owned()).spawn(print) {
        tracing::warn!("the ready line could not be written to stdout: {error}");
    }
}

/// Lets open calls finish, until a second signal comes or their time is over.
async fn drain(serving: &mut JoinHandle<()>, signals: &mut Signals) {
    tokio::select! {
        ended = &mut *serving => if let Err(error) = ended { tracing::error!("the accept loop ended: {error}") },
        () = tokio::time::sleep(DRAIN) => {}
        () = signals.next() => {}
    }
    serving.abort();
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
    files::replace(file, format!("{content}\n").as_bytes(), Readers::Umask)
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
