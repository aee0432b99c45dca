//! The cost of a page of findings in an account of ten thousand servers with a hundred findings each: the operations
//! themselves, without gateway and socket. `cargo bench --bench world`

#![expect(clippy::unwrap_used, reason = "a measurement that fails says so")]

use std::sync::LazyLock;

use divan::Bencher;
use jiff::Timestamp;
use sas_emulator::internals::dice::Dice;
use sas_emulator::internals::domain::{Params, World};
use sas_emulator::internals::operations::{Context, find_by_name, populate};
use sas_emulator::internals::scenario::load;

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let text = "version: 1\nname: x\nworld: { servers: 10000, windows: 20%, vulnerabilities: { per_server: 100 } }\n";
    load::parse("world.yaml", text).unwrap().world
});

fn main() {
    divan::main();
}

/// Filters of a page, and a place in the middle of the list.
const PAGES: [(&str, &[(&str, &str)]); 9] = [
    ("DescribeVulList", &[("CurrentPage", "10000")]),
    ("DescribeVulList", &[("Necessity", "asap"), ("Dealed", "n"), ("CurrentPage", "100")]),
    ("DescribeVulList", &[("StatusList", "1,2,4"), ("RaspDefend", "0")]),
    (
        "DescribeVulList",
        &[("Uuids", "00000000-0000-4000-8000-000000000007,00000000-0000-4000-8000-000000000008")],
    ),
    ("DescribeVulList", &[("GroupId", "1"), ("CurrentPage", "5000")]),
    ("DescribeVulList", &[("UseNextToken", "true"), ("NextToken", "1000")]),
    ("DescribeGroupedVul", &[("Dealed", "n"), ("CurrentPage", "2")]),
    ("DescribeVulNumStatistics", &[]),
    ("DescribeCloudCenterInstances", &[("PageSize", "20")]),
];

#[divan::bench(args = 0..PAGES.len())]
fn page(bencher: Bencher<'_, '_>, case: usize) {
    let (action, filters) = PAGES[case];
    let params: Params = [("Type", "cve")].iter().chain(filters).copied().collect();
    let mut dice = Dice::new(7, "x");
    let mut account = populate(&WORLD, "test", Timestamp::UNIX_EPOCH, &mut dice);
    let operation = find_by_name(action).unwrap();
    bencher.bench_local(|| {
        let mut context = Context::new(Timestamp::UNIX_EPOCH, &mut account, &mut dice, &WORLD);
        operation.call(&mut context, &params).unwrap()
    });
}
