//! One socket of the echo: messages back as they came, and the end that each fault deserves.

use std::io::{self, ErrorKind};
use std::time::Duration;

use bytes::Buf;
use tickwire_wire::close::{self, Close};
use tickwire_wire::websocket::{
    FrameDecoder, FrameLimits, MAX_HEAD_BYTES, Message, Opcode, Role, write_head,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tracing::debug;

use crate::config::Limits;
use crate::limits::{ECHO_IDLE_MS, READ_BUDGET_BYTES};

/// Echoes until either side ends it. `read` is what came behind the request.
pub(super) async fn run(limits: &Limits, stream: std::net::TcpStream, read: &[u8]) {
    let ended = async {
        let mut session = Session::new(limits, TcpStream::from_std(stream)?);
        match session.talk(read).await? {
            Some(close) => session.close(&close).await,
            None => Ok(()),
        }
    };
    if let Err(error) = ended.await {
        debug!(%error, "echo ended");
    }
}

struct Session {
    stream: TcpStream,
    decoder: FrameDecoder,
    buffer: Box<[u8]>,
    /// How long the other side may take no byte.
    progress: Duration,
    /// How long it may take for its part of a close handshake.
    closing: Duration,
}

impl Session {
    fn new(limits: &Limits, stream: TcpStream) -> Self {
        let frames = FrameLimits {
            max_message: limits.message_bytes as usize,
            max_frame: limits.message_bytes as usize,
            max_fragments: limits.fragments,
        };
        Self {
            stream,
            decoder: FrameDecoder::new(Role::Server, frames),
            buffer: vec![0; READ_BUDGET_BYTES].into(),
            progress: Duration::from_millis(limits.progress_ms),
            closing: Duration::from_millis(limits.close_ms),
        }
    }

    /// Sends everything back; the close that is due at the end, if there is somebody to tell.
    ///
    /// Nothing is read while an answer waits to be sent: what a client costs is one message and one
    /// read, however much it sends.
    ///
    /// # Errors
    /// When the socket breaks or the other side takes nothing any more.
    async fn talk(&mut self, read: &[u8]) -> io::Result<Option<Close>> {
        self.decoder.push(read);
        loop {
            if let Some(close) = self.answer().await? {
                return Ok(Some(close));
            }
            let idle = Duration::from_millis(ECHO_IDLE_MS);
            match timeout(idle, self.stream.read(&mut self.buffer)).await {
                Ok(Ok(0)) if self.decoder.is_inside_message() => {
                    let text = "the connection ended inside a frame";
                    return Ok(Some(Close::new(close::PROTOCOL_ERROR, text)));
                }
                Ok(Ok(0)) => return Ok(None),
                Ok(count) => self.decoder.push(&self.buffer[..count?]),
                Err(_) => {
                    let text = format!("nothing came for {ECHO_IDLE_MS} ms");
                    return Ok(Some(Close::new(close::IDLE, text)));
                }
            }
        }
    }

    /// Answers every message that is whole.
    async fn answer(&mut self) -> io::Result<Option<Close>> {
        let Self { stream, decoder, progress, .. } = self;
        loop {
            let (opcode, payload) = match decoder.next() {
                Ok(Some(Message::Binary(payload))) => (Opcode::Binary, payload),
                Ok(Some(Message::Text(payload))) => (Opcode::Text, payload),
                Ok(Some(Message::Ping(payload))) => (Opcode::Pong, payload),
                Ok(Some(Message::Pong(_))) => continue,
                Ok(Some(Message::Close(close))) => {
                    let code = close.map_or(close::NORMAL, |(code, _)| code);
                    return Ok(Some(Close::new(code, "")));
                }
                Ok(None) => return Ok(None),
                Err(violation) => return Ok(Some(violation.close())),
            };
            send(stream, opcode, payload, *progress).await?;
        }
    }

    /// Sends the last frame and ends the sending side. What still comes is read and dropped for a
    /// while: a socket closed with bytes unread would be reset, and the close frame lost.
    async fn close(&mut self, close: &Close) -> io::Result<()> {
        let mut payload = Vec::new();
        close.write_payload(&mut payload);
        send(&mut self.stream, Opcode::Close, &payload, self.progress).await?;
        self.stream.shutdown().await?;
        let rest = async {
            while self.stream.read(&mut self.buffer).await? > 0 {}
            Ok(())
        };
        timeout(self.closing, rest).await.unwrap_or(Ok(()))
    }
}

/// Sends one frame; its payload goes from where it lies.
///
/// # Errors
/// When the socket is broken, or takes no byte for as long as `progress`.
async fn send(
    stream: &mut TcpStream,
    opcode: Opcode,
    payload: &[u8],
    progress: Duration,
) -> io::Result<()> {
    let mut head = Vec::with_capacity(MAX_HEAD_BYTES);
    write_head(&mut head, opcode, payload.len(), None);
    let mut frame = Buf::chain(head.as_slice(), payload);
    while frame.has_remaining() {
        let sent = timeout(progress, stream.write_buf(&mut frame)).await;
        if sent.map_err(|_| io::Error::from(ErrorKind::TimedOut))?? == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
    }
    Ok(())
}
