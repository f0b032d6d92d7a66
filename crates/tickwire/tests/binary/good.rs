//! A well-behaved client in its own thread, which notices whatever others do to its match.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;

use tickwire::{Dice, Game};
use tickwire_client::play::{Options, Play, PlayError, Update};
use tickwire_client::rest::Api;
use tickwire_client::session::Options as SessionOptions;
use tickwire_wire::close::Close;

use crate::raw::eventually;

/// What the client saw.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) snapshots: u32,
    /// Ticks between snapshots that did not come.
    pub(crate) missed: Vec<u32>,
    /// How the server ended it, if it did.
    pub(crate) close: Option<Close>,
}

/// A client that plays as the game's bot does.
pub(crate) struct Good {
    stop: Arc<AtomicBool>,
    snapshots: Arc<AtomicU32>,
    thread: JoinHandle<Report>,
}

impl Good {
    /// Joins, and returns once it plays.
    pub(crate) fn join<G: Game>(address: SocketAddr, room: &str) -> Self {
        Self::join_at::<G>(Api::new(&format!("http://{address}")).unwrap(), room)
    }

    /// The same at a server that may have TLS.
    pub(crate) fn join_at<G: Game>(api: Api, room: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let snapshots = Arc::new(AtomicU32::new(0));
        let (stopped, counted, room) = (Arc::clone(&stop), Arc::clone(&snapshots), room.to_owned());
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(play::<G>(api, &room, &stopped, &counted))
        });
        let good = Self { stop, snapshots, thread };
        eventually("the good client plays", || good.snapshots.load(Ordering::Relaxed) > 5);
        good
    }

    /// Plays on until this many more snapshots have come.
    pub(crate) fn play_on(&self, snapshots: u32) {
        let target = self.snapshots.load(Ordering::Relaxed) + snapshots;
        eventually("the match goes on", || self.snapshots.load(Ordering::Relaxed) >= target);
    }

    /// Leaves.
    pub(crate) fn leave(self) -> Report {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }

    /// Waits until the server ends it.
    pub(crate) fn until_closed(self) -> Report {
        self.thread.join().unwrap()
    }
}

async fn play<G: Game>(api: Api, room: &str, stop: &AtomicBool, snapshots: &AtomicU32) -> Report {
    let session = SessionOptions { verify: true, ..SessionOptions::default() };
    let options = Options { session, ..Options::default() };
    let mut seat = Play::<G>::join(&api, room, "good", options).await.unwrap();
    let mut report = Report::default();
    let mut newest = None;
    while !stop.load(Ordering::Relaxed) {
        match seat.next().await {
            Ok(Update::Input(number)) => {
                let (state, fixed) = (seat.state(), seat.fixed().cloned());
                let input = state.zip(fixed).map_or_else(G::Input::default, |(state, fixed)| {
                    G::bot(&state, seat.me(), &fixed, &mut Dice::new(1, number, 1))
                });
                seat.input(number, &input).unwrap();
            }
            Ok(Update::Snapshot(info)) => {
                assert!(info.verified, "tick {} is not what the server has", info.tick);
                let expected = newest.map_or(info.tick, |tick: u32| tick + 1);
                report.missed.extend(expected..info.tick);
                newest = Some(info.tick);
                report.snapshots += 1;
                snapshots.fetch_add(1, Ordering::Relaxed);
            }
            Ok(Update::Desync { tick, stream }) => panic!("desync in tick {tick}, stream {stream}"),
            Ok(Update::Reconnecting { because, .. }) => {
                report.close = Some(because);
                return report;
            }
            Ok(_) => {}
            Err(PlayError::Closed(close)) => {
                report.close = Some(close);
                return report;
            }
            Err(error) => panic!("{error}"),
        }
    }
    seat.leave().await;
    report
}
