//! Control messages: what is taken, what is refused, and in which words.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tickwire_wire::close;
use tickwire_wire::level::Level;
use tickwire_wire::limits::MAX_CLIENT_MESSAGE_BYTES;
use tickwire_wire::message::{
    Auth, BodyError, ClientMessage, FromClient, FromServer, HELLO, Hello, InputMode, MessageError,
    ServerMessage, WELCOME, Welcome, decode_client_reliable, decode_hello, decode_server_reliable,
    decode_welcome, encode_client_reliable, encode_hello, encode_ping, encode_pong,
    encode_server_reliable, encode_welcome,
};

fn hello() -> Hello {
    Hello {
        protocol: 1,
        auth: Auth::Ticket("t".to_string()),
        input_mode: InputMode::Latest,
        verify: true,
        schema_hash: Some("0123456789abcdef".to_string()),
        prior_hash: None,
        last_tick: Some(300),
        reliable_received: 7,
        epoch_seen: u64::MAX,
        client: "test".to_string(),
    }
}

fn welcome(schema: Option<String>) -> Welcome {
    Welcome {
        protocol: 1,
        room: "skirmish".to_string(),
        player: 3,
        tick: 70_000,
        tick_hz: 30,
        send_every: 1,
        epoch: 1,
        schema_hash: "0123456789abcdef".to_string(),
        schema,
        level: Level::Ranged,
        prior_hash: String::new(),
        prior: None,
        options: "{}".to_string(),
        assets: vec![("maps/depot.json".to_string(), "ab".repeat(32))],
        resume_token: "token".to_string(),
        reliable_received: 0,
        input_mode: InputMode::Scheduled,
        reconnect: vec![],
        window_ms: 30_000,
    }
}

fn hello_bytes(hello: &Hello) -> Vec<u8> {
    let mut out = Vec::new();
    encode_hello(hello, &mut out);
    out
}

fn reliable(seq: u32, body: &ClientMessage) -> Vec<u8> {
    let mut out = Vec::new();
    encode_client_reliable(seq, body, &mut out);
    out
}

#[track_caller]
fn refused(message: &[u8], text: &str, code: u16) {
    let error = FromClient::decode(message).expect_err("this must be refused");
    assert_eq!(error.to_string(), text);
    assert_eq!(error.close().code, code);
    assert_eq!(error.close().reason, text, "the reason fits a close frame");
}

#[test]
fn what_is_encoded_comes_back() {
    assert_eq!(decode_hello(&hello_bytes(&hello())), Ok(hello()));
    for schema in [None, Some("x".repeat(200_000))] {
        let mut out = Vec::new();
        encode_welcome(&welcome(schema.clone()), &mut out);
        assert_eq!(decode_welcome(&out), Ok(welcome(schema)));
    }
    for body in [
        ClientMessage::Command(vec![0, 255]),
        ClientMessage::Leave,
        ClientMessage::Chat("hé".to_string()),
    ] {
        assert_eq!(decode_client_reliable(&reliable(9, &body)), Ok((9, body)));
    }
    for body in [
        ServerMessage::Event { tick: 1 << 31, bytes: vec![1, 2] },
        ServerMessage::Refused { seq: 4, reason: "no".to_string() },
        ServerMessage::Chat { from: 300, text: "hi".to_string() },
        ServerMessage::Notice("draining".to_string()),
    ] {
        let mut out = Vec::new();
        encode_server_reliable(u32::MAX, &body, &mut out);
        assert_eq!(decode_server_reliable(&out), Ok((u32::MAX, body)));
    }
    assert_eq!(FromClient::decode(&encode_ping([1, 2, 3, 4])), Ok(FromClient::Ping([1, 2, 3, 4])));
    assert_eq!(FromServer::decode(&encode_pong([1, 2, 3, 4])), Ok(FromServer::Pong([1, 2, 3, 4])));
    assert_eq!(FromClient::decode(&[2, 9, 9]), Ok(FromClient::Inputs(&[9, 9])));
    assert_eq!(FromServer::decode(&[0x82, 9]), Ok(FromServer::Snapshot(&[9])));
}

#[test]
fn encoding_appends() {
    let mut out = vec![0xaa];
    encode_hello(&hello(), &mut out);
    assert_eq!(out[0], 0xaa);
    assert_eq!(out[1..], hello_bytes(&hello()));
}

#[test]
fn each_direction_knows_only_its_own_kinds() {
    refused(&[], "empty message", close::MALFORMED);
    for kind in (0..=255).filter(|kind| !(1..=4).contains(kind)) {
        assert_eq!(FromClient::decode(&[kind]), Err(MessageError::Kind(kind)));
    }
    for kind in (0..=255).filter(|kind| !(0x81..=0x84).contains(kind)) {
        assert_eq!(FromServer::decode(&[kind]), Err(MessageError::Kind(kind)));
    }
    refused(&[0x81], "unknown message kind 0x81", close::MALFORMED);
    let error = decode_hello(&encode_ping([0; 4])).expect_err("not a Hello");
    assert_eq!(error.to_string(), "expected Hello");
}

#[test]
fn every_cut_and_every_extra_byte_is_refused() {
    let whole = hello_bytes(&hello());
    for end in 1..whole.len() {
        refused(&whole[..end], "Hello: ends too early", close::MALFORMED);
    }
    let mut longer = whole;
    longer.push(0);
    refused(&longer, "Hello: 1 bytes after its end", close::MALFORMED);

    let whole = reliable(1, &ClientMessage::Chat("hello".to_string()));
    for end in 1..whole.len() {
        refused(&whole[..end], "reliable message: ends too early", close::MALFORMED);
    }
    refused(&[4, 1, 2, 3], "Ping carries 3 bytes instead of 4", close::MALFORMED);
    refused(&[4, 1, 2, 3, 4, 5], "Ping carries 5 bytes instead of 4", close::MALFORMED);
}

#[test]
fn another_version_is_named_before_the_rest_is_read() {
    // Version 2 with a body that version 1 could not read.
    refused(
        &[HELLO, 2, 0xff, 0xff],
        "protocol version 2 is not supported; this side speaks 1",
        4002,
    );
    let answer = FromServer::decode(&[WELCOME, 251, 0x2c, 0x01]);
    assert_eq!(answer, Err(MessageError::Version(300)));
}

#[test]
fn a_message_above_the_limit_is_too_long() {
    let mut bytes = vec![2; MAX_CLIENT_MESSAGE_BYTES];
    assert!(FromClient::decode(&bytes).is_ok());
    bytes.push(0);
    refused(&bytes, "message of 4097 bytes, at most 4096 allowed", close::TOO_LONG);
    let long = Hello { client: "c".repeat(65), ..hello() };
    refused(&hello_bytes(&long), "Hello.client is longer than 64 bytes", close::MALFORMED);
    assert!(decode_hello(&hello_bytes(&Hello { client: "c".repeat(64), ..hello() })).is_ok());
}

#[test]
fn a_claimed_length_is_not_believed() {
    // Command of 2^63 bytes, of 4 GiB, of 5000 bytes; none of which come.
    for claim in
        [&[253, 0, 0, 0, 0, 0, 0, 0, 0x80][..], &[252, 0xff, 0xff, 0xff, 0xff], &[251, 0x88, 0x13]]
    {
        let message = [&[3, 1, 0, 0, 0, 0], claim].concat();
        refused(&message, "reliable message: claims more bytes than allowed", close::MALFORMED);
    }
}

#[test]
fn bad_values_are_named() {
    refused(&[3, 0, 0, 0, 0, 1], "reliable message with number 0; numbers start at 1", 4000);
    refused(&[3, 1, 0, 0, 0, 3], "reliable message: unknown variant", close::MALFORMED);
    refused(&[3, 1, 0, 0, 0, 2, 1, 0xff], "reliable message: text is not UTF-8", close::MALFORMED);
    // Hello: auth Ticket "", input mode 0, verify = 2.
    refused(&[1, 1, 0, 0, 0, 2], "Hello: bool is neither 0 nor 1", close::MALFORMED);
    refused(&[1, 252, 1, 0, 0, 0], "Hello: integer out of range", close::MALFORMED);
    let error = MessageError::Body { message: "Hello", problem: BodyError::Other };
    assert_eq!(error.code(), close::MALFORMED);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(5),
        ..ProptestConfig::default()
    })]

    #[test]
    fn rubbish_never_panics_and_its_reason_fits(kind in 0_u8..6, body in vec(any::<u8>(), 0..300)) {
        for kind in [kind, kind | 0x80] {
            let message = [&[kind], &body[..]].concat();
            if let Err(error) = FromClient::decode(&message) {
                prop_assert!(error.to_string().len() <= 123);
            }
            if let Err(error) = FromServer::decode(&message) {
                prop_assert!(error.to_string().len() <= 123);
            }
        }
    }

    #[test]
    fn what_decodes_encodes_to_a_message_that_decodes_to_the_same(body in vec(any::<u8>(), 0..40)) {
        let message = [&[3, 1, 0, 0, 0], &body[..]].concat();
        if let Ok((seq, value)) = decode_client_reliable(&message) {
            prop_assert_eq!(decode_client_reliable(&reliable(seq, &value)), Ok((seq, value)));
        }
    }
}
