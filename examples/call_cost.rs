//! Makes signed calls without a socket, for a tool that counts instructions: `call_cost v3_post`. `scripts/cost` runs it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool of scripts/cost, whose output is what it prints"
)]

#[path = "../benches/support/counted.rs"]
mod counted;
#[path = "../benches/support/signed.rs"]
mod signed;

use axum::body::Body;
use http::Request;
use mimalloc::MiMalloc;
use sas_emulator::internals::server::Front;

use self::counted::{CALLS, KINDS, answer, prepare};

/// As in the program.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _context = runtime.enter();
    let name = std::env::args().nth(1);
    let kind = KINDS.iter().find(|(known, _)| Some(*known) == name.as_deref()).map(|(_, kind)| *kind);
    let (front, requests) = prepare(kind.unwrap());
    for request in requests {
        counted_call(&front, request);
    }
    println!("{CALLS}");
}

/// What the tool counts, by this name, and all that it calls.
#[inline(never)]
fn counted_call(front: &Front, request: Request<Body>) {
    answer(front, request);
}
