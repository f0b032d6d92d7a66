//! Heads and their order: reserved bits and opcodes, masks, control frames, fragments.

use super::bytes::{
    BINARY, CLOSE, CONTINUATION, FIN, Length, PING, PONG, TEXT, close, fragments, frame, head,
    unmasked,
};
use super::case::{Case, case, check_echo, check_match};
use super::echo;
use crate::pretend::start;

fn cases() -> Vec<Case> {
    let end = &close(1000)[..];
    let whole = &frame(FIN | BINARY, b"whole")[..];
    let ping = &frame(PING, b"!")[..];
    let mut cases = Vec::new();

    for opcode in [TEXT, BINARY, 0x8, 0x9, 0xa] {
        for bits in 1..8 {
            let bad = frame(FIN | bits << 4 | opcode, b"");
            cases.push(case(
                format!("reserved bits {bits} in opcode {opcode}"),
                &[&bad, end],
                1002,
            ));
        }
    }
    for opcode in [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf] {
        let name = |what| format!("reserved opcode {opcode} {what}");
        let bad = &frame(FIN | opcode, b"x")[..];
        cases.push(case(name("alone"), &[bad], 1002));
        cases.push(case(name("without FIN"), &[&frame(opcode, b"x"), end], 1002));
        let open = &frame(BINARY, b"x")[..];
        cases.push(case(name("between fragments"), &[open, bad, end], 1002));
        cases.push(case(name("after a message"), &[whole, bad, ping], 1002).binary(b"whole"));
    }
    for first in [FIN | TEXT, FIN | BINARY, BINARY, PING, PONG, CLOSE] {
        let name = |what| format!("unmasked frame {first:#x} {what}");
        let bad = &unmasked(first, b"\x03\xe8")[..];
        cases.push(case(name("alone"), &[bad], 1002));
        cases.push(case(name("after a ping"), &[ping, bad, end], 1002).pong(b"!"));
        cases.push(case(name("without payload"), &[&unmasked(first, b""), end], 1002));
    }
    let open = &frame(BINARY, b"ab")[..];
    cases.push(case("unmasked last fragment", &[open, &unmasked(FIN, b"c"), end], 1002));

    for opcode in [0x8, 0x9, 0xa] {
        let name = |what| format!("control frame {opcode:#x} {what}");
        let first = FIN | opcode;
        cases.push(case(name("without FIN"), &[&frame(opcode, b""), end], 1002));
        cases.push(case(name("of 126 bytes"), &[&frame(first, &[b'x'; 126]), end], 1002));
        cases.push(case(name("of 65536 bytes"), &[&head(first, Length::of(65_536))], 1002));
        cases.push(case(name("in a longer form"), &[&head(first, Length::Two(5)), end], 1002));
        cases.push(case(name("of 2^63 bytes"), &[&head(first, Length::Eight(1 << 63))], 1002));
    }
    let longest = [0xfe; 125];
    cases.push(case("ping of 125 bytes", &[&frame(PING, &longest), end], 1000).pong(&longest));
    cases.push(case("empty ping", &[&frame(PING, b""), end], 1000).pong(b""));
    cases.push(case("pong unasked", &[&frame(PONG, b"x"), ping, end], 1000).pong(b"!"));
    let ten: Vec<Vec<u8>> = (0..10).map(|i| vec![i; usize::from(i)]).collect();
    let pings: Vec<u8> = ten.iter().flat_map(|payload| frame(PING, payload)).collect();
    let answered = case("ten pings", &[&pings, end], 1000);
    cases.push(ten.iter().fold(answered, |case, payload| case.pong(payload)));

    for kind in [TEXT, BINARY] {
        for new in [TEXT, BINARY, FIN | TEXT, FIN | BINARY] {
            let name = format!("frame {new:#x} inside a message of opcode {kind}");
            cases.push(case(name, &[&frame(kind, b"a"), ping, &frame(new, b"b")], 1002).pong(b"!"));
        }
    }
    for first in [CONTINUATION, FIN | CONTINUATION] {
        let bad = &frame(first, b"x")[..];
        cases.push(case("continuation of nothing", &[bad, end], 1002));
        cases.push(case("continuation of a whole message", &[whole, bad], 1002).binary(b"whole"));
        let done = &fragments(BINARY, &[b"a", b"b"])[..];
        cases.push(case("continuation of a finished message", &[done, bad], 1002).binary(b"ab"));
    }
    cases
}

fn fragmented() -> Vec<Case> {
    let end = &close(1000)[..];
    let ping = &frame(PING, b"!")[..];
    let some = |first: u8| frame(first, b"x");
    let sixteen = [&b"x"[..]; 16];
    let open: Vec<u8> = (0..16).flat_map(|at| some(if at == 0 { BINARY } else { 0 })).collect();
    vec![
        case("two fragments", &[&fragments(BINARY, &[b"ab", b"cd"]), end], 1000).binary(b"abcd"),
        case("empty fragments", &[&fragments(BINARY, &[b"", b"", b"a", b""]), end], 1000)
            .binary(b"a"),
        case("nothing in three fragments", &[&fragments(BINARY, &[b"", b"", b""]), end], 1000)
            .binary(b""),
        case("text in fragments", &[&fragments(TEXT, &[b"ab", b"cd"]), end], 1000).text(b"abcd"),
        case("pings between", &[&some(BINARY), ping, &some(0), ping, &some(FIN), end], 1000)
            .pong(b"!")
            .pong(b"!")
            .binary(b"xxx"),
        case("pongs between", &[&some(BINARY), &frame(PONG, b"?"), &some(FIN), end], 1000)
            .binary(b"xx"),
        case("close between", &[&some(BINARY), end, &some(FIN)], 1000),
        case("two messages", &[&fragments(BINARY, &[b"a", b"b"]).repeat(2), end], 1000)
            .binary(b"ab")
            .binary(b"ab"),
        case("sixteen fragments", &[&fragments(BINARY, &sixteen), end], 1000).binary(&[b'x'; 16]),
        case("a seventeenth fragment", &[&open, &some(FIN), end], 1009),
        case("a seventeenth fragment by its head", &[&open, &some(FIN)[..6]], 1009),
        case("a ping behind sixteen open fragments", &[&open, ping, &some(0)], 1009).pong(b"!"),
    ]
}

#[test]
fn heads_and_their_order_in_the_echo() {
    let server = echo(|_| ());
    check_echo(server.addr(), &cases());
    check_echo(server.addr(), &fragmented());
    server.stop();
}

#[test]
fn heads_and_their_order_in_a_match() {
    let server = start(|_| ());
    check_match(server.addr(), &cases());
    check_match(server.addr(), &fragmented());
    server.stop().unwrap();
}
