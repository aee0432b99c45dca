//! Reads the body of a request with limits on its size, on the time it takes, and on the memory that all bodies take.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::{BoxError, Error as BodyStreamError};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Frame, SizeHint};
use memmap2::MmapMut;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    TooLarge,
    /// All bodies together take as much memory as they may.
    NoMemory,
    /// It is not what its framing says, or the client closed the connection.
    Malformed,
    Timeout,
}

/// The memory for request bodies and large answers. Its permits are bytes.
#[derive(Debug, Clone)]
pub(crate) struct Buffers {
    free: Arc<Semaphore>,
    total: usize,
}

/// Memory that is taken, until this is dropped.
#[derive(Debug, Default)]
pub(crate) struct Taken(Option<OwnedSemaphorePermit>);

/// A body, and the memory that it takes.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) bytes: Bytes,
    pub(crate) taken: Taken,
}

/// Bodies that are declared larger than this have pages of their own. They take memory only for what arrives, and it goes
/// back to the system as soon as the body is dropped; an allocator would keep it for some time.
const LARGE: usize = 256 << 10;
/// Others grow from here.
const INITIAL_CAPACITY: usize = 64 << 10;
/// So many bytes of a body are not counted: most bodies are small, and must not wait for large ones.
const UNCOUNTED: usize = 4 << 10;

impl Buffers {
    pub(crate) fn new(bytes: usize) -> Self {
        let total = bytes.min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(total)), total }
    }

    /// The most there can be.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// Takes memory, if so much is free.
    pub(crate) fn take(&self, bytes: usize) -> Option<Taken> {
        let permits = u32::try_from(bytes).ok()?;
        Arc::clone(&self.free).try_acquire_many_owned(permits).ok().map(|permit| Taken(Some(permit)))
    }
}

impl Taken {
    fn add(&mut self, more: Self) {
        match (&mut self.0, more.0) {
            (Some(taken), Some(more)) => taken.merge(more),
            (taken, more) => *taken = taken.take().or(more),
        }
    }
}

/// The body of a request: that of a connection, or another one.
pub trait RequestBody: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static {}

impl<B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static> RequestBody for B {}

pub(crate) async fn read(
    body: impl RequestBody,
    limit: usize,
    timeout: Duration,
    buffers: &Buffers,
) -> Result<Received, BodyError> {
    // Most calls carry everything in their query: they need no timer.
    if body.is_end_stream() {
        return Ok(Received::default());
    }
    // A declared length beyond the limit is refused before anything is read.
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > limit {
        return Err(BodyError::TooLarge);
    }
    tokio::time::timeout(timeout, collect(Limited::new(body, limit), declared, buffers))
        .await
        .unwrap_or(Err(BodyError::Timeout))
}

/// Copies what comes: the pieces are parts of larger buffers, which they would keep.
async fn collect(
    mut body: Limited<impl RequestBody>,
    declared: usize,
    buffers: &Buffers,
) -> Result<Received, BodyError> {
    let is_exact = body.size_hint().exact().is_some();
    let (mut store, mut taken) = (Store::new(declared, is_exact)?, Taken::default());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error {
            error if is_too_long(error.as_ref()) => BodyError::TooLarge,
            _ => BodyError::Malformed,
        })?;
        if let Ok(data) = frame.into_data() {
            let counted = |length: usize| length.saturating_sub(UNCOUNTED);
            let more = counted(store.len() + data.len()) - counted(store.len());
            taken.add(buffers.take(more).ok_or(BodyError::NoMemory)?);
            store.add(&data)?;
        }
    }
    Ok(Received { bytes: store.into_bytes(), taken })
}

/// The bytes of a body that have arrived.
enum Store {
    Heap(Vec<u8>),
    /// As many pages as the body is long, and how many bytes of them are filled.
    Pages(MmapMut, usize),
}

impl Store {
    fn new(declared: usize, is_exact: bool) -> Result<Self, BodyError> {
        if is_exact && declared > LARGE {
            let pages = MmapMut::map_anon(declared).map_err(|_| BodyError::NoMemory)?;
            // A huge page would take memory for what has not arrived. If it fails, the system has none.
            #[cfg(target_os = "linux")]
            let _ = pages.advise(memmap2::Advice::NoHugePage);
            return Ok(Self::Pages(pages, 0));
        }
        Ok(Self::Heap(Vec::with_capacity(declared.min(INITIAL_CAPACITY))))
    }

    fn len(&self) -> usize {
        match self {
            Self::Heap(bytes) => bytes.len(),
            Self::Pages(_, length) => *length,
        }
    }

    fn add(&mut self, data: &[u8]) -> Result<(), BodyError> {
        match self {
            Self::Heap(bytes) => {
                if bytes.capacity() - bytes.len() < data.len() {
                    // A vector would double: more than was counted.
                    bytes.reserve_exact(data.len().max(bytes.len() / 4));
                }
                bytes.extend_from_slice(data);
            }
            Self::Pages(pages, length) => {
                let end = *length + data.len();
                // No body is longer than its length says.
                pages.get_mut(*length..end).ok_or(BodyError::Malformed)?.copy_from_slice(data);
                *length = end;
            }
        }
        Ok(())
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Heap(bytes) => bytes.into(),
            Self::Pages(pages, length) => Bytes::from_owner(pages).slice(..length),
        }
    }
}

fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_long)
}

/// A body that keeps something until it has been sent or its connection is closed.
struct Keeping<T> {
    body: Body,
    _kept: T,
}

/// The same body. What is kept is dropped with it.
pub(crate) fn keeping<T: Send + Unpin + 'static>(body: Body, kept: T) -> Body {
    Body::new(Keeping { body, _kept: kept })
}

impl<T: Unpin> HttpBody for Keeping<T> {
    type Data = Bytes;
    type Error = BodyStreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyStreamError>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
