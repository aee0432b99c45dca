//! The accept loop: our own, because faults need the connection in hand, and a stop must be waited for.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::connection::Connection;
use super::front::{Broken, Front};
use super::limits::Limits;
use super::tls;
use crate::fault::Break;
use crate::stop::Stop;

/// How long open calls may go on after a stop.
const DRAIN: Duration = Duration::from_secs(5);

/// Serves until the stop is ordered, then lets open calls finish for at most five seconds.
pub async fn serve(listener: TcpListener, front: Front, limits: Limits, stop: Stop) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.receive).half_close(true);
    let open = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(limits.connections));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            () = stop.ordered() => break,
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
        let connection = Connection::new(stream, stop.clone());
        let service = breakable(front.clone(), connection.clone(), stop.clone());
        let (http, watcher) = (http.clone(), open.watcher());
        let (front, stop) = (front.clone(), stop.clone());
        tokio::spawn(async move {
            let met = tokio::select! {
                biased;
                met = tls::meet(connection, &front, limits.receive) => met,
                // Nobody has asked for anything yet.
                () = stop.ordered() => None,
            };
            if let Some(stream) = met {
                let connection = http.serve_connection(TokioIo::new(stream), service_fn(service));
                if let Err(error) = watcher.watch(connection).await {
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

/// What becomes of one request.
type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Broken>> + Send>>;

/// The front door for one connection, which a fault may break: hyper closes it when its service fails.
fn breakable(
    front: Front,
    connection: Connection,
    stop: Stop,
) -> impl Fn(hyper::Request<Incoming>) -> Answering {
    move |request| {
        let (front, connection, stop) = (front.clone(), connection.clone(), stop.clone());
        let call = connection.open_call();
        Box::pin(async move {
            let _call = call;
            let broken = match front.oneshot(request.map(Body::new)).await {
                Ok(response) => return Ok(response),
                Err(broken) => broken,
            };
            match broken.0 {
                Break::Close => {}
                Break::Reset => connection.reset_when_closed(),
                // Nothing else would end it: neither a client that went away nor a stop may wait for it.
                Break::Hang => {
                    tokio::select! {
                        () = connection.gone() => {},
                        () = stop.ordered() => {},
                    }
                }
            }
            Err(broken)
        })
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
            "a client spoke something else than HTTP ({error}); if it spoke TLS, set its protocol to http or start with \
             --tls auto"
        );
    } else {
        tracing::debug!("a connection ended early: {error}");
    }
}
