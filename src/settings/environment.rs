//! The environment as containers get it: with empty variables, and with those that Kubernetes adds.

use std::ffi::OsStr;

use clap::builder::Resettable;
use clap::{Arg, Command};

const PREFIX: &str = "SAS_EMULATOR_";

/// What the Python package reads; a program that it starts inherits them.
const OF_CLIENTS: [&str; 2] = ["SAS_EMULATOR_BIN", "SAS_EMULATOR_CARRY"];

/// Names of the variables in the environment that look like settings of this program.
pub(crate) fn variables() -> Vec<String> {
    let texts = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    let ours = texts.filter(|(name, value)| {
        let is_other = OF_CLIENTS.contains(&name.as_str()) || is_service_link(name, value);
        name.starts_with(PREFIX) && !is_other
    });
    ours.map(|(name, _)| name).collect()
}

/// A variable of other programs, to which ours is to be added; none if it is not set, or is no text.
pub(crate) fn inherited(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok()
}

/// Whether Kubernetes set it, as it does in every pod for every service of the namespace: one may be called
/// `sas-emulator`.
fn is_service_link(name: &str, value: &OsStr) -> bool {
    let is_address = value.to_str().is_some_and(|value| value.contains("://"));
    let is_numbered = |rest: &str| rest.starts_with(|first: char| first.is_ascii_digit());
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.ends_with("_PORT") && is_address
        || name.split_once("_PORT_").is_some_and(|(_, rest)| is_numbered(rest))
}

/// The command line, for which an empty variable is not set: where `SEED` is not set, the `${SEED:-}` of a compose file is
/// an empty text.
pub(crate) fn without_empty_variables(command: Command) -> Command {
    without_variables(command, &|name| std::env::var_os(name).is_some_and(|value| value.is_empty()))
}

fn without_variables(command: Command, are_out: &dyn Fn(&OsStr) -> bool) -> Command {
    let keep = |arg: Arg| if arg.get_env().is_some_and(are_out) { arg.env(Resettable::Reset) } else { arg };
    command.mut_args(keep).mut_subcommands(|command| without_variables(command, are_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_kubernetes_sets_for_a_service_are_no_settings() {
        let is_link =
            |rest: &str, value: &str| is_service_link(&format!("{PREFIX}{rest}"), OsStr::new(value));
        for (rest, value) in [
            ("SERVICE_HOST", "10.96.7.1"),
            ("SERVICE_PORT", "7270"),
            ("SERVICE_PORT_HTTP", "7270"),
            ("PORT", "tcp://10.96.7.1:7270"),
            ("PORT_7270_TCP", "tcp://10.96.7.1:7270"),
            ("PORT_7270_TCP_PROTO", "tcp"),
            ("PORT_7270_TCP_PORT", "7270"),
            ("PORT_7270_TCP_ADDR", "10.96.7.1"),
        ] {
            assert!(is_link(rest, value), "{rest}");
        }
        // What may have been meant as a setting is still reported.
        for (rest, value) in
            [("PORT", "8080"), ("SERVICE", "x"), ("PORT_TCP", "1"), ("ENDPOINTS", "http://x:1")]
        {
            assert!(!is_link(rest, value), "{rest}");
        }
    }

    #[test]
    fn a_command_can_do_without_some_variables_at_every_level() {
        let argument = |name| Arg::new("x").long("x").env(name);
        let command =
            Command::new("a").arg(argument("KEPT")).subcommand(Command::new("b").arg(argument("OUT")));
        let command = without_variables(command, &|name| name == "OUT");
        let variable =
            |command: &Command| command.get_arguments().find_map(Arg::get_env).map(OsStr::to_owned);
        assert_eq!(variable(&command), Some("KEPT".into()));
        assert_eq!(variable(command.find_subcommand("b").unwrap()), None);
    }
}
