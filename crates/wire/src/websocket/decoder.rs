//! The frame decoder: bytes of a socket in, whole messages out.

use std::ops::Range;

use super::frame::{Head, MAX_HEAD_BYTES, Opcode};
use super::utf8::Utf8Check;
use super::{FrameLimits, Role, Violation, apply_mask};
use crate::limits::{KEEP_FRAME_BUFFER_BYTES, MAX_CONTROL_PAYLOAD_BYTES};

/// A whole message; valid until the decoder is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A binary message, unmasked, all fragments together.
    Binary(&'a [u8]),
    /// A text message; it is valid UTF-8.
    Text(&'a [u8]),
    /// To be answered with a pong of the same payload.
    Ping(&'a [u8]),
    /// An answer to a ping, or unasked.
    Pong(&'a [u8]),
    /// The peer's last frame: code and reason, when it gave any. Nothing comes after it.
    Close(Option<(u16, &'a str)>),
}

/// Takes a socket's bytes apart, strictly and within limits.
///
/// Push what was read, then call [`next`](Self::next) until it gives `None`. What stays inside then
/// is at most one unfinished frame and the fragments before it: nothing is reserved for a length
/// that a peer only claims.
#[derive(Debug)]
pub struct FrameDecoder {
    role: Role,
    limits: FrameLimits,
    /// Bytes that came; those before `start` are used up.
    buffer: Vec<u8>,
    start: usize,
    /// Bytes of an unfinished frame's payload that are unmasked already, and checked if it is text.
    ready: usize,
    /// Fragments of the open message, unmasked.
    assembled: Vec<u8>,
    open: Option<Open>,
    /// The text message at hand, as far as it has come.
    utf8: Utf8Check,
    /// Whether the last message was handed out of `assembled`, which is then to be cleared.
    handed_out: bool,
    state: State,
}

/// A message whose last fragment has not come.
#[derive(Debug)]
struct Open {
    text: bool,
    fragments: u32,
}

/// Whether more can come out.
#[derive(Clone, Copy, Debug)]
enum State {
    Reading,
    /// A close frame was handed out: whatever follows is ignored.
    Closed,
    /// It stays the same violation, and no byte is kept any more.
    Failed(Violation),
}

impl FrameDecoder {
    /// A decoder for the receiving side `role`.
    pub fn new(role: Role, limits: FrameLimits) -> Self {
        Self {
            role,
            limits,
            buffer: Vec::new(),
            start: 0,
            ready: 0,
            assembled: Vec::new(),
            open: None,
            utf8: Utf8Check::default(),
            handed_out: false,
            state: State::Reading,
        }
    }

    /// Whether the bytes so far end inside a frame or a fragmented message: a stream that ends here
    /// was cut short.
    pub fn is_inside_message(&self) -> bool {
        matches!(self.state, State::Reading)
            && (self.start < self.buffer.len() || self.open.is_some())
    }

    /// Takes bytes as they came from the socket.
    ///
    /// Pushing again although a whole frame may already wait (without [`next`](Self::next) having
    /// given `None`) ends in [`Violation::Backlog`]: so memory stays below one frame plus one push.
    pub fn push(&mut self, bytes: &[u8]) {
        if !matches!(self.state, State::Reading) {
            return;
        }
        let waiting = self.buffer.len() - self.start;
        if waiting > MAX_HEAD_BYTES + self.limits.max_frame.max(MAX_CONTROL_PAYLOAD_BYTES) {
            self.fail(Violation::Backlog);
            return;
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start.., 0);
            self.buffer.truncate(waiting);
            self.start = 0;
        }
        let most = MAX_HEAD_BYTES + self.limits.max_frame + bytes.len();
        grow(&mut self.buffer, bytes.len(), most);
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes of memory that it holds.
    pub fn memory_bytes(&self) -> usize {
        self.buffer.capacity() + self.assembled.capacity()
    }

    /// The next whole message, or `None` when more bytes are needed or the peer has closed.
    ///
    /// # Errors
    /// What the peer got wrong. It is final: every later call gives it again.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend from itself")]
    pub fn next(&mut self) -> Result<Option<Message<'_>>, Violation> {
        match self.state {
            State::Reading => {}
            State::Closed => return Ok(None),
            State::Failed(violation) => return Err(violation),
        }
        if std::mem::take(&mut self.handed_out) {
            self.assembled.clear();
            give_back(&mut self.assembled);
        }
        match self.advance() {
            Ok(Some(found)) => Ok(Some(self.hand_out(found))),
            Ok(None) => {
                if self.start == self.buffer.len() {
                    self.buffer.clear();
                    self.start = 0;
                    give_back(&mut self.buffer);
                }
                Ok(None)
            }
            Err(violation) => {
                self.fail(violation);
                Err(violation)
            }
        }
    }

    /// Reads frames until a message is whole.
    fn advance(&mut self) -> Result<Option<Found>, Violation> {
        loop {
            let Some(head) = Head::parse(&self.buffer[self.start..], self.role)? else {
                return Ok(None);
            };
            let length = self.admit(&head)?;
            let begin = self.start + head.size;
            let payload = begin..begin + length;
            self.prepare(&head, payload.clone())?;
            if payload.end > self.buffer.len() {
                return Ok(None);
            }
            self.start = payload.end;
            self.ready = 0;
            if let Some(found) = self.take(&head, payload)? {
                return Ok(Some(found));
            }
        }
    }

    /// Unmasks what has come of a frame's payload. Text is judged at once: a peer hears of a wrong
    /// byte although the rest of its frame may never come.
    fn prepare(&mut self, head: &Head, payload: Range<usize>) -> Result<(), Violation> {
        let come = payload.end.min(self.buffer.len());
        let part = &mut self.buffer[payload.start + self.ready..come];
        if let Some(mut key) = head.key {
            key.rotate_left(self.ready % 4);
            apply_mask(part, key);
        }
        self.ready += part.len();
        let is_text = match head.opcode {
            Opcode::Continuation => self.open.as_ref().is_some_and(|open| open.text),
            opcode => opcode == Opcode::Text,
        };
        if is_text && !self.utf8.push(part) {
            return Err(Violation::TextNotUtf8);
        }
        Ok(())
    }

    /// Holds a frame against order and limits by its head alone; its length when it may come.
    fn admit(&self, head: &Head) -> Result<usize, Violation> {
        let length = usize::try_from(head.length).map_err(|_| Violation::TooLong)?;
        if head.opcode.is_control() {
            return Ok(length); // at most 125: the head was refused otherwise
        }
        match (&self.open, head.opcode) {
            (None, Opcode::Continuation) => return Err(Violation::StrayContinuation),
            (Some(_), Opcode::Text | Opcode::Binary) => return Err(Violation::Interleaved),
            _ => {}
        }
        let fragments = self.open.as_ref().map_or(0, |open| open.fragments);
        if fragments >= self.limits.max_fragments {
            return Err(Violation::TooManyFragments);
        }
        // `assembled` never exceeds `max_message`, so this cannot wrap.
        if length > self.limits.max_frame || length > self.limits.max_message - self.assembled.len()
        {
            return Err(Violation::TooLong);
        }
        Ok(length)
    }

    /// Takes a whole, admitted, prepared frame whose payload lies at `payload` in the buffer.
    fn take(&mut self, head: &Head, payload: Range<usize>) -> Result<Option<Found>, Violation> {
        let bytes = &self.buffer[payload.clone()];
        match head.opcode {
            Opcode::Ping => Ok(Some(Found::Ping(payload))),
            Opcode::Pong => Ok(Some(Found::Pong(payload))),
            Opcode::Close => {
                let code = close_code(bytes)?;
                self.state = State::Closed;
                Ok(Some(Found::Close(code, payload)))
            }
            Opcode::Text | Opcode::Binary if head.fin => {
                let text = head.opcode == Opcode::Text;
                self.finish_text(text)?;
                Ok(Some(Found::Whole { text, payload }))
            }
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                let open = self.open.get_or_insert_with(|| Open {
                    text: head.opcode == Opcode::Text,
                    fragments: 0,
                });
                open.fragments += 1;
                let text = open.text;
                grow(&mut self.assembled, bytes.len(), self.limits.max_message);
                self.assembled.extend_from_slice(bytes);
                if !head.fin {
                    return Ok(None);
                }
                self.finish_text(text)?;
                self.open = None;
                self.handed_out = true;
                Ok(Some(Found::Assembled { text }))
            }
        }
    }

    /// Ends a message: a text must not end inside a character.
    fn finish_text(&mut self, text: bool) -> Result<(), Violation> {
        match text && !self.utf8.finish() {
            true => Err(Violation::TextNotUtf8),
            false => Ok(()),
        }
    }

    fn hand_out(&self, found: Found) -> Message<'_> {
        match found {
            Found::Whole { text, payload } => data(text, &self.buffer[payload]),
            Found::Assembled { text } => data(text, &self.assembled),
            Found::Ping(payload) => Message::Ping(&self.buffer[payload]),
            Found::Pong(payload) => Message::Pong(&self.buffer[payload]),
            Found::Close(code, payload) => Message::Close(code.map(|code| {
                let reason = str::from_utf8(&self.buffer[payload][2..]);
                (code, reason.expect("checked when the frame was taken"))
            })),
        }
    }

    /// Ends in `violation` and gives all memory back.
    fn fail(&mut self, violation: Violation) {
        self.state = State::Failed(violation);
        self.buffer = Vec::new();
        self.start = 0;
        self.ready = 0;
        self.assembled = Vec::new();
        self.open = None;
    }
}

/// A whole message and where its bytes lie in the buffer.
enum Found {
    Whole { text: bool, payload: Range<usize> },
    Assembled { text: bool },
    Ping(Range<usize>),
    Pong(Range<usize>),
    Close(Option<u16>, Range<usize>),
}

fn data(text: bool, payload: &[u8]) -> Message<'_> {
    if text { Message::Text(payload) } else { Message::Binary(payload) }
}

/// Checks the payload of a close frame: empty, or a code that may travel and a UTF-8 reason.
fn close_code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    if payload.is_empty() {
        return Ok(None);
    }
    let (code, reason) = payload.split_first_chunk::<2>().ok_or(Violation::ShortClose)?;
    let code = u16::from_be_bytes(*code);
    // 1004 to 1006 and 1015 stand for what never travels; 1016 to 2999 belong to nobody yet.
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Violation::CloseCode(code));
    }
    str::from_utf8(reason).map_err(|_| Violation::ReasonNotUtf8)?;
    Ok(Some(code))
}

/// Makes room for `more` bytes: growing by halves and doubles, but never beyond `most`, which is enough.
fn grow(buffer: &mut Vec<u8>, more: usize, most: usize) {
    let needed = buffer.len() + more;
    if needed > buffer.capacity() {
        let capacity = (2 * buffer.capacity()).min(most).max(needed);
        buffer.reserve_exact(capacity - buffer.len());
    }
}

/// Gives an empty buffer's memory back when a large message made it grow.
fn give_back(buffer: &mut Vec<u8>) {
    if buffer.capacity() > KEEP_FRAME_BUFFER_BYTES {
        *buffer = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::super::write_frame;
    use super::*;

    fn frame(fin: bool, opcode: Opcode, len: usize) -> Vec<u8> {
        let mut out = Vec::new();
        write_frame(&mut out, opcode, &vec![7; len], Some([1, 2, 3, 4]));
        out[0] &= if fin { 0xff } else { 0x7f };
        out
    }

    fn drain(decoder: &mut FrameDecoder) -> usize {
        let mut messages = 0;
        while decoder.next().expect("a valid stream").is_some() {
            messages += 1;
        }
        messages
    }

    #[test]
    fn a_claimed_length_reserves_nothing() {
        let mut decoder = FrameDecoder::new(Role::Server, FrameLimits::FROM_CLIENT);
        decoder.push(&frame(true, Opcode::Binary, 16_000)[..20]);
        assert_eq!(drain(&mut decoder), 0);
        assert!(decoder.buffer.capacity() < 200);
        assert_eq!(decoder.assembled.capacity(), 0);
    }

    #[test]
    fn memory_of_large_messages_is_given_back_and_of_small_ones_kept() {
        let mut decoder = FrameDecoder::new(Role::Server, FrameLimits::FROM_CLIENT);
        decoder.push(&frame(true, Opcode::Binary, 16_000));
        assert_eq!(drain(&mut decoder), 1);
        assert_eq!(decoder.buffer.capacity(), 0);
        decoder.push(&frame(false, Opcode::Binary, 8_000));
        decoder.push(&frame(true, Opcode::Continuation, 8_000));
        assert_eq!(drain(&mut decoder), 1);
        assert_eq!((decoder.buffer.capacity(), decoder.assembled.capacity()), (0, 0));

        decoder.push(&frame(true, Opcode::Binary, 100));
        assert_eq!(drain(&mut decoder), 1);
        let kept = decoder.buffer.capacity();
        assert!(kept >= 100);
        decoder.push(&frame(true, Opcode::Binary, 100));
        assert_eq!(drain(&mut decoder), 1);
        assert_eq!(decoder.buffer.capacity(), kept);
    }

    #[test]
    fn memory_stays_below_one_frame_one_push_and_one_message() {
        let limits = FrameLimits::FROM_CLIENT;
        for step in [1, 100, 5_000, 16_384] {
            let mut decoder = FrameDecoder::new(Role::Server, limits);
            let parts =
                [frame(false, Opcode::Binary, 16_000), frame(true, Opcode::Continuation, 384)];
            let bytes = parts.concat();
            for chunk in bytes[..bytes.len() - 1].chunks(step) {
                decoder.push(chunk);
                assert_eq!(drain(&mut decoder), 0);
                let most = MAX_HEAD_BYTES + limits.max_frame + step + limits.max_message;
                assert!(decoder.memory_bytes() <= most, "{} in {step}s", decoder.memory_bytes());
            }
        }
    }

    #[test]
    fn a_violation_gives_all_memory_back() {
        let mut decoder = FrameDecoder::new(Role::Server, FrameLimits::FROM_CLIENT);
        decoder.push(&frame(false, Opcode::Binary, 8_000));
        decoder.push(&frame(true, Opcode::Binary, 8_000));
        assert_eq!(decoder.next(), Err(Violation::Interleaved));
        decoder.push(&[0; 10_000]);
        assert_eq!((decoder.buffer.capacity(), decoder.assembled.capacity()), (0, 0));
    }
}
