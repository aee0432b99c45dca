//! Every setting of `serve`, once: flag, environment variable, default, help. Flags of other commands are in `cli/<command>.rs`.

mod environment;

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

pub(crate) use self::environment::{variables, without_empty_variables};
use crate::auth::SignatureMode;
use crate::domain::Secret;
use crate::domain::unmodelled::Unmodelled;
use crate::origin::{self, AllowedOrigin};

/// The flags of `serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "SAS_EMULATOR_LISTEN", default_value = "127.0.0.1:7270", value_name = "HOST:PORT")]
    #[arg(value_parser = address)]
    pub listen: SocketAddr,
    /// Built-in scenario or scenario file (`sas-emulator scenarios` lists the built-in ones). Of several, each is laid
    /// over those before it.
    #[arg(long, env = "SAS_EMULATOR_SCENARIO", default_value = "default", value_name = "NAME|FILE")]
    #[arg(value_delimiter = ',')]
    pub scenario: Vec<String>,
    /// Folder of scenario files (*.yaml, *.yml, *.json), laid over --scenario in the order of their names.
    #[arg(long, env = "SAS_EMULATOR_INIT_DIR", value_name = "FOLDER")]
    pub init_dir: Option<PathBuf>,
    /// Load the scenario files again when they change; one that is wrong is reported and not loaded.
    #[arg(long, env = "SAS_EMULATOR_WATCH", value_parser = clap::builder::FalseyValueParser::new())]
    pub watch: bool,
    /// Seed of all random streams: the same seed, scenario and calls give the same answers.
    #[arg(long, env = "SAS_EMULATOR_SEED", value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Judge time stamps by this time instead of the machine's, or by the machine's plus a skew such as `+16m`.
    #[arg(long, env = "SAS_EMULATOR_GATEWAY_TIME", value_name = "TIME|SKEW", allow_hyphen_values = true)]
    pub gateway_time: Option<String>,
    /// AccessKeys that exist, instead of the scenario's; all others are then unknown.
    #[arg(long, env = "SAS_EMULATOR_KEYS", value_name = "ID:SECRET[:TOKEN],…", hide_env_values = true)]
    pub keys: Option<Secret>,
    /// What becomes of calls of operations that are not modelled, instead of what the scenario says: refused, or answered
    /// with the documented shape.
    #[arg(long, env = "SAS_EMULATOR_UNMODELLED")]
    pub unmodelled: Option<Unmodelled>,
    /// Whether signatures are verified.
    #[arg(long, env = "SAS_EMULATOR_SIGNATURE", default_value = "verify")]
    pub signature: SignatureMode,
    /// Write the addresses to this file, as JSON, once ready.
    #[arg(long, env = "SAS_EMULATOR_ENDPOINTS_FILE", value_name = "FILE")]
    pub endpoints_file: Option<PathBuf>,
    /// Restore the state in this file, if there is one, and save it there: while it changes, at stop, and on POST
    /// /_emulator/state. One emulator at a time may use it.
    #[arg(long, env = "SAS_EMULATOR_STATE_FILE", value_name = "FILE")]
    pub state_file: Option<PathBuf>,
    /// How long after a change the state file is saved at the latest, plus the time that saving takes; 0 saves only at
    /// stop and on POST /_emulator/state. Saving never takes more than a twentieth of the time.
    #[arg(long, env = "SAS_EMULATOR_SAVE_EVERY", default_value = "1", value_name = "SECONDS")]
    #[arg(value_parser = seconds_or_none)]
    pub save_every: Duration,
    /// Speak TLS on the same port: with a certificate made at start (auto), or not at all (off). Own certificates need
    /// no --tls.
    #[arg(long, env = "SAS_EMULATOR_TLS")]
    pub tls: Option<TlsMode>,
    /// Further names and IP addresses for the certificate that `--tls auto` makes.
    #[arg(long, env = "SAS_EMULATOR_TLS_SAN", value_name = "NAME", value_delimiter = ',')]
    pub tls_san: Vec<String>,
    /// Write the certificate that clients must trust with `--tls auto` to this file, in PEM, once ready.
    #[arg(long, env = "SAS_EMULATOR_TLS_CA_OUT", value_name = "FILE")]
    pub tls_ca_out: Option<PathBuf>,
    /// Speak TLS with this certificate (PEM; those that lead to its authority after it).
    #[arg(long, env = "SAS_EMULATOR_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// The private key of that certificate (PEM, not encrypted).
    #[arg(long, env = "SAS_EMULATOR_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// How log lines are written (to stderr).
    #[arg(long, env = "SAS_EMULATOR_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// How much is logged: off, error, warn, info, debug.
    #[arg(long, env = "SAS_EMULATOR_LOG", default_value = "info", value_name = "LEVEL")]
    pub log: tracing::level_filters::LevelFilter,
    /// Bearer token that every control call must carry.
    #[arg(long, env = "SAS_EMULATOR_CONTROL_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    pub control_token: Option<Secret>,
    /// Serve without the control API.
    #[arg(long, env = "SAS_EMULATOR_NO_CONTROL", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_control: bool,
    /// Further host name under which the control API answers.
    #[arg(long, env = "SAS_EMULATOR_ADVERTISE_HOST", value_name = "NAME", value_delimiter = ',')]
    #[arg(value_parser = origin::own_name)]
    pub advertise_host: Vec<String>,
    /// Site whose web pages may call the service, as `http://localhost:3000`, or `*` for any; without this, none may.
    #[arg(long, env = "SAS_EMULATOR_ALLOW_BROWSER_ORIGIN", value_name = "ORIGIN|*", value_delimiter = ',')]
    pub allow_browser_origin: Vec<AllowedOrigin>,
    /// Largest request body.
    #[arg(long, env = "SAS_EMULATOR_MAX_BODY", default_value_t = 1 << 20, value_name = "BYTES", value_parser = count)]
    pub max_body: usize,
    /// Largest snapshot that PUT /_emulator/state takes.
    #[arg(long, env = "SAS_EMULATOR_MAX_STATE", default_value_t = 256 << 20, value_name = "BYTES", value_parser = count)]
    pub max_state: usize,
    /// Most bytes of request bodies and large answers in memory at once; a request beyond that is answered 503.
    #[arg(long, env = "SAS_EMULATOR_MAX_BUFFERED", default_value_t = 256 << 20, value_name = "BYTES", value_parser = count)]
    pub max_buffered: usize,
    /// Most parameters in one request.
    #[arg(long, env = "SAS_EMULATOR_MAX_PARAMETERS", default_value_t = 2_000, value_name = "NUMBER", value_parser = count)]
    pub max_parameters: usize,
    /// Most connections at once; for a further one, the oldest idle one is closed.
    #[arg(long, env = "SAS_EMULATOR_MAX_CONNECTIONS", default_value_t = 10_000, value_name = "NUMBER", value_parser = count)]
    pub max_connections: usize,
    /// Most accounts kept; beyond that, the least recently used one makes room that was not set up by hand and in which nothing runs
    #[arg(long, env = "SAS_EMULATOR_MAX_ACCOUNTS", default_value_t = 10_000, value_name = "NUMBER", value_parser = count)]
    pub max_accounts: usize,
    /// Most nonces remembered for the replay check.
    #[arg(long, env = "SAS_EMULATOR_MAX_NONCES", default_value_t = 500_000, value_name = "NUMBER", value_parser = count)]
    pub max_nonces: usize,
    /// Most calls kept in the journal; 0 switches it off.
    #[arg(long, env = "SAS_EMULATOR_JOURNAL_ENTRIES", default_value_t = 10_000, value_name = "NUMBER")]
    #[arg(value_parser = count_or_none)]
    pub journal_entries: usize,
    /// Most memory that the journal takes; 64 KiB at least.
    #[arg(long, env = "SAS_EMULATOR_JOURNAL_BYTES", default_value_t = 16 << 20, value_name = "BYTES")]
    #[arg(value_parser = journal_bytes)]
    pub journal_bytes: usize,
    /// Longest time for a request to arrive.
    #[arg(long, env = "SAS_EMULATOR_RECEIVE_TIMEOUT", default_value = "30", value_name = "SECONDS")]
    #[arg(value_parser = seconds)]
    pub receive_timeout: Duration,
    /// Longest time in which a client takes nothing of its answer.
    #[arg(long, env = "SAS_EMULATOR_SEND_TIMEOUT", default_value = "30", value_name = "SECONDS")]
    #[arg(value_parser = seconds)]
    pub send_timeout: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TlsMode {
    /// With an authority and a certificate made at start.
    Auto,
    /// Not at all, even if there is a certificate.
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let hint = "expected HOST:PORT, such as 127.0.0.1:7270 or [::1]:0";
    let mut found = text.to_socket_addrs().map_err(|error| format!("{error}; {hint}"))?;
    found.next().ok_or_else(|| hint.to_owned())
}

/// Seconds, as a whole or decimal number; a day at most.
pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    match text.trim_end_matches('s').parse() {
        Ok(number) if (0.001..=86_400.0).contains(&number) => Ok(Duration::from_secs_f64(number)),
        _ => Err("expected seconds from 0.001 to 86400, such as 30".to_owned()),
    }
}

fn seconds_or_none(text: &str) -> Result<Duration, String> {
    if text == "0" {
        Ok(Duration::ZERO)
    } else {
        seconds(text).map_err(|error| format!("{error}, or 0 for never"))
    }
}

pub(crate) fn count(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=1 << 30).contains(number));
    number.ok_or_else(|| format!("expected a whole number from 1 to {}", 1 << 30))
}

fn count_or_none(text: &str) -> Result<usize, String> {
    if text == "0" { Ok(0) } else { count(text).map_err(|error| format!("{error}, or 0 for none")) }
}

/// Less than this would not hold one large call.
const LEAST_JOURNAL: usize = 64 << 10;

fn journal_bytes(text: &str) -> Result<usize, String> {
    match count(text)? {
        bytes if bytes >= LEAST_JOURNAL => Ok(bytes),
        _ => Err(format!(
            "{LEAST_JOURNAL} at least, so that any one call fits; --journal-entries 0 keeps none"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(address("127.0.0.1:0").unwrap().port(), 0);
        assert!(address("[::1]:7270").unwrap().is_ipv6());
        assert!(address("7270").unwrap_err().contains("expected HOST:PORT"));
    }

    #[test]
    fn bounds_of_the_journal() {
        assert_eq!((count_or_none("0"), count_or_none("7")), (Ok(0), Ok(7)));
        assert!(count_or_none("-1").unwrap_err().ends_with("or 0 for none"));
        assert_eq!(journal_bytes("65536"), Ok(65_536));
        assert!(journal_bytes("65535").unwrap_err().contains("--journal-entries 0"));
    }

    #[test]
    fn what_is_hidden_is_not_printed() {
        assert_eq!(format!("{:?}", Secret::from("a:secret".to_owned())), "Secret(***)");
    }
}
