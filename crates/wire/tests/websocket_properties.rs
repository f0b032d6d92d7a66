//! The frame decoder as a whole: cuts do not matter, rubbish does not panic, and a second, naive
//! decoder written from the RFC's text agrees on everything.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tickwire_wire::websocket::{FrameDecoder, FrameLimits, Message, Role, apply_mask};

const LIMITS: FrameLimits = FrameLimits { max_message: 400, max_frame: 300, max_fragments: 4 };

#[derive(Clone, Debug, PartialEq)]
enum Seen {
    Binary(Vec<u8>),
    Text(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<(u16, String)>),
    Refused(u16),
}

/// What the decoder makes of `pieces`.
fn decoded(role: Role, pieces: &[&[u8]]) -> Vec<Seen> {
    let mut decoder = FrameDecoder::new(role, LIMITS);
    let mut seen = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        loop {
            seen.push(match decoder.next() {
                Ok(None) => break,
                Ok(Some(Message::Binary(bytes))) => Seen::Binary(bytes.to_vec()),
                Ok(Some(Message::Text(bytes))) => Seen::Text(bytes.to_vec()),
                Ok(Some(Message::Ping(bytes))) => Seen::Ping(bytes.to_vec()),
                Ok(Some(Message::Pong(bytes))) => Seen::Pong(bytes.to_vec()),
                Ok(Some(Message::Close(close))) => {
                    Seen::Close(close.map(|(code, reason)| (code, reason.to_string())))
                }
                Err(violation) => {
                    seen.push(Seen::Refused(violation.code()));
                    return seen;
                }
            });
        }
    }
    seen
}

/// The same from the whole stream at once, as plainly as possible.
fn reference(role: Role, bytes: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    if let Err(code) = read_all(role, bytes, &mut seen) {
        seen.push(Seen::Refused(code));
    }
    seen
}

fn require(rule: bool, code: u16) -> Result<(), u16> {
    if rule { Ok(()) } else { Err(code) }
}

/// Whether some continuation of `text` is UTF-8.
fn may_become_utf8(text: &[u8]) -> bool {
    let tails: [&[u8]; 5] = [b"", b"\x80", b"\x80\x80", b"\x90\x80\x80", b"\x80\x80\x80"];
    let more: [&[u8]; 3] = [b"\xa0\x80", b"\x90\x80", b"\xbf"];
    tails.iter().chain(&more).any(|tail| str::from_utf8(&[text, tail].concat()).is_ok())
}

fn read_all(role: Role, bytes: &[u8], seen: &mut Vec<Seen>) -> Result<(), u16> {
    let mut at = 0;
    let mut open: Option<(u8, Vec<u8>, u32)> = None;
    loop {
        // A missing byte ends it without a verdict, so each rule is asked once its bytes are there.
        macro_rules! byte {
            () => {{
                let Some(&byte) = bytes.get(at) else { return Ok(()) };
                at += 1;
                byte
            }};
        }
        let first = byte!();
        require(first & 0x70 == 0, 1002)?;
        let opcode = first & 0x0f;
        require([0, 1, 2, 8, 9, 10].contains(&opcode), 1002)?;
        let fin = first & 0x80 != 0;
        let control = opcode >= 8;
        require(fin || !control, 1002)?;
        let second = byte!();
        require((second & 0x80 != 0) == (role == Role::Server), 1002)?;
        let mut length = u64::from(second & 0x7f);
        require(!control || length <= 125, 1002)?;
        let wide = match length {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if wide > 0 {
            length = 0;
            for _ in 0..wide {
                length = length << 8 | u64::from(byte!());
            }
            require(length < 1 << 63, 1002)?;
            require(length >= if wide == 2 { 126 } else { 65_536 }, 1002)?;
        }
        let mut key = [0; 4];
        if role == Role::Server {
            for k in &mut key {
                *k = byte!();
            }
        }
        if !control {
            require((opcode == 0) == open.is_some(), 1002)?;
            let (held, count) = open.as_ref().map_or((0, 0), |open| (open.1.len(), open.2));
            require(count < LIMITS.max_fragments, 1009)?;
            require(length <= LIMITS.max_frame as u64, 1009)?;
            require(held as u64 + length <= LIMITS.max_message as u64, 1009)?;
        }
        let come = bytes.len().min(at + length as usize);
        let payload: Vec<u8> =
            bytes[at..come].iter().zip(0..).map(|(b, i)| b ^ key[i % 4]).collect();
        at = come;
        if payload.len() < length as usize {
            // Of an unfinished frame, a wrong byte of a text counts already.
            let (kind, mut message, _) = open.unwrap_or((opcode, vec![], 0));
            message.extend(payload);
            let is_text = !control && kind == 1;
            return require(!is_text || may_become_utf8(&message), 1007);
        }
        match opcode {
            9 => seen.push(Seen::Ping(payload)),
            10 => seen.push(Seen::Pong(payload)),
            8 => {
                require(payload.len() != 1, 1002)?;
                let close = if payload.is_empty() {
                    None
                } else {
                    let code = u16::from(payload[0]) << 8 | u16::from(payload[1]);
                    let known = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010];
                    let later = [1011, 1012, 1013, 1014];
                    let free = (3000..5000).contains(&code);
                    require(known.contains(&code) || later.contains(&code) || free, 1002)?;
                    let reason = String::from_utf8(payload[2..].to_vec()).map_err(|_| 1007_u16)?;
                    Some((code, reason))
                };
                seen.push(Seen::Close(close));
                return Ok(());
            }
            _ => {
                let (kind, mut message, count) = open.take().unwrap_or((opcode, vec![], 0));
                message.extend(payload);
                if kind == 1 && fin {
                    require(str::from_utf8(&message).is_ok(), 1007)?;
                }
                require(kind != 1 || may_become_utf8(&message), 1007)?;
                match (fin, kind) {
                    (true, 1) => seen.push(Seen::Text(message)),
                    (true, _) => seen.push(Seen::Binary(message)),
                    (false, _) => open = Some((kind, message, count + 1)),
                }
            }
        }
    }
}

/// A frame that is mostly right: enough wrong ones come from the odds below.
fn frame(role: Role) -> impl Strategy<Value = Vec<u8>> {
    let opcode = prop_oneof![
        6 => Just(0_u8), 4 => Just(1_u8), 4 => Just(2_u8), 2 => Just(9_u8), 1 => Just(10_u8),
        1 => Just(8_u8), 1 => 0_u8..16,
    ];
    let payload = prop_oneof![
        4 => vec(any::<u8>(), 0..8),
        4 => "[aä€😀]{0,6}".prop_map(String::into_bytes),
        // A character's halves, so that fragments cut inside.
        2 => prop_oneof![Just(vec![0xe2]), Just(vec![0x82, 0xac]), Just(vec![0xf0, 0x9f])],
        2 => (1000_u16..1016).prop_map(|code| code.to_be_bytes().to_vec()),
        1 => vec(any::<u8>(), 120..310),
    ];
    let oddity = prop_oneof![20 => Just(0_u8), 1 => 1_u8..5];
    (opcode, any::<bool>(), payload, any::<[u8; 4]>(), oddity).prop_map(
        move |(opcode, fin, mut payload, key, oddity)| {
            let fin = fin || opcode >= 8 && oddity != 1;
            let masked = (role == Role::Server) != (oddity == 2);
            let reserved = if oddity == 3 { 0x20 } else { 0 };
            let mut out = vec![u8::from(fin) << 7 | reserved | opcode];
            let mask = u8::from(masked) << 7;
            if oddity == 4 {
                out.extend([mask | 127, 0, 0, 0, 0, 0, 0]);
                out.extend((payload.len() as u16).to_be_bytes());
            } else if payload.len() < 126 {
                out.push(mask | payload.len() as u8);
            } else {
                out.push(mask | 126);
                out.extend((payload.len() as u16).to_be_bytes());
            }
            if masked {
                out.extend(key);
                apply_mask(&mut payload, key);
            }
            out.extend(payload);
            out
        },
    )
}

fn role() -> impl Strategy<Value = Role> {
    prop_oneof![Just(Role::Server), Just(Role::Client)]
}

fn stream() -> impl Strategy<Value = (Role, Vec<u8>)> {
    role().prop_flat_map(|role| {
        vec(frame(role), 1..12).prop_map(move |frames| (role, frames.concat()))
    })
}

/// `bytes` cut at places drawn from `cuts`.
fn cut<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}

/// The same cases in every run: a failure is reproduced by running again.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(6455),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_naive_decoder_agrees((role, bytes) in stream()) {
        prop_assert_eq!(decoded(role, &[&bytes]), reference(role, &bytes));
    }

    #[test]
    fn cuts_do_not_matter((role, bytes) in stream(), cuts in vec(any::<prop::sample::Index>(), 0..9)) {
        prop_assert_eq!(decoded(role, &cut(&bytes, &cuts)), reference(role, &bytes));
    }

    #[test]
    fn single_bytes_give_the_same((role, bytes) in stream()) {
        let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(decoded(role, &pieces), reference(role, &bytes));
    }

    #[test]
    fn rubbish_is_judged_as_the_naive_decoder_judges_it(role in role(), bytes in vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(decoded(role, &[&bytes]), reference(role, &bytes));
    }
}
