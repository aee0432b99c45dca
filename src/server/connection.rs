//! One accepted connection: what hyper reads and writes, with a limit on the time that the client takes none of it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use arrayvec::ArrayVec;
use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// A socket as hyper sees it.
///
/// During shutdown it reads as ended once there is nothing more to read, unless a call is open on it: a client that sent
/// half of a head and then nothing has no call that a shutdown should wait for.
#[derive(Debug)]
pub(super) struct Connection {
    socket: Socket,
    /// What was read of the socket already: the first bytes of a tunnel may come with the request for it.
    read_before: Option<Box<Bytes>>,
    shutdown: CancellationToken,
    /// Longest time in which nothing can be written.
    send_timeout: Duration,
    /// Ends when that time is over; there is one while nothing can be written. And whether it began in the shutdown.
    stalled: Option<(Pin<Box<Sleep>>, bool)>,
}

/// The same socket as its other owner sees it: the accept loop, which may have to break it.
#[derive(Debug, Clone)]
pub(super) struct Socket {
    stream: Arc<TcpStream>,
    /// From the end of a call's head to the beginning of its answer.
    has_call: Arc<AtomicBool>,
}

/// The largest answer that is copied together and written in one piece.
const JOINED: usize = 2 << 10;

type Written = Poll<io::Result<usize>>;

/// The send timeout during shutdown.
const LAST_SEND_TIMEOUT: Duration = Duration::from_millis(250);
/// How long what a client still sends is read after the answer: until it has been silent for so long, …
const LINGER_SILENCE: Duration = Duration::from_secs(2);
/// … or for so long in all.
const LINGER: Duration = Duration::from_secs(10);

impl Connection {
    pub(super) fn new(socket: Socket, shutdown: CancellationToken, send_timeout: Duration) -> Self {
        Self { socket, read_before: None, shutdown, send_timeout, stalled: None }
    }

    /// The same connection, of which these bytes were read already.
    pub(super) fn after(self, bytes: Bytes) -> Self {
        Self { read_before: (!bytes.is_empty()).then(|| Box::new(bytes)), ..self }
    }

    /// The byte that will be read first, once it is there; `None` if the peer closes without sending one.
    pub(super) async fn first_byte(&self) -> io::Result<Option<u8>> {
        match self.read_before.as_deref().and_then(|bytes| bytes.first()) {
            Some(first) => Ok(Some(*first)),
            None => self.socket.first_byte().await,
        }
    }

    fn write(&mut self, cx: &mut Context<'_>, write: impl Fn(&TcpStream) -> io::Result<usize>) -> Written {
        let stream = &self.socket.stream;
        loop {
            if stream.poll_write_ready(cx)?.is_pending() {
                return self.stall(cx);
            }
            match write(stream) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    self.stalled = None;
                    return Poll::Ready(result);
                }
            }
        }
    }

    /// Waits for room in the socket, but not for ever.
    fn stall(&mut self, cx: &mut Context<'_>) -> Written {
        // At shutdown, hyper polls every connection.
        let stops = self.shutdown.is_cancelled();
        if self.stalled.as_ref().is_none_or(|(_, in_shutdown)| stops && !in_shutdown) {
            let limit = if stops { self.send_timeout.min(LAST_SEND_TIMEOUT) } else { self.send_timeout };
            self.stalled = Some((Box::pin(sleep(limit)), stops));
        }
        let Some((stalled, _)) = &mut self.stalled else { return Poll::Pending };
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer")))
    }
}

impl Socket {
    pub(super) fn new(stream: Arc<TcpStream>) -> Self {
        Self { stream, has_call: Arc::default() }
    }

    /// The byte that will be read first, once it is there; `None` if the peer closes without sending one.
    pub(super) async fn first_byte(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let count = self.stream.peek(&mut first).await?;
        Ok((count > 0).then_some(first[0]))
    }

    /// The address of this machine that the client has reached.
    pub(super) fn local_ip(&self) -> String {
        self.stream
            .local_addr()
            .map_or_else(|_| String::new(), |address| address.ip().to_canonical().to_string())
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

    /// Reads what a client still sends after its answer, and drops it. Closing a socket with unread data resets the
    /// connection, and a client that is still sending would lose the answer.
    pub(super) async fn linger(&self) {
        let _ = SockRef::from(&*self.stream).shutdown(std::net::Shutdown::Write);
        let read_on = async {
            while let Ok(Ok(())) = timeout(LINGER_SILENCE, self.stream.readable()).await {
                // Not kept while nothing comes.
                match self.stream.try_read(&mut [0; 8 << 10]) {
                    Ok(0) => return,
                    Err(error) if error.kind() != io::ErrorKind::WouldBlock => return,
                    _ => {}
                }
            }
        };
        let _ = timeout(LINGER, read_on).await;
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(before) = &mut self.read_before {
            let count = before.len().min(buf.remaining());
            buf.put_slice(&before[..count]);
            before.advance(count);
            if before.is_empty() {
                self.read_before = None;
            }
            return Poll::Ready(Ok(()));
        }
        let Socket { stream, has_call } = &self.socket;
        loop {
            let ready = stream.poll_read_ready(cx);
            // No waker is needed: at shutdown, hyper polls every connection.
            if ready.is_pending() && self.shutdown.is_cancelled() && !has_call.load(Ordering::Relaxed) {
                return Poll::Ready(Ok(()));
            }
            ready!(ready)?;
            match read_once(stream, buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => return Poll::Ready(result),
            }
        }
    }
}

/// Reads what there is. If it is less than there is room for, there is no more: then the socket counts as not readable. Otherwise
/// the next read would be a system call for nothing, or a fast client would be served again and again before the others.
///
/// Tokio's own reads do the same where the system reports each arrival by itself, as Unix systems do. Urgent data also ends a read
/// early; no HTTP client sends any, and one that does waits until it sends more.
fn read_once(stream: &TcpStream, buf: &mut ReadBuf<'_>) -> io::Result<()> {
    let before = buf.filled().len();
    // WouldBlock from within marks the socket as not readable, as of the time before the read: what arrives later still counts.
    let read = stream.try_io(Interest::READABLE, || {
        // Not into a slice, which would have to be zeroed before each read.
        let count = stream.try_read_buf(buf)?;
        if cfg!(unix) && count > 0 && buf.remaining() > 0 {
            Err(io::ErrorKind::WouldBlock.into())
        } else {
            Ok(())
        }
    });
    if buf.filled().len() > before { Ok(()) } else { read }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Written {
        self.write(cx, |stream| stream.try_write(bytes))
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Written {
        // Most answers are small. To copy head and body together takes less time than to have the system collect them.
        let mut joined = ArrayVec::<u8, JOINED>::new();
        if parts.iter().all(|part| joined.try_extend_from_slice(part).is_ok()) {
            return self.write(cx, |stream| stream.try_write(&joined));
        }
        self.write(cx, |stream| stream.try_write_vectored(parts))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(&*self.socket.stream).shutdown(std::net::Shutdown::Write))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Writes to a client that reads nothing, until that fails.
    async fn written_until_it_fails(send_timeout: Duration, shutdown: CancellationToken) -> io::ErrorKind {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut connection = Connection::new(Socket::new(Arc::new(stream)), shutdown, send_timeout);
        loop {
            if let Err(error) = connection.write_all(&[0; 10_000]).await {
                return error.kind();
            }
        }
    }

    #[tokio::test]
    async fn a_client_that_reads_nothing_is_cut_off() {
        let failed = written_until_it_fails(Duration::from_millis(20), CancellationToken::new()).await;
        assert_eq!(failed, io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_socket_that_was_read_empty_is_not_readable_until_more_arrives() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let stream = Arc::new(stream);
        let limit = Duration::from_secs(60);
        let mut connection =
            Connection::new(Socket::new(Arc::clone(&stream)), CancellationToken::new(), limit);
        for (sent, is_readable) in [("ab", false), ("abcd", true), ("", false), ("a", false)] {
            client.write_all(sent.as_bytes()).await.unwrap();
            let mut buffer = [0; 4];
            let count = if sent.is_empty() { 0 } else { connection.read(&mut buffer).await.unwrap() };
            assert_eq!(&buffer[..count], sent.as_bytes());
            // A full buffer does not say whether there is more; the next read finds that out.
            assert_eq!(stream.readable().now_or_never().is_some(), is_readable, "{sent}");
            let _ = stream.try_read(&mut [0]);
        }
        client.shutdown().await.unwrap();
        assert_eq!(connection.read(&mut [0; 4]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_shutdown_does_not_wait_for_it() {
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        let failed = written_until_it_fails(Duration::from_secs(3600), shutdown).await;
        assert_eq!(failed, io::ErrorKind::TimedOut);
    }
}
