//! From a room's state to each client's snapshot: every stream encoded once, every set of streams
//! put together once.
//!
//! | step | where |
//! |---|---|
//! | which row belongs to which stream | [`tables`], [`placing`], [`grid`], [`key`] |
//! | each stream's delta and keyframe | [`streams`] |
//! | which streams a viewer has | [`interest`], [`viewer`] |
//! | the same chunks for the same set | [`plans`] |

mod events;
mod grid;
mod interest;
mod key;
mod placing;
mod plans;
mod streams;
mod tables;
mod viewer;

use tickwire_game::{Team, View};
use tickwire_wire::columns::Extract;
use tickwire_wire::shape::Shape;

use events::Events;
use interest::{Eyes, Scene};
pub(crate) use key::Audience;
use key::StreamKey;
use placing::Placing;
use plans::{Plan, Plans};
use streams::{Made, Need, Streams};
pub(crate) use tables::Tables;
use viewer::{Contents, Held, WantsHashes};
pub(crate) use viewer::{OwnFacts, Viewer};

/// Builds the snapshots of one room. All memory is kept from snapshot to snapshot.
#[derive(Debug)]
pub(crate) struct Fanout {
    tables: Tables,
    tick_hz: u16,
    send_every: u16,
    /// The room's state, filled by the room before [`begin`](Self::begin).
    pub(crate) state: Extract,
    /// Droppable events until the next snapshot.
    pub(crate) events: Events,
    placing: Placing,
    streams: Streams,
    plans: Plans,
    /// Own sections of this snapshot, back to back.
    own: Vec<u8>,
    /// Audiences that events wait for, with their streams' numbers.
    heard: Vec<(Audience, u32)>,
    scratch: Scratch,
}

/// What a viewer's snapshot depends on beside the room's state.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Status {
    /// The player's team.
    pub(crate) team: Team,
    /// What the own section tells.
    pub(crate) own: OwnFacts,
    /// Whether reliable messages follow the snapshot.
    pub(crate) is_told: bool,
}

/// What one viewer's turn needs and the next reuses.
#[derive(Debug, Default)]
struct Scratch {
    wanted: Vec<(u32, StreamKey)>,
    plan: Plan,
    own_rows: Extract,
    private: Vec<u8>,
}

impl Fanout {
    /// For a game's tables and events, at these rates.
    pub(crate) fn new(tables: Tables, event: Shape, tick_hz: u16, send_every: u16) -> Self {
        Self {
            tables,
            tick_hz,
            send_every,
            state: Extract::default(),
            events: Events::new(event),
            placing: Placing::default(),
            streams: Streams::default(),
            plans: Plans::default(),
            own: Vec::new(),
            heard: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Chunks made since the room was opened.
    pub(crate) fn made(&self) -> Made {
        self.streams.made()
    }

    /// Encodes the streams of `state` at `tick`.
    pub(crate) fn begin(&mut self, tick: u32) {
        self.plans.clear();
        self.own.clear();
        self.placing.fill(&self.tables, &self.state);
        self.streams.advance(tick, &self.tables, &self.state, &self.placing);
        self.heard.clear();
        self.heard.extend(self.events.audiences());
    }

    /// Prepares the snapshot of one viewer, or none when there is nothing to tell.
    pub(crate) fn show(
        &mut self,
        tick: u32,
        viewer: &mut Viewer,
        status: Status,
        view: impl FnOnce() -> View,
    ) {
        let Status { team, own, is_told } = status;
        self.plan(tick, viewer, team, view);
        let restarts = self.scratch.plan.restarts();
        self.fill_own_rows(tick, viewer);
        self.scratch.private.clear();
        let Scratch { plan, own_rows, private, .. } = &mut self.scratch;
        let has_private = viewer.private.encode(own_rows, restarts, private);
        let is_news = is_told || has_private || !plan.is_empty();
        if !is_news && !viewer.is_due(tick, &own, self.tick_hz, self.send_every) {
            return;
        }
        let id = self.plans.write(tick, plan, &mut self.streams, &mut self.events);
        let wants = viewer.wants_hashes(tick);
        let wants = if plan.has_state() { wants } else { WantsHashes::No };
        let hashes = match wants {
            WantsHashes::No => &[],
            _ => self.plans.hashes(id, &mut self.streams),
        };
        let private = has_private.then_some(&private[..]);
        let contents = Contents { tick, restarts, private };
        viewer.prepare(&contents, own, (wants, hashes), id, &mut self.own);
    }

    /// Ends the snapshot: what nobody asked for is forgotten, events have been told.
    pub(crate) fn end(&mut self, tick: u32) {
        self.streams.retire(tick);
        self.events.clear();
    }

    /// Nobody watches: nothing is encoded until somebody does.
    pub(crate) fn rest(&mut self) {
        self.streams.reset();
        self.events.clear();
    }

    /// The snapshot that waits for a viewer: own section, shared chunks, verify bytes.
    pub(crate) fn ready(&self, viewer: &Viewer) -> Option<(&[u8], &[u8], usize)> {
        let ready = viewer.ready()?;
        Some((&self.own[ready.own.clone()], self.plans.bytes(ready.plan), ready.verify_bytes))
    }

    /// Works out which chunks a viewer needs, and what it has after them.
    fn plan(&mut self, tick: u32, viewer: &mut Viewer, team: Team, view: impl FnOnce() -> View) {
        let Scratch { wanted, plan, .. } = &mut self.scratch;
        let eyes = Eyes { player: viewer.player, team, held: &viewer.held };
        let scene =
            Scene { tick, tables: &self.tables, state: &self.state, placing: &self.placing };
        scene.choose(eyes, view, &mut self.streams, wanted);
        plan.clear();
        let is_wanted = |held: &Held| wanted.binary_search(&(held.number, held.key)).is_ok();
        for held in viewer.held.iter().filter(|held| !is_wanted(held)) {
            plan.left(held.number);
        }
        viewer.next.clear();
        for &(number, key) in wanted.iter() {
            let held = viewer.held.binary_search_by_key(&(number, key), |h| (h.number, h.key));
            let base = held.ok().and_then(|index| viewer.held[index].base);
            let (need, base) = self.streams.need(key, base);
            match need {
                Need::Nothing => {}
                Need::Delta => plan.delta(number),
                Need::Keyframe => plan.keyframe(number),
            }
            viewer.next.push(Held { number, key, base });
        }
        for &(audience, number) in &self.heard {
            if audience.admits(viewer.player, team) {
                plan.events(number);
            }
        }
    }

    /// The viewer's own rows, as far as it sees them: what its private fields belong to.
    fn fill_own_rows(&mut self, tick: u32, viewer: &Viewer) {
        let Scratch { wanted, own_rows, .. } = &mut self.scratch;
        let scene =
            Scene { tick, tables: &self.tables, state: &self.state, placing: &self.placing };
        own_rows.clear();
        let mut owned = self.placing.owned_by(viewer.player.0).peekable();
        for (index, table) in self.tables.layout.tables.iter().enumerate() {
            let (public, private) = own_rows.append(table.public_width, table.private_width);
            while let Some((_, row)) = owned.next_if(|(table, _)| *table == index) {
                if scene.sees((index, row), &self.streams, wanted) {
                    let columns = &self.state.public.tables[index];
                    public.push(columns.ids[row], columns.row(row));
                    private.push(columns.ids[row], self.state.private.tables[index].row(row));
                }
            }
        }
    }
}
