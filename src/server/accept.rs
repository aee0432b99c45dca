//! The accept loop. It is our own, because faults need the socket, and a shutdown must be waited for.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::connection::Connection;
use super::front::Front;
use super::tls;
use crate::fault::Break;

const DRAIN: Duration = Duration::from_secs(5);

/// Serves until `shutdown` is cancelled, then lets open calls finish for at most five seconds.
pub async fn serve(listener: TcpListener, front: Front, shutdown: CancellationToken) {
    let limits = *front.limits();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.receive).half_close(true);
    let open = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    let accept = async || {
        // The semaphore is never closed; without a permit a connection would merely not be counted.
        let permit = Arc::clone(&room).acquire_owned().await.ok();
        let (stream, _) = listener.accept().await?;
        // Responses are small and whole; waiting for more to send only delays them.
        stream.set_nodelay(true)?;
        std::io::Result::Ok((stream, permit))
    };
    while let Some(accepted) = shutdown.run_until_cancelled(accept()).await {
        let (stream, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: closing connections frees some.
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let connection = Connection::new(stream, shutdown.clone());
        let (http, watcher) = (http.clone(), open.watcher());
        let (front, shutdown) = (front.clone(), shutdown.clone());
        tokio::spawn(async move {
            let detected = tokio::select! {
                biased;
                detected = tls::detect(connection.clone(), front.tls(), front.emulator(), limits.receive) => detected,
                // No request has been sent yet.
                () = shutdown.cancelled() => None,
            };
            if let Some(stream) = detected {
                let service = service_fn(|request: Request<Incoming>| {
                    connection.set_has_call(true);
                    let (front, connection, shutdown) = (&front, &connection, &shutdown);
                    async move {
                        let answer = front.answer(request.map(Body::new)).await;
                        if let Err(kind) = &answer {
                            break_off(*kind, connection, shutdown).await;
                        }
                        connection.set_has_call(false);
                        answer
                    }
                });
                let served = http.serve_connection(TokioIo::new(stream), service);
                if let Err(error) = watcher.watch(served).await {
                    explain(&error);
                }
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, open.shutdown()).await.is_err() {
        tracing::warn!("some calls were still open after {} s and are cut", DRAIN.as_secs());
    }
}

/// Breaks a connection as a fault demands: hyper closes it once its service fails.
async fn break_off(kind: Break, connection: &Connection, shutdown: &CancellationToken) {
    match kind {
        Break::Close => {}
        Break::Reset => connection.reset_when_closed(),
        Break::Hang => _ = shutdown.run_until_cancelled(connection.gone()).await,
    }
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
