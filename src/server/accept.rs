//! The accept loop: our own, because faults will need the connection in hand, and a stop that can be waited for.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use super::front::Front;
use super::limits::Limits;

/// How long open calls may go on after a stop.
const DRAIN: Duration = Duration::from_secs(5);

/// Serves until `stop` turns true, then lets open calls finish for at most five seconds.
pub async fn serve(listener: TcpListener, front: Front, limits: Limits, mut stop: watch::Receiver<bool>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.receive).half_close(true);
    let open = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (stream, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: others will free some.
                tracing::warn!("cannot accept a connection: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let front = front.clone().map_request(|request: hyper::Request<Incoming>| request.map(Body::new));
        let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(front));
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                explain(&error);
            }
            drop(permit);
        });
    }
    drop(listener);
    front.close();
    if tokio::time::timeout(DRAIN, open.shutdown()).await.is_err() {
        tracing::warn!("some calls were still open after {} s and are cut", DRAIN.as_secs());
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> io::Result<(TcpStream, Option<tokio::sync::OwnedSemaphorePermit>)> {
    // The semaphore is never closed; without a permit a connection would merely not be counted.
    let permit = Arc::clone(room).acquire_owned().await.ok();
    let (stream, _) = listener.accept().await?;
    // Answers are small and whole; waiting for more to send only delays them.
    stream.set_nodelay(true)?;
    Ok((stream, permit))
}

fn explain(error: &hyper::Error) {
    if error.is_parse() {
        tracing::warn!(
            "a client spoke something else than HTTP ({error}); if it spoke TLS, set its protocol to http"
        );
    } else {
        tracing::debug!("a connection ended early: {error}");
    }
}
