//! Close frames: codes, reasons, what comes behind them.

use super::bytes::{BINARY, CLOSE, FIN, PING, close, frame};
use super::case::{Case, case, check_echo, check_match};
use super::echo;
use crate::pretend::start;

/// Codes that may travel, with both ends of every range.
const VALID: [u16; 18] = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000,
    4998, 4999,
];
/// Codes that must not, with both ends of every range.
const INVALID: [u16; 18] = [
    0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2001, 2998, 2999, 5000, 5001,
    32_768, 65_535,
];

fn with_reason(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason].concat())
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for code in VALID {
        cases.push(case(format!("code {code}"), &[&close(code)], code));
        let reason = with_reason(code, "Grüße 👋".as_bytes());
        cases.push(case(format!("code {code} with a reason"), &[&reason], code));
    }
    for code in INVALID {
        cases.push(case(format!("code {code}"), &[&close(code)], 1002));
        let reason = with_reason(code, b"why");
        cases.push(case(format!("code {code} with a reason"), &[&reason], 1002));
    }
    cases.push(case("no code", &[&frame(CLOSE, b"")], 1000));
    cases.push(case("half a code", &[&frame(CLOSE, b"\x03")], 1002));
    cases.push(case("the longest reason", &[&with_reason(1000, &[b'x'; 123])], 1000));
    cases.push(case("a reason above it", &[&with_reason(1000, &[b'x'; 124])], 1002));
    let reasons: [(&str, &[u8]); 6] = [
        ("a lone continuation byte", b"\x80"),
        ("a byte that is never UTF-8", b"fine\xff"),
        ("half a character", b"fine\xe2\x82"),
        ("an overlong character", b"\xc0\xaf"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("a character above U+10FFFF", b"\xf4\x90\x80\x80"),
    ];
    for (what, reason) in reasons {
        cases.push(case(format!("{what} as a reason"), &[&with_reason(1000, reason)], 1007));
    }
    cases.push(case("a bad code with a bad reason", &[&with_reason(1005, b"\xff")], 1002));

    let (ping, data) = (frame(PING, b"!"), frame(FIN | BINARY, b"late"));
    cases.push(case("a ping behind", &[&close(1000), &ping], 1000));
    cases.push(case("a message behind", &[&close(3000), &data], 3000));
    cases.push(case("another close behind", &[&close(1001), &close(1000)], 1001));
    cases.push(case("rubbish behind", &[&close(4999), &[0xff; 300]], 4999));
    cases.push(case("a ping before", &[&ping, &close(1000)], 1000).pong(b"!"));
    cases
}

#[test]
fn closes_in_the_echo() {
    let server = echo(|_| ());
    check_echo(server.addr(), &cases());
    server.stop();
}

#[test]
fn closes_in_a_match() {
    let server = start(|_| ());
    check_match(server.addr(), &cases());
    server.stop().unwrap();
}
