//! Streams that end, stall or go on where they should not, and rubbish.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::bytes::{BINARY, CLOSE, FIN, PING, TEXT, close, frame, read_to_end, split};
use super::{echo, open};
use crate::raw::PATIENCE;

/// Without a byte taken for this time, a sender is held back.
const HELD_BACK: Duration = Duration::from_millis(300);

#[test]
fn a_stream_that_ends_inside_a_message_is_told_so() {
    let server = echo(|_| ());
    let half = frame(FIN | BINARY, b"abcdef");
    let cases: [(&str, Vec<u8>); 4] = [
        ("inside a head", half[..1].to_vec()),
        ("inside a mask key", half[..4].to_vec()),
        ("inside a payload", half[..9].to_vec()),
        ("between fragments", frame(BINARY, b"abc")),
    ];
    for (name, sent) in cases {
        let mut stream = open(server.addr(), "/");
        stream.write_all(&sent).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let frames = read_to_end(&mut stream, name);
        assert_eq!(frames.len(), 1, "{name}");
        assert_eq!((frames[0].0, &frames[0].1[..2]), (CLOSE, &b"\x03\xea"[..]), "{name}");
    }
    let mut stream = open(server.addr(), "/");
    stream.write_all(&frame(FIN | BINARY, b"whole")).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let frames = read_to_end(&mut stream, "after a message");
    assert_eq!(frames, [(FIN | BINARY, b"whole".to_vec())]);
    server.stop();
}

#[test]
fn a_violation_is_heard_however_much_is_sent_behind_it() {
    let server = echo(|_| ());
    let mut stream = open(server.addr(), "/");
    stream.write_all(&[0xff]).unwrap();
    // More than the buffers between us hold: it is read, though it means nothing any more.
    for _ in 0..64 {
        stream.write_all(&[0x55; 256 * 1024]).unwrap();
    }
    stream.shutdown(Shutdown::Write).unwrap();
    let frames = read_to_end(&mut stream, "behind a violation");
    assert_eq!(frames.len(), 1);
    assert_eq!((frames[0].0, &frames[0].1[..2]), (CLOSE, &b"\x03\xea"[..]));
    server.stop();
}

#[test]
fn who_never_ends_a_close_handshake_is_dropped() {
    let server = echo(|limits| limits.close_ms = 100);
    let mut stream = open(server.addr(), "/");
    stream.write_all(&close(1000)).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(split(&answer, "answer"), [(CLOSE, b"\x03\xe8".to_vec())]);
    // We keep our side open. Once the server has let go, what we send is refused.
    let end = Instant::now() + PATIENCE;
    while stream.write_all(b"x").is_ok() {
        assert!(Instant::now() < end, "still taken");
        std::thread::sleep(Duration::from_millis(10));
    }
    server.stop();
}

/// Sends messages and reads nothing until the server takes no more; how many went out, and what of the
/// last one is still to be sent.
fn flood(stream: &mut TcpStream, message: &[u8]) -> (usize, Vec<u8>) {
    stream.set_nonblocking(true).unwrap();
    let (mut messages, mut at, mut taken) = (0, 0, Instant::now());
    while taken.elapsed() < HELD_BACK {
        match stream.write(&message[at..]) {
            Ok(count) => {
                at += count;
                taken = Instant::now();
                if at == message.len() {
                    (messages, at) = (messages + 1, 0);
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(error) => panic!("{error}"),
        }
        assert!(messages < 1_000, "the server takes everything without being read");
    }
    stream.set_nonblocking(false).unwrap();
    (messages, message[at..].to_vec())
}

#[test]
fn nothing_is_taken_while_an_answer_waits_and_nothing_is_lost() {
    let server = echo(|limits| limits.message_bytes = 200_000);
    let mut stream = open(server.addr(), "/");
    let message = frame(FIN | BINARY, &[7; 200_000]);
    let (messages, rest) = flood(&mut stream, &message);
    let sender = {
        let mut stream = stream.try_clone().unwrap();
        std::thread::spawn(move || stream.write_all(&[rest, close(1000)].concat()).unwrap())
    };
    let frames = read_to_end(&mut stream, "flood");
    sender.join().unwrap();
    assert_eq!(frames.len(), messages + 2, "every message, the cut one, and the close");
    let (close, echoes) = frames.split_last().unwrap();
    assert_eq!(close.0, CLOSE);
    assert!(echoes.iter().all(|(first, echo)| *first == FIN | BINARY && echo[..] == [7; 200_000]));
    server.stop();
}

#[test]
fn who_never_reads_is_dropped_and_others_are_served() {
    let server = echo(|limits| {
        limits.message_bytes = 200_000;
        limits.progress_ms = 100;
    });
    let mut deaf = open(server.addr(), "/");
    let message = frame(FIN | BINARY, &[7; 200_000]);
    deaf.set_write_timeout(Some(PATIENCE)).unwrap();
    let error = loop {
        if let Err(error) = deaf.write_all(&message) {
            break error;
        }
    };
    assert_ne!(error.kind(), ErrorKind::WouldBlock, "neither taken nor dropped");
    let mut other = open(server.addr(), "/");
    other.write_all(&[frame(PING, b"?"), close(1000)].concat()).unwrap();
    assert_eq!(read_to_end(&mut other, "other").len(), 2);
    server.stop();
}

#[test]
fn rubbish_ends_in_a_close_frame_or_with_the_stream() {
    let server = echo(|_| ());
    let mut random = 1_u64;
    let mut next = move || {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as u8
    };
    let mut refused = 0;
    for round in 0..200 {
        let mut sent = Vec::new();
        for _ in 0..8 {
            let payload: Vec<u8> = (0..next() % 20).map(|_| next()).collect();
            let kinds = [BINARY, TEXT, 0, FIN | BINARY, FIN | TEXT, FIN, PING, next()];
            sent.extend(frame(kinds[usize::from(next() % 8)], &payload));
        }
        sent.extend((0..next() % 4).map(|_| next()));
        let mut stream = open(server.addr(), "/");
        stream.write_all(&sent).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let frames = read_to_end(&mut stream, &format!("rubbish {round}"));
        let closes: Vec<_> = frames.iter().filter(|(first, _)| *first == CLOSE).collect();
        assert!(closes.len() <= 1, "{frames:?}");
        if let Some((_, payload)) = closes.first() {
            assert_eq!(frames.last().unwrap().0, CLOSE);
            let code = u16::from_be_bytes(*payload.first_chunk().unwrap());
            assert!([1002, 1007, 1009].contains(&code), "{code} for {sent:?}");
            refused += 1;
        }
    }
    assert!(refused > 100, "rubbish is mostly wrong: {refused}");
    server.stop();
}
