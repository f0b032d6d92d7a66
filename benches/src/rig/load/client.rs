//! One client, from its handshake to its last message.

use tickwire_wire::websocket::{FrameDecoder, FrameLimits, Message, Opcode, Role, write_frame};

use super::handshake::{self, Progress};
use super::net::Arrival;
use super::player::{Known, Player};
use super::tally::Tally;
use crate::rig::job::{LoadJob, Manner};

/// One client.
pub(super) struct Client {
    number: u32,
    stage: Stage,
    decoder: FrameDecoder,
    /// Its part in the workload, where there is one.
    pub(super) player: Option<Box<Player>>,
    pub(super) times: Times,
}

/// Where a connection stands.
enum Stage {
    Away,
    Connecting,
    /// The request is out; what has come of its answer.
    Upgrading(Vec<u8>),
    /// Hello is out, no snapshot has come.
    Greeting,
    Playing,
}

/// The same, seen from far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Away,
    Joining,
    Playing,
}

/// When the steps of the newest connection happened, nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    pub(super) connect_ns: u64,
    /// The server's 101.
    pub(super) accepted_ns: Option<u64>,
    /// The first snapshot.
    pub(super) playing_ns: Option<u64>,
}

/// What a client needs of what is around it.
pub(super) struct Around<'a> {
    pub(super) job: &'a LoadJob,
    pub(super) known: &'a Known,
    pub(super) tally: &'a mut Tally,
    /// What is to be sent when all has been taken in.
    pub(super) replies: &'a mut Vec<(u32, Vec<u8>)>,
    /// Who has shaken hands.
    pub(super) settled: &'a mut Vec<u32>,
    pub(super) now_ns: u64,
}

impl Client {
    pub(super) fn new(number: u32) -> Self {
        Self {
            number,
            stage: Stage::Away,
            decoder: decoder(),
            player: None,
            times: Times::default(),
        }
    }

    pub(super) fn standing(&self) -> Standing {
        match self.stage {
            Stage::Away => Standing::Away,
            Stage::Connecting | Stage::Upgrading(_) | Stage::Greeting => Standing::Joining,
            Stage::Playing => Standing::Playing,
        }
    }

    /// It begins to connect.
    pub(super) fn connecting(&mut self, now_ns: u64) {
        self.stage = Stage::Connecting;
        self.decoder = decoder();
        self.times = Times { connect_ns: now_ns, accepted_ns: None, playing_ns: None };
    }

    /// Its connection is gone.
    pub(super) fn cut(&mut self) {
        self.stage = Stage::Away;
        if let Some(player) = &mut self.player {
            player.cut();
        }
    }

    /// Takes in what came.
    pub(super) fn take(
        &mut self,
        arrival: Arrival<'_>,
        around: &mut Around<'_>,
    ) -> Result<(), String> {
        match arrival {
            Arrival::Connected => {
                self.connected(around);
                Ok(())
            }
            Arrival::Bytes(bytes) => self.bytes(bytes, around),
            Arrival::Closed => Err("the server has ended the connection".to_owned()),
        }
    }

    fn connected(&mut self, around: &mut Around<'_>) {
        if around.job.manner == Manner::Bare {
            around.settled.push(self.number);
            return self.plays(around.now_ns);
        }
        let request = handshake::request(around.job, self.number);
        around.replies.push((self.number, request.into_bytes()));
        self.stage = Stage::Upgrading(Vec::new());
    }

    fn plays(&mut self, now_ns: u64) {
        self.stage = Stage::Playing;
        self.times.playing_ns = Some(now_ns);
    }

    fn bytes(&mut self, bytes: &[u8], around: &mut Around<'_>) -> Result<(), String> {
        let Stage::Upgrading(head) = &mut self.stage else {
            around.tally.totals.bytes += bytes.len() as u64;
            self.decoder.push(bytes);
            return self.messages(around);
        };
        head.extend_from_slice(bytes);
        match handshake::answer(head) {
            Progress::Unfinished => Ok(()),
            Progress::Refused(why) => Err(format!("no 101: {why}")),
            Progress::Accepted(size) => {
                self.decoder.push(&head[size..]);
                self.accepted(around);
                self.messages(around)
            }
        }
    }

    fn accepted(&mut self, around: &mut Around<'_>) {
        self.times.accepted_ns = Some(around.now_ns);
        around.settled.push(self.number);
        match &mut self.player {
            None => self.plays(around.now_ns),
            Some(player) => {
                let hello = player.hello(around.now_ns, around.known);
                around
                    .replies
                    .push((self.number, self::frame(self.number, Opcode::Binary, &hello)));
                self.stage = Stage::Greeting;
            }
        }
    }

    fn messages(&mut self, around: &mut Around<'_>) -> Result<(), String> {
        let Self { number, stage, decoder, player, times } = self;
        while let Some(message) = decoder.next().map_err(|violation| violation.to_string())? {
            match (message, player.as_mut()) {
                (Message::Binary(_), None) => around.tally.totals.messages += 1,
                (Message::Binary(bytes), Some(player)) => {
                    player.receive(around.now_ns, bytes, around.tally)?;
                    if matches!(stage, Stage::Greeting) && player.is_playing() {
                        *stage = Stage::Playing;
                        times.playing_ns = Some(around.now_ns);
                    }
                }
                (Message::Ping(payload), _) => {
                    around.replies.push((*number, frame(*number, Opcode::Pong, payload)));
                }
                (Message::Close(why), _) => return Err(format!("closed by the server: {why:?}")),
                (Message::Text(_) | Message::Pong(_), _) => {}
            }
        }
        Ok(())
    }
}

/// A masked frame. The key need not be secret here, only as good as any other to unmask with.
pub(super) fn frame(key: u32, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(payload.len() + 8);
    let key = key.wrapping_mul(0x9e37_79b9) | 1;
    write_frame(&mut frame, opcode, payload, Some(key.to_le_bytes()));
    frame
}

fn decoder() -> FrameDecoder {
    FrameDecoder::new(Role::Client, FrameLimits::FROM_SERVER)
}
