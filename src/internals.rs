//! What this repository's own tests, benches and examples use of the private modules. It changes without notice.

pub mod auth {
    pub use crate::auth::SignatureMode;
}
pub mod authority {
    pub use crate::authority::Authority;
}
#[cfg(feature = "cli")]
pub mod cli {
    pub use crate::cli::main;
}
pub mod clock {
    pub use crate::clock::{ClockCommand, GatewayClock, Stopwatch, machine_time};
}
pub mod control {
    pub use crate::control::AccessPolicy;
}
pub mod dice {
    pub use crate::dice::{Dice, Positions, RequestIdStream};
}
pub mod domain {
    pub use crate::domain::{
        AccessKey, Account, ApiError, Assumptions, Code, Fidelity, Keyring, Lifecycle, Params, Principal,
        Product, Secret, Task, TaskType, TemporaryKey, Value, World, assumptions, bounds, lifecycle, plan,
        state, task_type, unmodelled,
    };
}
pub mod emulator {
    pub use crate::emulator::{Config, Emulator, Interception};
}
pub mod expect {
    pub use crate::expect::{Demand, Expectation, Misbehaviour, Run, Selector, Verdict, gap, judge};
}
pub mod fault {
    pub use crate::fault::Break;
}
pub mod journal {
    pub use crate::journal::{Arrival, Batch, CallRecord, Capacity, Completion, Journal};
}
pub mod operations {
    pub use crate::operations::{
        Context, OPERATIONS, Operation, PaidCalls, Param, ParamKind, Requester, find_by_name, levels,
        populate,
    };
}
pub mod origin {
    pub use crate::origin::AllowedOrigin;
}
pub mod peer {
    pub use crate::peer::Peer;
}
pub mod protocol {
    pub use crate::protocol::{
        Envelope, Format, LinkKey, RequestId, VERSION, decode, encode, percent, sign, timestamp,
    };
}
pub mod scenario {
    pub use crate::scenario::{LoadError, Scenario, Watch, builtin, folder, load, schema};
}
pub mod server {
    pub use crate::server::{Front, Tls, TlsError, bind, serve};
}
