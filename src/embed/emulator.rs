//! The emulator that a test owns: a thread that serves until the test drops it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Deref;
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{fmt, io};

use tokio::runtime;
use tokio_util::sync::CancellationToken;

use super::error::StartError;
use super::handle::Handle;
use crate::control::AccessPolicy;
use crate::emulator::{self, Config};
use crate::server::{self, Front};

/// A running emulator on a port of its own. Dropping it stops it, in a runtime or outside, and also where a test panics:
/// when `drop` returns, its thread has ended and its port is closed.
///
/// A test acts on it through its [`Handle`], which this dereferences to: move the clock, break calls, read the calls.
///
/// ```
/// use sas_emulator::{Emulator, calls};
///
/// let emulator = Emulator::builder().paused().start();
/// // A client is pointed at emulator.endpoint(), or at emulator.authority() if it wants no scheme, and makes its calls.
/// emulator.advance("6h");
/// emulator.verify(calls("CancelOnceTask").times(0));
/// ```
#[must_use = "an emulator stops when it is dropped"]
pub struct Emulator {
    handle: Handle,
    address: SocketAddr,
    endpoint: String,
    server: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Where clients call it: `http://127.0.0.1:40123`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The same without the scheme, as official SDKs want their endpoint: `127.0.0.1:40123`.
    pub fn authority(&self) -> &str {
        self.endpoint.trim_start_matches("http://")
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle to all accounts. It does not keep the emulator running.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    pub(super) fn launch(listener: Option<TcpListener>, config: Config) -> Result<Self, StartError> {
        let emulator = Arc::new(emulator::Emulator::new(config)?);
        let front = Front::new(Arc::clone(&emulator), Some(AccessPolicy::default()), None);
        let listener = match listener {
            Some(listener) => listener,
            None => TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?,
        };
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (report, started) = mpsc::channel();
        let shutdown = emulator.shutdown().clone();
        // A runtime of its own: the test's may be blocked by the very client that calls, or hold its time still.
        let server = thread::Builder::new()
            .name("sas-emulator".to_owned())
            .spawn(move || serve(listener, front, &shutdown, &report))?;
        let runtime = started.recv().map_err(io::Error::other).flatten()?;
        let authority = server::client_address(address).to_string();
        Ok(Self {
            handle: Handle::new(emulator, runtime, &authority),
            address,
            endpoint: format!("http://{authority}"),
            server: Some(server),
        })
    }
}

/// Serves until shutdown, and then cuts what is still open: the test that waited for it is over.
fn serve(
    listener: TcpListener,
    front: Front,
    shutdown: &CancellationToken,
    report: &mpsc::Sender<io::Result<runtime::Handle>>,
) {
    let started = runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        let _inside = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Ok((runtime, listener))
    });
    // The thread that started this one waits for the report.
    let _ = match started {
        Err(error) => report.send(Err(error)),
        Ok((runtime, listener)) => {
            let sent = report.send(Ok(runtime.handle().clone()));
            runtime.block_on(shutdown.run_until_cancelled(server::serve(listener, front, shutdown.clone())));
            sent
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
    /// Panics if calls are not as [`Handle::expect`] says, unless the thread panics already.
    fn drop(&mut self) {
        self.handle.emulator.shutdown().cancel();
        if let Some(server) = self.server.take() {
            // It ends on its own; a panic of it is in the log.
            let _ = server.join();
        }
        server::flush_access_log(Duration::from_millis(100));
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
