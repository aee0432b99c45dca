//! `reset`: back to the start time of the scenario.

use clap::Args;
use http::Method;

use super::{ControlCommand, Steering};
use crate::cli::Failure;

#[derive(Debug, Args)]
pub(in crate::cli) struct ResetArgs {
    #[command(flatten)]
    steering: Steering,
    /// The one account that begins again, instead of all.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

impl ResetArgs {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let command = ControlCommand::new(Method::POST, "reset").asking("account", self.account.as_ref());
        self.steering.run(&command, &|answer| match answer["account"].as_str() {
            Some(account) => format!("account {account} is as at the start\n"),
            None => "all is as at the start\n".to_owned(),
        })
    }
}
