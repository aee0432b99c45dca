//! The accept loop. It is our own, because faults need the socket, and a shutdown must be waited for.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::HttpBody;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use super::connection::{Connection, Socket};
use super::front::Front;
use super::slots::{SlotLease, Slots};
use super::tls;
use crate::emulator::Limits;
use crate::fault::Break;
use crate::peer::{ConnectionState, Peer};

/// How long open calls may take to finish after a shutdown has begun.
const DRAIN: Duration = Duration::from_secs(1);
/// Connections that the system holds until they are accepted.
const BACKLOG: u32 = 4096;
/// Most bytes of a connection that hyper reads ahead, and the longest head. A target alone may have 64 KiB.
const READ_AHEAD: usize = 96 << 10;

/// Listens on an address. Unlike a listener of the standard library, it holds thousands of connections that come at once.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Otherwise the port could not be used again for a minute.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// What every connection needs.
struct ConnectionServer {
    http: http1::Builder,
    front: Front,
    limits: Limits,
    shutdown: CancellationToken,
}

/// Serves until `shutdown` is cancelled, then lets open calls finish for at most a second.
pub async fn serve(listener: TcpListener, front: Front, shutdown: CancellationToken) {
    let limits = *front.limits();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.receive);
    // A client may close its side once it has sent its request.
    http.half_close(true).max_buf_size(READ_AHEAD);
    let open = GracefulShutdown::new();
    let slots = Slots::new(limits.connections);
    let accept = async || {
        slots.available().await;
        listener.accept().await
    };
    let shared = Arc::new(ConnectionServer { http, front, limits, shutdown: shutdown.clone() });
    let mut has_failed = false;
    while let Some(accepted) = shutdown.run_until_cancelled(accept()).await {
        match accepted {
            Ok((stream, _)) => {
                has_failed = false;
                let stream = Arc::new(stream);
                let place = slots.enter(Arc::clone(&stream));
                let number = place.number();
                let task = tokio::spawn(Arc::clone(&shared).connection(stream, place, open.watcher()));
                slots.attach(number, task.abort_handle());
            }
            Err(error) => {
                // Out of file descriptors, mostly: closing connections frees some.
                if !has_failed {
                    tracing::warn!("cannot accept a connection: {error}");
                }
                has_failed = true;
                slots.make_room();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, open.shutdown()).await.is_err() {
        tracing::warn!("some calls were still open after {} s and are cut", DRAIN.as_secs());
    }
}

impl ConnectionServer {
    async fn connection(self: Arc<Self>, stream: Arc<TcpStream>, place: SlotLease, watcher: Watcher) {
        // Responses are small and whole; waiting for more to send only delays them. If it fails, the client has gone.
        let _ = stream.set_nodelay(true);
        let socket = Socket::new(stream);
        let first_byte = tokio::time::timeout(self.limits.receive, socket.first_byte());
        if !matches!(self.shutdown.run_until_cancelled(first_byte).await, Some(Ok(Ok(Some(_))))) {
            return;
        }
        // On the heap, and not before a request comes: a connection that only is there should cost little.
        let peer = Peer::new(Arc::clone(&place.slot));
        let ended = Box::pin(self.exchange(&socket, &peer, watcher)).await;
        match ended {
            End::Unread => {
                self.shutdown.run_until_cancelled(socket.linger()).await;
            }
            End::Closed | End::Broken(Break::Close) => {}
            End::Broken(Break::Reset) => socket.reset_when_closed(),
            End::Broken(Break::Hang) => {
                place.slot.change(ConnectionState::Idle, ConnectionState::Hung);
                self.shutdown.run_until_cancelled(socket.gone()).await;
            }
        }
    }

    /// Answers requests until the connection ends.
    async fn exchange(&self, socket: &Socket, peer: &Peer, watcher: Watcher) -> End {
        let Self { http, front, limits, shutdown } = self;
        let connection = Connection::new(socket.clone(), shutdown.clone(), limits.send);
        let detected = tokio::select! {
            biased;
            detected = tls::detect(connection, front.tls(), front.emulator(), limits.receive) => detected,
            // No request has been sent yet.
            () = shutdown.cancelled() => None,
        };
        let Some(stream) = detected else { return End::Closed };
        let end = Mutex::new(End::Closed);
        let set_end = |value| *end.lock().unwrap_or_else(PoisonError::into_inner) = value;
        let service = service_fn(|request: Request<Incoming>| {
            socket.set_has_call(true);
            let has_body = !request.body().is_end_stream();
            async move {
                let answer = front.answer(request, peer).await;
                set_end(match &answer {
                    Err(kind) => End::Broken(*kind),
                    // Perhaps its body was not read to its end.
                    Ok(answer) if has_body && !answer.status().is_success() => End::Unread,
                    Ok(_) => End::Closed,
                });
                socket.set_has_call(false);
                answer
            }
        });
        let served = watcher.watch(http.serve_connection(TokioIo::new(stream), service)).await;
        let end = end.into_inner().unwrap_or_else(PoisonError::into_inner);
        match served.inspect_err(explain) {
            // It has been answered with a bare status.
            Err(error) if error.is_parse() => End::Unread,
            // The client has gone, or is too slow.
            Err(_) if end == End::Unread => End::Closed,
            _ => end,
        }
    }
}

/// How the exchange on a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Closed,
    /// The client may still be sending.
    Unread,
    /// A fault breaks it: hyper ends the exchange once its service fails.
    Broken(Break),
}

fn explain(error: &hyper::Error) {
    if error.is_parse() {
        tracing::warn!(
            "a client sent something other than HTTP ({error}); if it spoke TLS, set its protocol to http or start with \
             --tls auto"
        );
    } else {
        tracing::debug!("a connection ended early: {error}");
    }
}
