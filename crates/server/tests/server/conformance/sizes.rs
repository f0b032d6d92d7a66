//! Lengths: every form at its borders, up to what no machine could hold.

use super::bytes::{BINARY, FIN, Length, TEXT, close, fragments, frame, head};
use super::case::{Case, case, check_echo, check_match};
use super::echo;
use crate::pretend::start;

/// The echo's limit here: beyond the border of 64-bit lengths.
const MAX: usize = 70_000;
/// The limit of a match.
const MATCH_MAX: usize = 4_096;

fn message(len: usize) -> Vec<u8> {
    (0..len).map(|at| b'a' + (at % 26) as u8).collect()
}

fn cases() -> Vec<Case> {
    let end = &close(1000)[..];
    let mut cases = Vec::new();
    for len in [0, 1, 2, 125, 126, 127, 128, 4_096, 4_097, 65_535, 65_536, 65_537, MAX] {
        let payload = message(len);
        let code = if len > MATCH_MAX { 1009 } else { 1000 };
        let whole = frame(FIN | BINARY, &payload);
        cases.push(
            case(format!("{len} bytes"), &[&whole, end], 1000).binary(&payload).in_match(code),
        );
        let (a, b) = payload.split_at(len / 3);
        let halves = fragments(BINARY, &[a, b]);
        let name = format!("{len} bytes in two fragments");
        cases.push(case(name, &[&halves, end], 1000).binary(&payload).in_match(code));
        let text = frame(FIN | TEXT, &payload);
        // Above 16 KiB a match refuses the head, below it looks into the message.
        let code = if len > 16 * 1024 { 1009 } else { 1003 };
        let name = format!("text of {len} bytes");
        cases.push(case(name, &[&text, end], 1000).text(&payload).in_match(code));
    }

    let above: [u64; 8] =
        [MAX as u64 + 1, 1 << 17, 1 << 31, 1 << 32, (1 << 32) + 5, 1 << 53, 1 << 62, (1 << 63) - 1];
    for len in above {
        for first in [BINARY, FIN | BINARY, FIN | TEXT] {
            let name = format!("{len} bytes in a frame {first:#x}, of which only the head comes");
            cases.push(case(name, &[&head(first, Length::Eight(len))], 1009));
        }
        let first = frame(BINARY, b"x");
        let name = format!("{len} bytes in a second fragment");
        cases.push(case(name, &[&first, &head(FIN, Length::Eight(len)), b"abc"], 1009));
    }
    for len in [1 << 63, (1 << 63) + 5, u64::MAX] {
        let name = format!("{len} bytes: the top bit is none of the length's");
        cases.push(case(name, &[&head(FIN | BINARY, Length::Eight(len)), end], 1002));
    }
    let most = frame(BINARY, &message(MAX - 1));
    let name = "fragments up to the limit and one byte more";
    cases.push(case(name, &[&most, &head(FIN, Length::Short(2))], 1009));
    let name = "fragments to the very limit";
    let sent: [&[u8]; 3] = [&most, &frame(FIN, b"z"), end];
    let payload = [message(MAX - 1), vec![b'z']].concat();
    cases.push(case(name, &sent, 1000).binary(&payload).in_match(1009));

    for length in [Length::Two(0), Length::Two(125), Length::Eight(0), Length::Eight(125)] {
        cases.push(case(
            "a length in two or eight bytes for one",
            &[&head(FIN | BINARY, length)],
            1002,
        ));
    }
    for len in [126, 127, 4_096, 65_535] {
        let name = format!("{len} bytes in a 64-bit length");
        cases.push(case(name, &[&head(FIN | BINARY, Length::Eight(len)), end], 1002));
    }
    cases
}

#[test]
fn lengths_in_the_echo() {
    let server = echo(|limits| limits.message_bytes = MAX as u32);
    check_echo(server.addr(), &cases());
    server.stop();
}

#[test]
fn lengths_in_a_match() {
    let server = start(|_| ());
    check_match(server.addr(), &cases());
    server.stop().unwrap();
}

#[test]
fn the_limits_of_a_match_are_the_echos_own_unless_opened() {
    let server = echo(|_| ());
    let (most, end) = (message(MATCH_MAX), close(1000));
    let cases = [
        case("4096 bytes", &[&frame(FIN | BINARY, &most), &end], 1000).binary(&most),
        case("4097 bytes", &[&head(FIN | BINARY, Length::Two(4_097))], 1009),
    ];
    check_echo(server.addr(), &cases);
    server.stop();
}

#[test]
fn many_small_fragments_become_one_large_message() {
    const LEN: usize = 1 << 20;
    let server = echo(|limits| {
        limits.message_bytes = LEN as u32;
        limits.fragments = (LEN / 64) as u32;
    });
    let payload = message(LEN);
    let parts: Vec<&[u8]> = payload.chunks(64).collect();
    let fits = fragments(BINARY, &parts);
    let cases = [
        case("1 MiB in 16384 fragments", &[&fits, &close(1000)], 1000).binary(&payload),
        case(
            "one fragment more",
            &[&fits[..fits.len() - 70], &[0; 0], &frame(0, b""), &frame(0, b"")],
            1009,
        ),
    ];
    check_echo(server.addr(), &cases);
    server.stop();
}
