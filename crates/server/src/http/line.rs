//! One accepted connection, with TLS or without: what HTTP is spoken on.

use std::io::{self, IoSlice, Read as _};
use std::net;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use rustls::ServerConnection;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::shard::HandOver;
use crate::tls::Tls;

/// The first byte of every TLS connection: a record of the handshake.
const HANDSHAKE_RECORD: u8 = 22;

/// What somebody reads who speaks plain HTTP to a TLS port.
const NOT_HTTPS: &str = "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\n\
    content-length: 34\r\nconnection: close\r\n\r\nthis port speaks HTTPS, not HTTP.\n";

/// One accepted connection.
pub(crate) enum Line {
    /// As it is.
    Plain(TcpStream),
    /// With TLS, after its handshake.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Line {
    /// Shakes hands where the listener has TLS.
    ///
    /// # Errors
    /// When the other side does not speak TLS, or not ours.
    pub(crate) async fn accept(mut stream: TcpStream, tls: Option<&Tls>) -> io::Result<Self> {
        let Some(tls) = tls else { return Ok(Self::Plain(stream)) };
        let mut first = [0];
        if stream.peek(&mut first).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if first[0].is_ascii_uppercase() && first[0] != HANDSHAKE_RECORD {
            stream.write_all(NOT_HTTPS.as_bytes()).await?;
            stream.shutdown().await?;
            return Err(io::Error::new(io::ErrorKind::InvalidData, "plain HTTP on a TLS port"));
        }
        let stream = TlsAcceptor::from(tls.current()).accept(stream).await?;
        Ok(Self::Tls(Box::new(stream)))
    }

    /// Takes it apart for its shard; `read` is what has been read of it and not been used.
    pub(crate) fn hand_over(self, read: Bytes) -> io::Result<HandOver> {
        let stream = match self {
            Self::Plain(stream) => {
                return Ok(HandOver { stream: stream.into_std()?, tls: None, read });
            }
            Self::Tls(stream) => stream,
        };
        let (stream, mut session) = stream.into_inner();
        let mut read = Vec::from(read);
        drain(&mut session, &mut read)?;
        let stream: net::TcpStream = stream.into_std()?;
        Ok(HandOver { stream, tls: Some(Box::new(session)), read: read.into() })
    }
}

/// Appends the plaintext that waits in a session.
fn drain(session: &mut ServerConnection, read: &mut Vec<u8>) -> io::Result<()> {
    let state = session.process_new_packets().map_err(io::Error::other)?;
    let waiting = state.plaintext_bytes_to_read();
    let start = read.len();
    read.resize(start + waiting, 0);
    session.reader().read_exact(&mut read[start..])
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
