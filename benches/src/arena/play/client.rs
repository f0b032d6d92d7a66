//! One client: the native session, fed by hand.

use tickwire_client::session::{ClientEvent, InputMode, Options, Session};
use tickwire_game::Wire;
use tickwire_room::{ConnId, Reservation};
use tickwire_wire::input::InputsMessage;
use tickwire_wire::shape::Shape;

use super::fault::PlayFault;
use crate::arena::Input;

/// What a snapshot weighed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Message {
    pub(super) bytes: usize,
    pub(super) own_bytes: usize,
}

/// A client in memory.
pub(super) struct Client {
    pub(super) session: Session,
    pub(super) conn: ConnId,
    pub(super) player: u16,
    /// Inputs sent so far.
    sent: u32,
    /// Shape of an input.
    shape: Shape,
    /// The snapshot that came last, with its tick.
    newest: Option<(u32, Message)>,
    columns: Vec<u32>,
}

impl Client {
    pub(super) fn new(seat: Reservation, conn: u64) -> Self {
        // Each tick takes the newest input: with one a tick, exactly that one, without a clock.
        let options = Options { input_mode: InputMode::Latest, ..Options::default() };
        Self {
            session: Session::new(seat.ticket, options),
            conn: ConnId(conn),
            player: seat.player.0,
            sent: 0,
            shape: Input::shape(),
            newest: None,
            columns: Vec::new(),
        }
    }

    /// The message of the next input.
    pub(super) fn input(&mut self, input: &Input) -> Vec<u8> {
        self.sent += 1;
        self.columns.clear();
        input.put(&mut self.columns);
        let mut message = InputsMessage::new(0, 0, self.sent);
        message.push(&self.columns);
        let mut bytes = Vec::new();
        message.write(&self.shape, &mut bytes);
        bytes
    }

    /// Takes in a snapshot of the room's newest tick.
    pub(super) fn snapshot(
        &mut self,
        now_us: u64,
        tick: u32,
        own: &[u8],
        shared: &[u8],
    ) -> Result<(), PlayFault> {
        let bytes = [own, shared].concat();
        self.newest = Some((tick, Message { bytes: bytes.len(), own_bytes: own.len() }));
        self.receive(now_us, tick, &bytes)
    }

    /// Takes in any message.
    pub(super) fn receive(
        &mut self,
        now_us: u64,
        tick: u32,
        message: &[u8],
    ) -> Result<(), PlayFault> {
        let player = self.player;
        self.session.receive(now_us, message).map_err(|error| PlayFault::Refused {
            player,
            tick,
            error: error.to_string(),
        })?;
        while let Some(event) = self.session.poll_event() {
            if let ClientEvent::Desync { stream, .. } = event {
                return Err(self.differs(tick, format!("the hash of stream {stream}")));
            }
        }
        Ok(())
    }

    /// The snapshot of this tick, which must have come: an input waits to be acknowledged.
    pub(super) fn take_snapshot(&mut self, tick: u32) -> Result<Message, PlayFault> {
        match self.newest.take() {
            Some((of, message)) if of == tick && self.session.tick() == Some(tick) => Ok(message),
            _ => Err(self.differs(tick, "no snapshot of this tick".to_owned())),
        }
    }

    pub(super) fn differs(&self, tick: u32, what: String) -> PlayFault {
        PlayFault::Differs { player: self.player, tick, what }
    }
}
