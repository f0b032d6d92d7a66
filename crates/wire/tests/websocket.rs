//! The frame decoder against each rule of RFC 6455: what is taken, what is refused and with which
//! close code.

use tickwire_wire::close::{self, Close};
use tickwire_wire::websocket::{
    FrameDecoder, FrameLimits, MAX_HEAD_BYTES, Message, Opcode, Role, Violation, write_close,
    write_frame, write_head,
};

const LIMITS: FrameLimits = FrameLimits { max_message: 4096, max_frame: 1024, max_fragments: 5 };
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

fn server() -> FrameDecoder {
    FrameDecoder::new(Role::Server, LIMITS)
}

fn client() -> FrameDecoder {
    FrameDecoder::new(Role::Client, LIMITS)
}

/// A frame of a server (no mask) from its first byte and payload.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_frame(&mut out, Opcode::Binary, payload, None);
    out[0] = first;
    out
}

fn frames(list: &[(u8, &[u8])]) -> Vec<u8> {
    list.iter().flat_map(|(first, payload)| frame(*first, payload)).collect()
}

/// All messages of `bytes` as text, and how it ended.
fn decode(mut decoder: FrameDecoder, bytes: &[u8]) -> (Vec<String>, Option<Violation>) {
    decoder.push(bytes);
    let mut messages = Vec::new();
    loop {
        match decoder.next() {
            Ok(Some(message)) => messages.push(format!("{message:?}")),
            Ok(None) => return (messages, None),
            Err(violation) => return (messages, Some(violation)),
        }
    }
}

#[track_caller]
fn refused(bytes: &[u8], violation: Violation, code: u16) {
    assert_eq!(decode(client(), bytes), (vec![], Some(violation)));
    assert_eq!(violation.code(), code);
    assert!(violation.close().reason.len() <= 123);
}

#[test]
fn both_roles_read_what_the_other_writes() {
    let mut bytes = Vec::new();
    write_frame(&mut bytes, Opcode::Binary, b"abc", Some(KEY));
    write_frame(&mut bytes, Opcode::Ping, b"", Some(KEY));
    write_close(&mut bytes, &Close::new(close::REPLACED, "newer"), Some(KEY));
    let (messages, end) = decode(server(), &bytes);
    assert_eq!(messages, ["Binary([97, 98, 99])", "Ping([])", "Close(Some((4009, \"newer\")))"]);
    assert_eq!(end, None);

    let mut bytes = Vec::new();
    write_frame(&mut bytes, Opcode::Text, b"hi", None);
    write_frame(&mut bytes, Opcode::Pong, b"1", None);
    write_frame(&mut bytes, Opcode::Close, b"", None);
    let (messages, end) = decode(client(), &bytes);
    assert_eq!(messages, ["Text([104, 105])", "Pong([49])", "Close(None)"]);
    assert_eq!(end, None);
}

#[test]
fn heads_have_the_shortest_length_form() {
    let head = |len, mask| {
        let mut out = Vec::new();
        write_head(&mut out, Opcode::Binary, len, mask);
        assert!(out.len() <= MAX_HEAD_BYTES);
        out
    };
    assert_eq!(head(0, None), [0x82, 0]);
    assert_eq!(head(125, None), [0x82, 125]);
    assert_eq!(head(126, None), [0x82, 126, 0, 126]);
    assert_eq!(head(65_535, None), [0x82, 126, 0xff, 0xff]);
    assert_eq!(head(65_536, None), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    assert_eq!(head(5, Some(KEY)), [0x82, 0x85, 0x37, 0xfa, 0x21, 0x3d]);
}

#[test]
fn the_mask_is_required_of_clients_and_forbidden_to_servers() {
    let (messages, end) = decode(server(), &[0x82, 0x01]);
    assert_eq!((messages.len(), end), (0, Some(Violation::Unmasked)));
    refused(&[0x82, 0x81], Violation::Masked, close::PROTOCOL_ERROR);
}

#[test]
fn fragments_become_one_message_with_control_frames_between() {
    let bytes = frames(&[
        (0x02, b"ab"),
        (0x89, b"?"),
        (0x00, b""),
        (0x8a, b"!"),
        (0x80, b"cd"),
        (0x82, b"next"),
    ]);
    let (messages, end) = decode(client(), &bytes);
    assert_eq!(
        messages,
        ["Ping([63])", "Pong([33])", "Binary([97, 98, 99, 100])", "Binary([110, 101, 120, 116])"]
    );
    assert_eq!(end, None);
}

#[test]
fn reserved_bits_and_opcodes_are_refused() {
    for bit in [0x40, 0x20, 0x10] {
        refused(&[0x82 | bit], Violation::ReservedBits, close::PROTOCOL_ERROR);
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        refused(&[0x80 | opcode], Violation::ReservedOpcode(opcode), close::PROTOCOL_ERROR);
    }
}

#[test]
fn control_frames_are_short_and_whole() {
    for opcode in [0x08, 0x09, 0x0a] {
        refused(&[opcode], Violation::FragmentedControl, close::PROTOCOL_ERROR);
        refused(&[0x80 | opcode, 126], Violation::LongControl, close::PROTOCOL_ERROR);
        refused(&[0x80 | opcode, 127], Violation::LongControl, close::PROTOCOL_ERROR);
    }
    let (messages, end) = decode(client(), &frame(0x89, &[7; 125]));
    assert_eq!((messages.len(), end), (1, None));
}

#[test]
fn a_message_is_finished_before_the_next_begins() {
    for first in [0x01, 0x02, 0x81, 0x82] {
        refused(
            &frames(&[(0x02, b"a"), (first, b"b")]),
            Violation::Interleaved,
            close::PROTOCOL_ERROR,
        );
    }
    refused(&frame(0x80, b"x"), Violation::StrayContinuation, close::PROTOCOL_ERROR);
    refused(&frame(0x00, b"x"), Violation::StrayContinuation, close::PROTOCOL_ERROR);
}

#[test]
fn lengths_are_written_in_their_shortest_form() {
    refused(&[0x82, 126, 0, 125], Violation::LongLength, close::PROTOCOL_ERROR);
    refused(
        &[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
        Violation::LongLength,
        close::PROTOCOL_ERROR,
    );
    refused(
        &[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0],
        Violation::NegativeLength,
        close::PROTOCOL_ERROR,
    );
}

#[test]
fn sizes_are_refused_by_the_head_alone() {
    refused(&[0x82, 126, 0x04, 0x01], Violation::TooLong, close::TOO_LONG);
    refused(&[0x82, 127, 0x7f, 0, 0, 0, 0, 0, 0, 0], Violation::TooLong, close::TOO_LONG);
    let (messages, end) = decode(client(), &frame(0x82, &[1; 1024]));
    assert_eq!((messages.len(), end), (1, None));

    let part = [1; 1024];
    let four = [(0x02, &part[..]), (0x00, &part), (0x00, &part), (0x00, &part)];
    let mut whole = frames(&four);
    whole.extend(frame(0x80, b""));
    let (messages, end) = decode(client(), &whole);
    assert_eq!((messages.len(), end), (1, None));
    let mut above = frames(&four);
    above.extend([0x80, 1]);
    refused(&above, Violation::TooLong, close::TOO_LONG);
}

#[test]
fn fragments_are_counted_even_when_empty() {
    let part: (u8, &[u8]) = (0x00, b"");
    let mut bytes = frames(&[(0x02, b""), part, part, part]);
    assert_eq!(decode(client(), &bytes).1, None);
    bytes.extend(frame(0x00, b""));
    bytes.extend([0x80, 0]);
    refused(&bytes, Violation::TooManyFragments, close::TOO_LONG);
}

#[test]
fn text_is_utf8_across_fragments() {
    let bytes = frames(&[(0x01, b"\xe2"), (0x89, b""), (0x00, b"\x82"), (0x80, b"\xac")]);
    let (messages, end) = decode(client(), &bytes);
    assert_eq!((messages.len(), end), (2, None));
    assert_eq!(messages[1], "Text([226, 130, 172])");

    refused(&frame(0x81, b"\xff"), Violation::TextNotUtf8, close::INVALID_UTF8);
    // The first impossible byte is enough; neither message nor frame need be whole.
    refused(&frame(0x01, b"ok\xc0"), Violation::TextNotUtf8, close::INVALID_UTF8);
    refused(&frame(0x81, b"ok\xc0 more")[..5], Violation::TextNotUtf8, close::INVALID_UTF8);
    let two = frames(&[(0x01, b"\xe2"), (0x00, b"\x82a more")]);
    refused(&two[..7], Violation::TextNotUtf8, close::INVALID_UTF8);
    refused(&frames(&[(0x01, b"\xe2"), (0x00, b"a")]), Violation::TextNotUtf8, close::INVALID_UTF8);
    refused(
        &frames(&[(0x01, b"a"), (0x80, b"\xe2\x82")]),
        Violation::TextNotUtf8,
        close::INVALID_UTF8,
    );
    // Binary may hold anything, also after a text.
    let bytes = frames(&[(0x81, b"a"), (0x02, b"\xe2"), (0x80, b"\xff")]);
    assert_eq!(decode(client(), &bytes).1, None);
}

#[test]
fn a_close_carries_a_code_that_may_travel_and_a_utf8_reason() {
    refused(&frame(0x88, b"\x03"), Violation::ShortClose, close::PROTOCOL_ERROR);
    refused(&frame(0x88, b"\x03\xe8\xff"), Violation::ReasonNotUtf8, close::INVALID_UTF8);
    for code in 0..=u16::MAX {
        let valid = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
        let (messages, end) = decode(client(), &frame(0x88, &code.to_be_bytes()));
        if valid {
            assert_eq!(messages, [format!("Close(Some(({code}, \"\")))")]);
            assert_eq!(end, None);
        } else {
            assert_eq!(end, Some(Violation::CloseCode(code)));
            assert_eq!(Violation::CloseCode(code).code(), close::PROTOCOL_ERROR);
        }
    }
}

#[test]
fn nothing_comes_after_a_close() {
    let mut decoder = client();
    decoder.push(&frames(&[(0x88, b"\x03\xe8"), (0x82, b"late"), (0xff, b"rubbish")]));
    assert_eq!(decoder.next(), Ok(Some(Message::Close(Some((1000, ""))))));
    assert_eq!(decoder.next(), Ok(None));
    decoder.push(&[0xff; 5000]);
    decoder.push(&[0xff; 5000]);
    assert_eq!(decoder.next(), Ok(None));
}

#[test]
fn a_violation_is_final() {
    let mut decoder = client();
    decoder.push(&frames(&[(0x82, b"fine"), (0x83, b"")]));
    assert_eq!(decoder.next(), Ok(Some(Message::Binary(b"fine"))));
    assert_eq!(decoder.next(), Err(Violation::ReservedOpcode(3)));
    decoder.push(&frame(0x82, b"x"));
    assert_eq!(decoder.next(), Err(Violation::ReservedOpcode(3)));
}

#[test]
fn pushing_on_without_taking_messages_is_bounded() {
    let mut decoder = client();
    let flood = frame(0x82, &[0; 100]).repeat(20);
    decoder.push(&flood);
    decoder.push(&flood);
    assert_eq!(decoder.next(), Err(Violation::Backlog));
    assert_eq!(Violation::Backlog.code(), close::TOO_LONG);
    // The same bytes are fine when messages are taken in between.
    let mut decoder = client();
    let mut messages = 0;
    for _ in 0..2 {
        decoder.push(&flood);
        while decoder.next() != Ok(None) {
            messages += 1;
        }
    }
    assert_eq!(messages, 40);
}
