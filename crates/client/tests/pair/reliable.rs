//! Exactly once, in order, in both directions, however often the line is cut.

use proptest::prelude::*;
use tickwire_client::session::{ClientEvent, Options, Session};
use tickwire_wire::message::ServerMessage;

use crate::rink::Options as RinkOptions;
use crate::server::{Server, TICK_US};

/// What happens in one tick.
#[derive(Debug, Clone)]
struct Step {
    /// Chat lines the client says.
    says: u8,
    /// Notices the server gives.
    notices: u8,
    /// Messages to the server that arrive before the cut; `None` = no cut.
    cut_up: Option<u8>,
    /// Messages to the client that arrive before the cut; `None` = no cut.
    cut_down: Option<u8>,
}

fn step() -> impl Strategy<Value = Step> {
    let cut = || prop::option::weighted(0.2, 0..6_u8);
    (0..3_u8, 0..3_u8, cut(), cut()).prop_map(|(says, notices, cut_up, cut_down)| Step {
        says,
        notices,
        cut_up,
        cut_down,
    })
}

struct Pair {
    session: Session,
    server: Server,
    now_us: u64,
    heard: Vec<String>,
}

impl Pair {
    fn connect(&mut self) {
        let hello = self.session.hello(self.now_us);
        for message in self.server.connect(&hello) {
            self.session.receive(self.now_us, &message).unwrap();
        }
        self.listen();
    }

    fn listen(&mut self) {
        while let Some(event) = self.session.poll_event() {
            if let ClientEvent::Notice(text) = event {
                self.heard.push(text);
            }
        }
    }

    /// One tick; returns whether the line was cut in it.
    fn step(&mut self, cut_up: Option<u8>, cut_down: Option<u8>) -> bool {
        self.now_us += TICK_US;
        if let Some(number) = self.session.due_input(self.now_us) {
            self.session.queue_input(number, &[1, 1, 0]).unwrap();
        }
        let mut sent = 0;
        while let Some(message) = self.session.take_outgoing(self.now_us) {
            if cut_up.is_none_or(|most| sent < most) {
                self.server.receive(self.now_us, &message);
            }
            sent = sent.saturating_add(1);
        }
        for (index, message) in self.server.tick(self.now_us).into_iter().enumerate() {
            if cut_down.is_none_or(|most| index < usize::from(most)) && cut_up.is_none() {
                self.session.receive(self.now_us, &message).unwrap();
            }
        }
        self.listen();
        cut_up.is_some() || cut_down.is_some()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn every_message_arrives_exactly_once(steps in prop::collection::vec(step(), 1..40)) {
        let server = Server::new(RinkOptions::default());
        let session = Session::new("ticket", Options { verify: true, ..Options::default() });
        let mut pair = Pair { session, server, now_us: 0, heard: Vec::new() };
        pair.connect();
        let (mut said, mut noticed) = (Vec::new(), Vec::new());
        for step in steps {
            for _ in 0..step.says {
                let text = format!("line {}", said.len());
                if pair.session.chat(text.clone()).is_ok() {
                    said.push(text);
                }
            }
            for _ in 0..step.notices {
                let text = format!("notice {}", noticed.len());
                pair.server.send_reliable(&ServerMessage::Notice(text.clone()));
                noticed.push(text);
            }
            if pair.step(step.cut_up, step.cut_down) {
                pair.session.disconnected();
                pair.connect();
            }
        }
        // A line that holds brings the rest.
        pair.step(None, None);
        pair.step(None, None);
        prop_assert_eq!(&pair.server.chats, &said);
        prop_assert_eq!(&pair.heard, &noticed);
        prop_assert_eq!(pair.session.unacknowledged(), 0);
        prop_assert_eq!(&pair.session.state().unwrap().public, &pair.server.extract.public);
        prop_assert_eq!(pair.session.stats().desyncs, 0);
    }
}
