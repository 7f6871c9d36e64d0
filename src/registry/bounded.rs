//! Bytes taken from a peer up to a limit, so that it cannot fill this machine's memory.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// A buffer that refuses to grow past its limit.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    exceeded: bool,
}

impl Bounded {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, exceeded: false }
    }

    /// Returns what was taken; `None` when there was more than the limit.
    pub(super) fn into_bytes(self) -> Option<Vec<u8>> {
        (!self.exceeded).then_some(self.bytes)
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, chunk: &[u8]) -> Poll<io::Result<usize>> {
        if chunk.len() > self.limit - self.bytes.len() {
            self.exceeded = true;
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::FileTooLarge, "more bytes than are taken")));
        }
        self.bytes.extend_from_slice(chunk);
        Poll::Ready(Ok(chunk.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    #[tokio::test]
    async fn the_limit_is_taken_and_no_byte_more() {
        let mut taken = Bounded::new(4);
        taken.write_all(b"ab").await.expect("fits");
        taken.write_all(b"cd").await.expect("fits");
        taken.write_all(b"e").await.expect_err("too much");
        assert_eq!(taken.into_bytes(), None);
        let mut taken = Bounded::new(4);
        taken.write_all(b"abcd").await.expect("fits");
        assert_eq!(taken.into_bytes().as_deref(), Some(&b"abcd"[..]));
    }
}
