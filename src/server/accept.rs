//! The accept loop. It is our own, because faults need the socket, and a shutdown must be waited for.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::HttpBody;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::{self, OnUpgrade};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::admission::{self, Admission, Through};
use super::connection::{Connection, Socket};
use super::front::Front;
use super::proxy::ProxyTarget;
use super::slots::{SlotLease, Slots};
use super::tls::{self, Certificates, Stream};
use crate::emulator::Limits;
use crate::fault::Break;
use crate::origin::OverTls;
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
    // Told once, when the shutdown begins; closed once the last connection has ended.
    let (open, _) = watch::channel(());
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
                let task = tokio::spawn(Arc::clone(&shared).connection(stream, place, open.subscribe()));
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
    let _ = open.send(());
    if tokio::time::timeout(DRAIN, open.closed()).await.is_err() {
        tracing::warn!("some calls were still open after {} s and are cut", DRAIN.as_secs());
    }
}

impl ConnectionServer {
    async fn connection(
        self: Arc<Self>,
        stream: Arc<TcpStream>,
        place: SlotLease,
        stop: watch::Receiver<()>,
    ) {
        // Responses are small and whole; waiting for more to send only delays them. If it fails, the client has gone.
        let _ = stream.set_nodelay(true);
        let socket = Socket::new(stream);
        let first_byte = tokio::time::timeout(self.limits.receive, socket.first_byte());
        let Some(Ok(Ok(Some(first)))) = self.shutdown.run_until_cancelled(first_byte).await else { return };
        // On the heap, and not before a request comes: a connection that only is there should cost little.
        let peer = Peer::new(Arc::clone(&place.slot));
        let ended = Box::pin(self.exchange(&socket, first, &peer, stop)).await;
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

    /// Answers requests until the connection ends: on the connection itself, and then in a tunnel, if it becomes one.
    async fn exchange(&self, socket: &Socket, first: u8, peer: &Peer, mut stop: watch::Receiver<()>) -> End {
        let Self { front, limits, shutdown, .. } = self;
        let mut connection = Connection::new(socket.clone(), shutdown.clone(), limits.send);
        let may_show = |name: &str| front.may_show(name);
        let (mut tunnel, mut first): (Option<ProxyTarget>, _) = (None, Some(first));
        loop {
            let address;
            let certificates = match &tunnel {
                None if first == Some(tls::HANDSHAKE) => {
                    address = socket.local_ip();
                    front.certificates_of_port(&may_show, &address)
                }
                None => Certificates::None,
                Some(target) => front.proxy().certificates(target),
            };
            let detected = tokio::select! {
                biased;
                detected = tls::detect(connection, first.take(), certificates, front.emulator(), limits.receive) => detected,
                // No request has been sent yet.
                () = shutdown.cancelled() => None,
            };
            let Some(stream) = detected else { return End::Closed };
            let through = match (&tunnel, &stream) {
                (Some(target), _) => Through::Tunnel(target),
                (None, Stream::Left(_)) => Through::Port,
                (None, Stream::Right(_)) => Through::SecurePort,
            };
            match self.requests(stream, socket, peer, through, &mut stop).await {
                Ok((target, next)) => (tunnel, connection) = (Some(target), next),
                Err(end) => return end,
            }
        }
    }

    /// Answers requests on a stream until it ends, or until it becomes a tunnel to a host.
    async fn requests(
        &self,
        stream: Stream,
        socket: &Socket,
        peer: &Peer,
        through: Through<'_>,
        stop: &mut watch::Receiver<()>,
    ) -> Result<(ProxyTarget, Connection), End> {
        let Self { http, front, shutdown, .. } = self;
        let course = Mutex::new((End::Closed, None));
        let note = |now| std::mem::replace(&mut *course.lock().unwrap_or_else(PoisonError::into_inner), now);
        let is_over_tls = matches!(stream, Stream::Right(_));
        let service = service_fn(|mut request: Request<Incoming>| {
            socket.set_has_call(true);
            if is_over_tls {
                request.extensions_mut().insert(OverTls);
            }
            let has_body = !request.body().is_end_stream();
            let is_direct = request.uri().authority().is_none() && !matches!(through, Through::Tunnel(_));
            let admission = if is_direct { Admission::Serve } else { front.admit(&request, peer, through) };
            async move {
                let mut tunnel = None;
                let answer = match admission {
                    Admission::Serve => front.answer(request, peer).await,
                    Admission::Refuse(answer) => Ok(*answer),
                    Admission::Tunnel(target) => {
                        tunnel = Some((target, upgrade::on(&mut request)));
                        Ok(admission::connected())
                    }
                };
                let end = match &answer {
                    Err(kind) => End::Broken(*kind),
                    // Perhaps its body was not read to its end.
                    Ok(answer) if has_body && !answer.status().is_success() => End::Unread,
                    Ok(_) => End::Closed,
                };
                note((end, tunnel));
                socket.set_has_call(false);
                answer
            }
        });
        let mut served = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
        let outcome = tokio::select! {
            biased;
            _ = stop.changed() => {
                served.as_mut().graceful_shutdown();
                served.as_mut().await
            }
            outcome = served.as_mut() => outcome,
        };
        let (end, tunnel) = note((End::Closed, None));
        match outcome.inspect_err(explain) {
            // It has been answered with a bare status.
            Err(error) if error.is_parse() => Err(End::Unread),
            // The client has gone, or is too slow.
            Err(_) if end == End::Unread => Err(End::Closed),
            Err(_) => Err(end),
            Ok(()) => match tunnel {
                Some((target, upgrade)) if !shutdown.is_cancelled() => {
                    Ok((target, taken_over(upgrade).await.ok_or(end)?))
                }
                _ => Err(end),
            },
        }
    }
}

/// The connection beneath a stream on which a tunnel was asked for, with what was read ahead of it.
async fn taken_over(upgrade: OnUpgrade) -> Option<Connection> {
    let parts = upgrade.await.ok()?.downcast::<TokioIo<Stream>>().ok()?;
    match parts.io.into_inner() {
        Stream::Left(connection) => Some(connection.after(parts.read_buf)),
        Stream::Right(_) => None,
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
