//! A wrong command line, told without the secrets that may stand in it.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::{Command, CommandFactory};

use super::Cli;
use crate::text::similar::nearest;

/// The error as it may be printed. `--keys ID SECRET` has a secret where no argument is expected: with a flag for secrets on
/// the command line, only names of flags are quoted.
pub(super) fn without_secrets(
    mut error: clap::Error,
    arguments: impl IntoIterator<Item = OsString>,
) -> clap::Error {
    let flags = secret_flags(&Cli::command());
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let is_secret = |argument: &OsString| {
        let argument = argument.to_string_lossy();
        let name = argument.trim_start_matches('-').split('=').next().unwrap_or_default();
        argument.starts_with('-')
            && (nearest(name, flags.iter().copied()).is_some()
                || flags.iter().any(|flag| name.starts_with(flag)))
    };
    if !arguments.into_iter().any(|argument| is_secret(&argument)) {
        return error;
    }
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidSubcommand, ContextKind::InvalidValue] {
        if let Some(ContextValue::String(text)) = error.get(kind) {
            let shown = name_of_flag(text, &flags);
            error.insert(kind, ContextValue::String(shown));
        }
    }
    // "To pass 'X' as a value, use '-- X'."
    for kind in [ContextKind::Suggested, ContextKind::TrailingArg] {
        error.remove(kind);
    }
    error
}

/// The names of all flags that take a secret: their values are hidden in the help, too.
fn secret_flags(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter(|argument| argument.is_hide_env_values_set());
    let own = own.filter_map(|argument| argument.get_long().map(str::to_owned));
    own.chain(command.get_subcommands().flat_map(secret_flags)).collect()
}

/// The name of a flag, without what else may stand in the argument; a mask for another argument.
fn name_of_flag(argument: &str, flags: &[&str]) -> String {
    let Some(name) = argument.strip_prefix("--") else { return "***".to_owned() };
    let is_sign = |sign: char| sign.is_ascii_lowercase() || sign == '-';
    let name = &name[..name.find(|sign| !is_sign(sign)).unwrap_or(name.len())];
    match flags.iter().find(|flag| name.starts_with(**flag)) {
        Some(flag)
            if argument.len() > flag.len() + 2 && !argument[flag.len() + 2..].starts_with([' ', '=']) =>
        {
            format!("--{flag}***")
        }
        _ => format!("--{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> String {
        let arguments = || line.split(' ').map(OsString::from);
        let error = Cli::command().try_get_matches_from(arguments()).unwrap_err();
        without_secrets(error, arguments()).to_string()
    }

    #[test]
    fn a_secret_on_a_wrong_command_line_is_not_repeated() {
        for line in [
            "e --keys a s3cret",
            "e --keys a: s3cret",
            "e --keys= a:s3cret",
            "e serve --keys a s3cret",
            "e --kyes a:s3cret",
            "e --kyes=a:s3cret",
            "e --keysa:s3cret",
            "e --keyss3cret",
            "e --key a:s3cret",
            "e --control-token= s3cret",
            "e --control-token x --control-token s3cret",
            "e --keys a:s3cret --seed x",
            "e call X --access-key-secret a s3cret",
            "e call X --access_key_secret s3cret",
            "e call X --access-key-secret= s3cret",
        ] {
            let said = said(line);
            assert!(!said.contains("s3cret") && said.contains("error: "), "{line}: {said}");
        }
    }

    #[test]
    fn without_a_secret_the_wrong_argument_is_quoted() {
        assert!(said("e no-such-command").contains("no-such-command"));
        assert!(said("e --seed many").contains("many"));
        assert!(said("e --no-such-flag").contains("--no-such-flag"));
        assert!(said("e --keys a --no-such-flag").contains("--no-such-flag"));
    }
}
