//! A short run of `scripts/soak`: many callers in one account, over sockets and while the clock runs.

use std::sync::Arc;
use std::time::Duration;

use sas_emulator::internals::scenario::load;

use crate::harness::Setup;
use crate::harness::wire::serve;

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
    let served = serve(Setup::running(scenario).start()).await;
    let crowd = Crowd::new(served.address, Until { elapsed: Duration::MAX, calls: 2_000 });
    Arc::clone(&crowd).run(64).await.unwrap();
    served.shut_down();
    served.ended().await;
    let history = crowd.history();
    assert!(history.violations.is_empty(), "{}", history.violations.join("\n"));
    let (failed, done) = (history.count(Stage::Failed), history.count(Stage::Done));
    assert_eq!(failed + done, history.created.len(), "every task comes to an end");
    assert!(history.refused > 0 && failed > 0 && done > 0, "{history:?}");
    assert!(history.sights > 0 && history.listings > 0 && history.most_running > 0, "{history:?}");
}
