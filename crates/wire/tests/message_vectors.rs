//! The exact bytes of control messages, shared with the JavaScript SDK's tests as
//! `assets/web/sdk/test/vectors/messages.json`.
//!
//! With `TICKWIRE_UPDATE_VECTORS=1` (`cargo xtask bless`) the file is written anew; else it must be
//! what the encoder gives.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tickwire_wire::level::Level;
use tickwire_wire::message::{
    Auth, ClientMessage, FromClient, FromServer, Hello, InputMode, ServerMessage, Welcome,
    encode_client_reliable, encode_hello, encode_ping, encode_pong, encode_server_reliable,
    encode_welcome,
};

const FILE: &str = "../../assets/web/sdk/test/vectors/messages.json";
const ABOUT: &str = "Control messages (PROTOCOL sections 1 and 5), written by `cargo xtask bless` \
    from crates/wire/tests/message_vectors.rs. hex: the whole message. Byte vectors are hex, \
    64-bit integers decimal text.";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes_of(encode: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    encode(&mut out);
    out
}

fn first_hello() -> Hello {
    Hello {
        protocol: 1,
        auth: Auth::Ticket("dGlja2V0".to_string()),
        input_mode: InputMode::Scheduled,
        verify: false,
        schema_hash: None,
        prior_hash: None,
        last_tick: None,
        reliable_received: 0,
        epoch_seen: 0,
        client: "js".to_string(),
    }
}

fn resuming_hello() -> Hello {
    Hello {
        auth: Auth::Resume("dG9rZW4".to_string()),
        input_mode: InputMode::Latest,
        verify: true,
        schema_hash: Some("00ff10a2b3c4d5e6".to_string()),
        prior_hash: Some("p".to_string()),
        last_tick: Some(123_456),
        reliable_received: 250,
        epoch_seen: 9_007_199_254_740_993,
        client: "bots/ü".to_string(),
        ..first_hello()
    }
}

fn full_welcome() -> Welcome {
    Welcome {
        protocol: 1,
        room: "skirmish".to_string(),
        player: 1000,
        tick: 251,
        tick_hz: 30,
        send_every: 1,
        epoch: 1,
        schema_hash: "00ff10a2b3c4d5e6".to_string(),
        schema: Some("{\"protocol\":1}".to_string()),
        level: Level::Packed,
        prior_hash: "0123456789abcdef".to_string(),
        prior: Some(b"TWP1".to_vec()),
        options: "{\"map\":\"depot\"}".to_string(),
        assets: vec![("maps/depot.json".to_string(), "0a".repeat(32))],
        resume_token: "dG9rZW4".to_string(),
        reliable_received: 0,
        input_mode: InputMode::Scheduled,
        reconnect: vec![
            "ws://a.example/v1/play/skirmish".to_string(),
            "ws://b.example".to_string(),
        ],
        window_ms: 30_000,
    }
}

fn short_welcome() -> Welcome {
    Welcome {
        player: 1,
        tick: u32::MAX,
        epoch: u64::MAX,
        schema: None,
        level: Level::RangedMax,
        prior_hash: String::new(),
        prior: None,
        assets: vec![],
        reliable_received: 65_536,
        input_mode: InputMode::Latest,
        reconnect: vec![],
        window_ms: 0,
        ..full_welcome()
    }
}

fn hello_value(hello: &Hello) -> Value {
    let (auth, text) = match &hello.auth {
        Auth::Ticket(text) => ("Ticket", text),
        Auth::Resume(text) => ("Resume", text),
    };
    json!({
        "type": "Hello", "protocol": hello.protocol, "auth": {"type": auth, "value": text},
        "input_mode": format!("{:?}", hello.input_mode).to_lowercase(), "verify": hello.verify,
        "schema_hash": hello.schema_hash, "prior_hash": hello.prior_hash, "last_tick": hello.last_tick,
        "reliable_received": hello.reliable_received,
        "epoch_seen": hello.epoch_seen.to_string(), "client": hello.client,
    })
}

fn welcome_value(welcome: &Welcome) -> Value {
    json!({
        "type": "Welcome", "protocol": welcome.protocol, "room": welcome.room,
        "player": welcome.player, "tick": welcome.tick, "tick_hz": welcome.tick_hz,
        "send_every": welcome.send_every, "epoch": welcome.epoch.to_string(),
        "schema_hash": welcome.schema_hash, "schema": welcome.schema, "level": welcome.level,
        "prior_hash": welcome.prior_hash, "prior": welcome.prior.as_deref().map(hex),
        "options": welcome.options,
        "assets": welcome.assets, "resume_token": welcome.resume_token,
        "reliable_received": welcome.reliable_received,
        "input_mode": format!("{:?}", welcome.input_mode).to_lowercase(), "reconnect": welcome.reconnect,
        "window_ms": welcome.window_ms,
    })
}

fn from_client() -> Vec<Value> {
    let mut list = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>, value: Value| {
        FromClient::decode(&bytes).expect("a vector is a valid message");
        list.push(json!({"name": name, "hex": hex(&bytes), "value": value}));
    };
    for (name, hello) in [("first hello", first_hello()), ("resuming hello", resuming_hello())] {
        add(name, bytes_of(|out| encode_hello(&hello, out)), hello_value(&hello));
    }
    for (name, seq, body, value) in [
        (
            "command",
            1,
            ClientMessage::Command(vec![0xde, 0xad, 0x00]),
            json!({"type": "Command", "bytes": "dead00"}),
        ),
        ("leave", 0x0102_0304, ClientMessage::Leave, json!({"type": "Leave"})),
        (
            "chat",
            2,
            ClientMessage::Chat("grüß €😀".to_string()),
            json!({"type": "Chat", "text": "grüß €😀"}),
        ),
        (
            "chat of 300 bytes",
            3,
            ClientMessage::Chat("x".repeat(300)),
            json!({"type": "Chat", "text": "x".repeat(300)}),
        ),
    ] {
        let bytes = bytes_of(|out| encode_client_reliable(seq, &body, out));
        add(name, bytes, json!({"type": "Reliable", "seq": seq, "body": value}));
    }
    let ping = encode_ping([1, 2, 3, 255]);
    add("ping", ping.to_vec(), json!({"type": "Ping", "bytes": "010203ff"}));
    list
}

fn from_server() -> Vec<Value> {
    let mut list = Vec::new();
    let mut add = |name: &str, bytes: Vec<u8>, value: Value| {
        FromServer::decode(&bytes).expect("a vector is a valid message");
        list.push(json!({"name": name, "hex": hex(&bytes), "value": value}));
    };
    for (name, welcome) in [("full welcome", full_welcome()), ("short welcome", short_welcome())] {
        add(name, bytes_of(|out| encode_welcome(&welcome, out)), welcome_value(&welcome));
    }
    for (name, seq, body, value) in [
        (
            "event",
            1,
            ServerMessage::Event { tick: 70_000, bytes: vec![1, 2, 3] },
            json!({"type": "Event", "tick": 70_000, "bytes": "010203"}),
        ),
        (
            "refused",
            250,
            ServerMessage::Refused { seq: 251, reason: "no such card".to_string() },
            json!({"type": "Refused", "seq": 251, "reason": "no such card"}),
        ),
        (
            "chat",
            251,
            ServerMessage::Chat { from: 65_535, text: "hi".to_string() },
            json!({"type": "Chat", "from": 65_535, "text": "hi"}),
        ),
        (
            "notice",
            u32::MAX,
            ServerMessage::Notice(String::new()),
            json!({"type": "Notice", "text": ""}),
        ),
    ] {
        let bytes = bytes_of(|out| encode_server_reliable(seq, &body, out));
        add(name, bytes, json!({"type": "Reliable", "seq": seq, "body": value}));
    }
    let pong = encode_pong([1, 2, 3, 255]);
    add("pong", pong.to_vec(), json!({"type": "Pong", "bytes": "010203ff"}));
    list
}

/// Messages that a client must refuse.
fn refused_by_clients() -> Vec<Value> {
    [
        ("nothing", ""),
        ("a client's kind", "0401020304"),
        ("an unknown kind", "8500"),
        ("another version", "810200"),
        ("a cut welcome", "8101087368"),
        ("a cut text", "83010000000305616263"),
        ("text that is not UTF-8", "830100000003 01ff"),
        ("an unknown variant", "830100000004"),
        ("number 0", "830000000003 00"),
        ("bytes after the end", "8301000000030000"),
        ("a pong of three bytes", "84010203"),
    ]
    .map(|(name, text)| {
        let text = text.replace(' ', "");
        let bytes: Vec<u8> = (0..text.len() / 2)
            .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).expect("hex digits"))
            .collect();
        let why = FromServer::decode(&bytes).expect_err("a vector to refuse").to_string();
        json!({"name": name, "hex": text, "why": why})
    })
    .to_vec()
}

#[test]
fn the_sdk_has_the_bytes_that_this_crate_writes() {
    let vectors = json!({
        "about": ABOUT,
        "from_client": from_client(),
        "from_server": from_server(),
        "refused_by_clients": refused_by_clients(),
    });
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if std::env::var_os("TICKWIRE_UPDATE_VECTORS").is_some() {
        let text = serde_json::to_string_pretty(&vectors).expect("plain JSON values") + "\n";
        fs::create_dir_all(path.parent().expect("FILE has a directory")).expect("a directory");
        fs::write(&path, text).expect("vectors can be written");
    }
    let held = fs::read(&path).unwrap_or_default();
    let held: Value = serde_json::from_slice(&held).unwrap_or_default();
    assert!(held == vectors, "{FILE} is out of date: run `cargo xtask bless` and look at the diff");
}

/// The bytes themselves, written down by hand from PROTOCOL: a change of derive order or of
/// bincode's format shows here even when the vectors are rewritten.
#[test]
fn bytes_are_as_the_protocol_says() {
    let hello = bytes_of(|out| encode_hello(&resuming_hello(), out));
    let expected = [
        "01 01 01 07",
        "644739725a5734", // dG9rZW4
        "01 01 01 10",
        "30306666313061326233633464356536", // 00ff10a2b3c4d5e6
        "01 01 70",                         // p
        "01 fc 40e20100 fa fd 0100000000002000 07",
        "626f74732fc3bc", // bots/ü
    ];
    assert_eq!(hex(&hello), expected.concat().replace(' ', ""));

    let welcome = Welcome { schema_hash: "h".to_string(), ..short_welcome() };
    let welcome = bytes_of(|out| encode_welcome(&welcome, out));
    let expected = [
        "81 01 08 736b69726d697368", // skirmish
        "01 fc ffffffff 1e 01 fd ffffffffffffffff 01 68 00 02 00 00",
        "0f 7b226d6170223a226465706f74227d", // {"map":"depot"}
        "00 07 644739725a5734 fc 00000100 01 00 00",
    ];
    assert_eq!(hex(&welcome), expected.concat().replace(' ', ""));

    let event = ServerMessage::Event { tick: 300, bytes: vec![9] };
    let event = bytes_of(|out| encode_server_reliable(1, &event, out));
    assert_eq!(hex(&event), "83010000000 0fb2c010109".replace(' ', ""));
    let leave = bytes_of(|out| encode_client_reliable(2, &ClientMessage::Leave, out));
    assert_eq!(hex(&leave), "030200000001");
}
