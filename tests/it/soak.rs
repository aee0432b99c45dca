//! A short run of `scripts/soak`: many callers in one account, over sockets and while the clock runs.

use std::sync::Arc;
use std::time::Duration;

use sas_emulator::embed::{Blueprint, Emulator};
use sas_emulator::scenario::load;
use sas_emulator::server;
use tokio::net::TcpListener;

#[path = "../../examples/soak/crowd.rs"]
mod crowd;
#[path = "../../examples/soak/history.rs"]
mod history;
#[path = "../../benches/support/v3.rs"]
mod v3;

use self::crowd::{Crowd, SCENARIO, Until};
use self::history::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_over_sockets_see_one_history() {
    let scenario = load::parse("soak.yaml", SCENARIO).unwrap();
    let Emulator { front, limits, stopper, .. } = Emulator::new(Blueprint::new(scenario)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let crowd = Crowd::new(listener.local_addr().unwrap(), Until { elapsed: Duration::MAX, calls: 2_000 });
    let served = tokio::spawn(server::serve(listener, front, limits, stopper.heard()));
    Arc::clone(&crowd).run(64).await.unwrap();
    stopper.stop();
    served.await.unwrap();
    let history = crowd.history();
    assert!(history.violations.is_empty(), "{}", history.violations.join("\n"));
    let (failed, done) = (history.count(Stage::Failed), history.count(Stage::Done));
    assert_eq!(failed + done, history.created.len(), "every task comes to an end");
    assert!(history.refused > 0 && failed > 0 && done > 0, "{history:?}");
    assert!(history.sights > 0 && history.listings > 0 && history.most_running > 0, "{history:?}");
}
