//! UTF-8 as RFC 3629 has it, whole and cut at every byte.

use super::bytes::{FIN, Length, PING, TEXT, close, fragments, frame, head};
use super::case::{Case, case, check_echo, check_match};
use super::echo;
use crate::pretend::start;

/// What is UTF-8, both ends of every range included.
const VALID: [&[u8]; 22] = [
    b"",
    b"plain",
    b"\x00",
    b"\x7f",
    b"\xc2\x80",
    b"\xdf\xbf",
    b"\xe0\xa0\x80",
    b"\xed\x9f\xbf", // below the surrogates
    b"\xee\x80\x80", // above them
    b"\xef\xbf\xbd",
    b"\xef\xbf\xbe", // not a character, yet a valid code point
    b"\xef\xbf\xbf",
    b"\xf0\x90\x80\x80",
    b"\xf0\x9f\xbf\xbe",
    b"\xf3\xbf\xbf\xbf",
    b"\xf4\x8f\xbf\xbf", // U+10FFFF
    "κόσμε".as_bytes(),
    "Hello-µ@ßöäüàá-UTF-8!!".as_bytes(),
    "日本語".as_bytes(),
    "👩‍🚀".as_bytes(),
    b"\xef\xbb\xbfa byte order mark is text",
    b"\xe2\x82\xac\xe2\x82\xac",
];

/// What is not.
const INVALID: [&[u8]; 50] = [
    // Continuation bytes alone.
    b"\x80",
    b"\xbf",
    b"\x80\xbf",
    b"a\x80\xbf\x80\xbf\x80\xbf",
    // Starts without their continuation.
    b"\xc2 ",
    b"\xdf ",
    b"\xe0 ",
    b"\xef ",
    b"\xf0 ",
    b"\xf4 ",
    b"\xe2\x82 ",
    b"\xf0\x9f\x98 ",
    b"\xc2",
    b"\xe0\xa0",
    b"\xef\xbf",
    b"\xf0",
    b"\xf0\x90\x80",
    b"\xf4\x8f\xbf",
    b"\xe2\x82\xe2\x82\xac",
    // Bytes that never occur.
    b"\xfe",
    b"\xff",
    b"\xfe\xfe\xff\xff",
    b"\xc1\xbf",
    b"\xf5\x80\x80\x80",
    // Longer than they need to be.
    b"\xc0\x80",
    b"\xc0\xaf",
    b"\xe0\x80\x80",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xf0\x80\x80\x80",
    b"\xf0\x80\x80\xaf",
    b"\xf0\x8f\xbf\xbf",
    b"\xf8\x80\x80\x80\xaf",
    b"\xf8\x87\xbf\xbf\xbf",
    b"\xfc\x80\x80\x80\x80\xaf",
    b"\xfc\x83\xbf\xbf\xbf\xbf",
    // Surrogates, alone and in pairs.
    b"\xed\xa0\x80",
    b"\xed\xad\xbf",
    b"\xed\xae\x80",
    b"\xed\xaf\xbf",
    b"\xed\xb0\x80",
    b"\xed\xbf\xbf",
    b"\xed\xa0\x80\xed\xb0\x80",
    b"\xed\xaf\xbf\xed\xbf\xbf",
    // Above U+10FFFF.
    b"\xf4\x90\x80\x80",
    b"\xf7\xbf\xbf\xbf",
    b"\xf8\x88\x80\x80\x80",
    b"\xfb\xbf\xbf\xbf\xbf",
    b"\xfc\x84\x80\x80\x80\x80",
    b"\xfd\xbf\xbf\xbf\xbf\xbf",
];

/// One text in every way it can be sent; `outcome` adds what must come of it.
fn ways(text: &[u8], outcome: impl Fn(Case, &[u8]) -> Case, code: u16) -> Vec<Case> {
    let (end, ping) = (&close(1000)[..], &frame(PING, b"!")[..]);
    let mut cases = Vec::new();
    // ASCII around it: so neither begins nor ends the message with it.
    let framed = [&b"a"[..], text, b"z"].concat();
    for text in [text, &framed] {
        let name = format!("{text:x?} in one frame");
        cases.push(outcome(case(name, &[&frame(FIN | TEXT, text), end], code), text));
        for cut in 0..=text.len() {
            let (a, b) = text.split_at(cut);
            let name = format!("{text:x?} cut at {cut}");
            cases.push(outcome(case(name, &[&fragments(TEXT, &[a, b]), end], code), text));
        }
        let bytes: Vec<&[u8]> = text.chunks(1).chain([&b""[..]]).collect();
        let name = format!("{text:x?} byte by byte");
        cases.push(outcome(case(name, &[&fragments(TEXT, &bytes), end], code), text));
    }
    let (a, b) = text.split_at(text.len() / 2);
    if str::from_utf8(a).is_ok() || str::from_utf8(text).is_ok() {
        let name = format!("{text:x?} around a ping");
        let sent: [&[u8]; 4] = [&frame(TEXT, a), ping, &frame(FIN, b), end];
        cases.push(outcome(case(name, &sent, code).pong(b"!"), text));
    }
    cases
}

/// Of wrong texts: they must be refused before their frame or their message is whole.
fn early() -> Vec<Case> {
    let part =
        |text: &[u8]| [head(FIN | TEXT, Length::Two(1000)), frame(0, text)[6..].to_vec()].concat();
    let (ping, open) = (frame(PING, b"!"), frame(TEXT, "κόσμ".as_bytes()));
    vec![
        case("a wrong byte in an unfinished frame", &[&part(b"abc\xff")], 1007),
        case("a surrogate in an unfinished frame", &[&part(b"abc\xed\xa0")], 1007),
        case("above U+10FFFF in an unfinished frame", &[&part(b"\xf4\x90")], 1007),
        case("a wrong byte in an unfinished message", &[&frame(TEXT, b"ok\xc0")], 1007),
        case("one in its second fragment", &[&open, &ping, &frame(0, b"\xff")], 1007).pong(b"!"),
        case("one after half a character", &[&frame(TEXT, b"\xe2\x82"), &frame(0, b"a")], 1007),
    ]
}

fn invalid() -> Vec<Case> {
    let mut cases: Vec<Case> =
        INVALID.iter().flat_map(|text| ways(text, |case, _| case, 1007)).collect();
    cases.extend(early());
    cases
}

#[test]
fn text_that_is_utf8_comes_back() {
    let server = echo(|limits| limits.fragments = 100);
    for text in VALID {
        check_echo(server.addr(), &ways(text, |case, text| case.text(text), 1000));
    }
    server.stop();
}

#[test]
fn text_that_is_not_gets_1007_from_the_echo() {
    let server = echo(|limits| limits.fragments = 100);
    check_echo(server.addr(), &invalid());
    server.stop();
}

#[test]
fn text_that_is_not_gets_1007_in_a_match_too() {
    let server = start(|_| ());
    check_match(server.addr(), &early());
    for text in INVALID {
        let name = format!("{text:x?}");
        check_match(server.addr(), &[case(name, &[&frame(FIN | TEXT, text)], 1007)]);
    }
    server.stop().unwrap();
}
