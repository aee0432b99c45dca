//! One accepted connection: what hyper reads and writes, and what a fault that breaks it needs.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// A socket with two owners: hyper, and the accept loop, which may have to break it.
///
/// During shutdown it reads as ended once there is nothing more to read, unless a call is open on it: a client that sent
/// half of a head and then nothing has no call that a shutdown should wait for.
#[derive(Debug, Clone)]
pub(super) struct Connection {
    stream: Arc<TcpStream>,
    /// From the end of a call's head to the beginning of its answer.
    has_call: Arc<AtomicBool>,
    shutdown: CancellationToken,
}

type Written = Poll<io::Result<usize>>;

impl Connection {
    pub(super) fn new(stream: TcpStream, shutdown: CancellationToken) -> Self {
        Self { stream: Arc::new(stream), has_call: Arc::default(), shutdown }
    }

    /// Whether a call is open. There is one at a time: so says HTTP/1.
    pub(super) fn set_has_call(&self, has_call: bool) {
        self.has_call.store(has_call, Ordering::Relaxed);
    }

    /// What is not sent yet never will be: once the last owner drops the socket, the peer gets RST.
    pub(super) fn reset_when_closed(&self) {
        // If this fails, the peer went first; then there is nothing left to reset.
        let _ = SockRef::from(&*self.stream).set_linger(Some(Duration::ZERO));
    }

    /// The byte that will be read first, once it is there; `None` if the peer closes without sending one.
    pub(super) async fn first_byte(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let count = self.stream.peek(&mut first).await?;
        Ok((count > 0).then_some(first[0]))
    }

    /// Waits until the peer goes away, whatever it sends before: over TLS, a client says that it closes.
    pub(super) async fn gone(&self) {
        while let Ok(ready) = self.stream.ready(Interest::READABLE).await {
            if ready.is_read_closed() {
                return;
            }
            // There is data that is no longer read: wait for what comes after it.
            let _ = self.stream.try_io(Interest::READABLE, || Err::<(), _>(io::ErrorKind::WouldBlock.into()));
        }
    }

    fn write(&self, cx: &mut Context<'_>, write: impl Fn(&TcpStream) -> io::Result<usize>) -> Written {
        loop {
            ready!(self.stream.poll_write_ready(cx))?;
            match write(&self.stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            let ready = self.stream.poll_read_ready(cx);
            // No waker is needed: at shutdown, hyper polls every connection.
            if ready.is_pending() && self.shutdown.is_cancelled() && !self.has_call.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            ready!(ready)?;
            match self.stream.try_read(buf.initialize_unfilled()) {
                Ok(count) => {
                    buf.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Written {
        self.write(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Written {
        self.write(cx, |stream| stream.try_write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(&*self.stream).shutdown(std::net::Shutdown::Write))
    }
}
