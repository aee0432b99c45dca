//! The emulator that a test owns: a thread that serves, ended when the test lets go of it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Deref;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::{fmt, io};

use tokio::runtime;

use super::error::StartError;
use super::handle::Handle;
use crate::assembly::{Assembly, Blueprint};
use crate::server::{self, Front, Limits};
use crate::stop::{Stop, Stopper};

/// A running emulator on a port of its own. Dropping it stops it: its thread has ended and its port is closed when that
/// returns, in a runtime or outside, at the end of a test or of one that panics.
///
/// All that a test does to it, it does to its [`Handle`], which this dereferences to: hold the clock, break calls, look at
/// what was called.
///
/// ```
/// use sas_emulator::{Emulator, calls};
///
/// let emulator = Emulator::builder().paused().start();
/// // A client is pointed at emulator.endpoint(), or at emulator.authority() if it wants no scheme, and makes its calls.
/// emulator.advance("6h");
/// emulator.verify(calls("CancelOnceTask").times(0));
/// ```
#[must_use = "an emulator that nobody holds stops at once"]
pub struct Emulator {
    handle: Handle,
    address: SocketAddr,
    authority: String,
    endpoint: String,
    stopper: Stopper,
    server: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Where clients call it: `http://127.0.0.1:40123`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The same without the scheme, as official SDKs want their endpoint: `127.0.0.1:40123`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What acts on all accounts, to be moved elsewhere: it does not keep the emulator running.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    pub(super) fn launch(listener: Option<TcpListener>, blueprint: Blueprint) -> Result<Self, StartError> {
        let Assembly { front, control, limits, stopper, .. } = Assembly::new(blueprint)?;
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
        };
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (report, started) = mpsc::channel();
        let stop = stopper.heard();
        // A runtime of its own: the test's may be blocked by the very client that calls, or hold its time still.
        let server = thread::Builder::new()
            .name("sas-emulator".to_owned())
            .spawn(move || serve(listener, front, limits, &stop, &report))?;
        let runtime = started.recv().map_err(io::Error::other).flatten()?;
        let authority = server::client_address(address).to_string();
        Ok(Self {
            handle: Handle::new(control, runtime),
            address,
            endpoint: format!("http://{authority}"),
            authority,
            stopper,
            server: Some(server),
        })
    }
}

/// Serves until the stop is ordered, and then cuts whatever is still open: whoever would have waited for it is gone.
fn serve(
    listener: TcpListener,
    front: Front,
    limits: Limits,
    stop: &Stop,
    report: &mpsc::Sender<io::Result<runtime::Handle>>,
) {
    let started = runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        let _inside = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok((runtime, listener))
    });
    // Whoever started this waits for the report.
    let _ = match started {
        Err(error) => report.send(Err(error)),
        Ok((runtime, listener)) => {
            let told = report.send(Ok(runtime.handle().clone()));
            runtime.block_on(async {
                tokio::select! {
                    () = server::serve(listener, front, limits, stop.clone()) => {},
                    () = stop.ordered() => {},
                }
            });
            told
        }
    };
}

impl Deref for Emulator {
    type Target = Handle;

    fn deref(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Emulator {
    /// # Panics
    ///
    /// If calls are not as [`Handle::expect`] says, unless the thread panics already.
    fn drop(&mut self) {
        self.stopper.stop();
        if let Some(server) = self.server.take() {
            // It ends on its own; that it panicked is in the log.
            let _ = server.join();
        }
        if !thread::panicking() {
            self.handle.judge_expected();
        }
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
