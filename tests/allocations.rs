//! How often a signed call allocates, compared with benches/cost.txt. scripts/cost updates that file.

#![expect(clippy::unwrap_used, reason = "a measurement that fails says so")]

#[path = "../benches/support/counted.rs"]
mod counted;
#[path = "../benches/support/signed.rs"]
mod signed;

use self::counted::{CALLS, KINDS, answer, prepare};

/// In percent of the committed number.
const MOST_GROWTH: u64 = 5;

#[test]
fn a_signed_call_allocates_no_more_often_than_before() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _context = runtime.enter();
    for (name, kind) in KINDS {
        let (front, requests) = prepare(kind);
        let counted = allocation_counter::measure(|| {
            for request in requests {
                answer(&front, request);
            }
        });
        let count = counted.count_total.div_ceil(CALLS);
        println!("{name} allocations {count}");
        // scripts/cost compares, or updates, by itself.
        if std::env::var_os("COUNT_ALLOCATIONS").is_none() {
            let committed = committed(&format!("{name} allocations "));
            assert!(count * 100 <= committed * (100 + MOST_GROWTH), "{name}: {count}, was {committed}");
        }
    }
}

fn committed(name: &str) -> u64 {
    let mut lines = include_str!("../benches/cost.txt").lines();
    lines.find_map(|line| line.strip_prefix(name)).unwrap().parse().unwrap()
}
