//! How often a signed call allocates, compared with benches/cost.txt. scripts/cost updates that file.

#![expect(clippy::unwrap_used, reason = "a measurement that fails says so")]

#[path = "../benches/support/counted.rs"]
mod counted;
#[path = "../benches/support/signed.rs"]
mod signed;

use std::sync::Arc;

use axum::body::Body;
use sas_emulator::internals::clock::GatewayClock;
use sas_emulator::internals::emulator::{Config, Emulator};
use sas_emulator::internals::protocol::sign::Algorithm;
use sas_emulator::internals::protocol::timestamp;
use sas_emulator::internals::scenario::load;
use sas_emulator::internals::server::Front;

use self::counted::{CALLS, KINDS, answer, prepare};
use self::signed::v3;

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

/// What an account of a world is, and what it changed: the world itself is computed.
#[test]
fn an_account_that_only_reads_a_large_fleet_keeps_little() {
    const READS: [(&str, &[(&str, &str)]); 5] = [
        ("DescribeCloudCenterInstances", &[]),
        ("DescribeFieldStatistics", &[]),
        ("DescribeVulList", &[("Type", "cve")]),
        ("DescribeSuspEvents", &[]),
        ("DescribeCheckWarningSummary", &[]),
    ];
    const MOST: i64 = 64 << 10;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _context = runtime.enter();
    let front = Front::new(
        Arc::new(Emulator::new(Config::new(load::find("large-fleet").unwrap())).unwrap()),
        None,
        None,
    );
    let reads = |account: &str| {
        let signer = v3::signer(Algorithm::Acs3HmacSha256, account);
        let now = timestamp::format(GatewayClock::default().now());
        READS.map(|(action, params)| {
            v3::post(&signer, action, params, &now, &format!("{account}{action}")).map(Body::from)
        })
    };
    let [first, second] = ["first", "second"].map(reads);
    // What all accounts share is made for the first one.
    for request in first {
        answer(&front, request);
    }
    let kept = allocation_counter::measure(|| second.into_iter().for_each(|request| answer(&front, request)));
    println!("an account that read {} lists keeps {} bytes", READS.len(), kept.bytes_current);
    assert!(kept.bytes_current < MOST, "{} bytes", kept.bytes_current);
}

fn committed(name: &str) -> u64 {
    let mut lines = include_str!("../benches/cost.txt").lines();
    lines.find_map(|line| line.strip_prefix(name)).unwrap().parse().unwrap()
}
