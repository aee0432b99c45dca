//! Behaviour, through the real stack and with the clock in the test's hand. One binary, so that it links once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod harness;

mod assumptions;
mod builtin;
mod cases;
mod clock;
mod clock_accounts;
mod control;
mod determinism;
mod docs;
mod embed;
mod family;
mod family_assets;
mod family_calls;
mod family_creator_situations;
mod family_creators;
mod family_cycles;
mod family_history;
mod family_replies;
mod family_situations;
mod faults;
mod faults_on_the_wire;
mod gateway;
mod get_last_once_task_info;
mod journal;
mod journal_live;
mod journal_verify;
mod malformed;
mod permission;
mod scenario_errors;
mod scenario_folder;
mod scenario_loading;
mod scenario_merging;
mod scenarios;
mod schema;
mod soak;
mod sockets;
mod state;
mod state_file;
mod tasks_outside;
mod tls;
mod tls_own;
mod vectors;
mod verdict;
mod who_calls;
