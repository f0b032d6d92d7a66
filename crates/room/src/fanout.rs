//! From a room's state to each client's snapshot: every stream encoded once, every set of streams
//! put together once.
//!
//! | step | where |
//! |---|---|
//! | which row belongs to which stream | [`tables`], [`placing`], [`grid`], [`key`], [`numbers`] |
//! | each stream's delta, catch-ups and keyframe | [`streams`], and [`lane`] for each rate |
//! | which streams a viewer has, and how often | [`interest`], [`viewer`], [`pace`], [`stall`] |
//! | droppable events, each once to each viewer | [`events`] |
//! | the same chunks for the same set | [`plans`] |

mod events;
mod grid;
mod interest;
mod key;
mod lane;
mod numbers;
mod pace;
mod placing;
mod plans;
mod stall;
mod streams;
mod tables;
mod viewer;

use tickwire_game::{Team, View};
use tickwire_wire::columns::Extract;
use tickwire_wire::shape::Shape;

use crate::limits::{EVENTS_MS, RATES};
use events::Events;
use interest::{Eyes, Scene, Want};
pub(crate) use key::Audience;
use lane::Lane;
use numbers::Numbers;
use placing::Placing;
use plans::{Plan, Plans};
use streams::{Made, Need};
pub(crate) use tables::Tables;
use viewer::{Contents, Held, WantsHashes};
pub(crate) use viewer::{OwnFacts, Taken, Viewer};

/// Clients at each of the [`RATES`].
pub(crate) type Riders = [u32; RATES.len()];

/// Builds the snapshots of one room. All memory is kept from snapshot to snapshot.
#[derive(Debug)]
pub(crate) struct Fanout {
    tables: Tables,
    tick_hz: u16,
    send_every: u16,
    /// Of how many snapshots the room makes one, while its shell is short of time; else 1.
    pub(crate) snapshot_every: u32,
    /// The room's state, filled by the room before [`begin`](Self::begin).
    pub(crate) state: Extract,
    placing: Placing,
    numbers: Numbers,
    /// One for each of the [`RATES`].
    lanes: [Lane; RATES.len()],
    events: Events,
    /// Ticks of the newest snapshot and of the one before.
    tick: u32,
    before: u32,
    plans: Plans,
    /// Own sections of this snapshot, back to back.
    own: Vec<u8>,
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
    view: View,
    wanted: Vec<Want>,
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
            snapshot_every: 1,
            state: Extract::default(),
            placing: Placing::default(),
            numbers: Numbers::default(),
            lanes: RATES.map(Lane::new),
            events: Events::new(event),
            tick: 0,
            before: 0,
            plans: Plans::default(),
            own: Vec::new(),
            scratch: Scratch::default(),
        }
    }

    /// Chunks made since the room was opened.
    pub(crate) fn made(&self) -> Made {
        let made = self.lanes.iter().map(|lane| lane.streams.made());
        made.fold(Made::default(), |sum, made| Made {
            keyframes: sum.keyframes + made.keyframes,
            catch_ups: sum.catch_ups + made.catch_ups,
            deltas: sum.deltas + made.deltas,
        })
    }

    /// A droppable event waits for the next snapshots.
    pub(crate) fn push_event(&mut self, audience: Audience, tick: u32, columns: &[u32]) {
        self.events.push(audience, tick, columns);
    }

    /// Encodes the streams of `state` at `tick`, at every rate that has its turn and `riders`.
    pub(crate) fn begin(&mut self, tick: u32, riders: Riders) {
        (self.before, self.tick) = (self.tick, tick);
        self.events.begin(tick, self.keep_ticks());
        let Self { tables, numbers, placing, state, .. } = self;
        self.plans.clear();
        self.own.clear();
        placing.fill(tables, state);
        let [full, others @ ..] = &mut self.lanes;
        for (lane, &riders) in others.iter_mut().zip(&riders[1..]) {
            match (lane.is_open(), riders > 0) {
                (false, true) => lane.open(full, tables, numbers),
                (true, false) => lane.close(tables, numbers),
                _ => {}
            }
        }
        let turn = (tick, tick / u32::from(self.send_every));
        full.begin(turn, tables, state, placing, numbers);
        for lane in others.iter_mut().filter(|lane| lane.is_open()) {
            lane.begin(turn, tables, state, placing, numbers);
        }
    }

    /// How long droppable events are kept: nobody who copes with its rate is to miss one.
    fn keep_ticks(&self) -> u32 {
        let slowest = u32::from(self.send_every) * self.snapshot_every * RATES[RATES.len() - 1];
        slowest.max(u32::from(self.tick_hz) * EVENTS_MS / 1000)
    }

    /// Whether this snapshot is for a viewer.
    pub(crate) fn is_due(&self, viewer: &Viewer) -> bool {
        self.lanes[viewer.pace.rate()].is_due()
    }

    /// Prepares the snapshot of one viewer, or none when there is nothing to tell.
    pub(crate) fn show(
        &mut self,
        tick: u32,
        viewer: &mut Viewer,
        status: Status,
        look: impl FnOnce(&mut View),
    ) {
        let Status { team, own, is_told } = status;
        self.plan(tick, viewer, team, look);
        let restarts = self.scratch.plan.restarts();
        self.fill_own_rows(viewer);
        let Scratch { plan, own_rows, private, .. } = &mut self.scratch;
        let lane = &mut self.lanes[viewer.pace.rate()];
        private.clear();
        let has_private = viewer.private.prepare(own_rows, restarts, private);
        let is_news = is_told || has_private || !plan.is_empty();
        let next_ticks = u32::from(self.send_every) * self.snapshot_every * lane.rate();
        if !is_news && !viewer.is_due(tick, &own, self.tick_hz, next_ticks) {
            return;
        }
        let id = self.plans.write(tick, plan, lane, &mut self.events);
        let shared_bytes = self.plans.bytes(id).len();
        let wants = viewer.wants_hashes(tick);
        let wants = if plan.has_state() { wants } else { WantsHashes::No };
        let hashes = match wants {
            WantsHashes::No => &[],
            _ => self.plans.hashes(id, lane),
        };
        let private = has_private.then_some(&private[..]);
        let contents = Contents { tick, team, restarts, private, sections: plan.sections() };
        viewer.prepare(&contents, own, (wants, hashes), (id, shared_bytes), &mut self.own);
    }

    /// Ends the snapshot: what nobody asked for is forgotten, events have been told.
    pub(crate) fn end(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.end(&self.tables, &mut self.numbers));
        self.events.end(self.tick);
    }

    /// Nobody watches: nothing is encoded until somebody does.
    pub(crate) fn rest(&mut self) {
        self.placing.reset();
        self.events.clear();
        self.lanes.iter_mut().for_each(|lane| lane.close(&self.tables, &mut self.numbers));
    }

    /// The snapshot that waits for a viewer: own section, shared chunks.
    pub(crate) fn ready(&self, viewer: &Viewer) -> Option<(&[u8], &[u8])> {
        let ready = viewer.ready()?;
        Some((&self.own[ready.own.clone()], self.plans.bytes(ready.plan)))
    }

    /// Works out which chunks a viewer needs, and what it has after them.
    fn plan(&mut self, tick: u32, viewer: &mut Viewer, team: Team, look: impl FnOnce(&mut View)) {
        let rate = viewer.pace.rate();
        let was = viewer.held_rate;
        let Scratch { view, wanted, plan, .. } = &mut self.scratch;
        view.clear();
        if self.tables.grid.is_some() {
            look(view);
        }
        let held = &viewer.held[..];
        let eyes = Eyes { player: viewer.player, team, held, same_rate: was == rate };
        let scene =
            Scene { tick, tables: &self.tables, state: &self.state, placing: &self.placing };
        let streams = &mut self.lanes[rate].streams;
        scene.choose(eyes, view, streams, &mut self.numbers, wanted);
        plan.clear();
        for held in held {
            let is_wanted = wanted.binary_search_by_key(&held.number, |want| want.number);
            if !is_wanted.is_ok_and(|at| wanted[at].key == held.key) {
                plan.left(held.number);
            }
        }
        viewer.next.clear();
        for &Want { number, key, since, slot } in wanted.iter() {
            let held = held.binary_search_by_key(&(number, key, since), Held::which);
            let base = held.ok().and_then(|index| viewer.held[index].base);
            // Both histories are copies of one at the full rate up to the earlier copy.
            let from_other = (was != rate).then(|| {
                let copied = |rate: usize| match rate {
                    0 => Some(u32::MAX),
                    rate => self.lanes[rate].streams.copied(key),
                };
                Some(copied(was)?.min(copied(rate)?))
            });
            let (need, base) = self.lanes[rate].streams.need(slot, base, from_other);
            match need {
                Need::Nothing => plan.unchanged(),
                Need::Delta => plan.delta(slot),
                Need::CatchUp { from } => plan.catch_up(slot, from),
                Need::Keyframe => plan.keyframe(slot, key == key::StreamKey::MAIN),
            }
            viewer.next.push(Held { number, key, since, base });
        }
        for &untold in self.events.after(viewer.told_until(team, self.before)) {
            if untold.audience.admits(viewer.player, team) {
                plan.events(untold);
            }
        }
        plan.finish();
    }

    /// The viewer's own rows, as far as it sees them: what its private fields belong to.
    fn fill_own_rows(&mut self, viewer: &Viewer) {
        let Scratch { wanted, own_rows, .. } = &mut self.scratch;
        let mut owned = self.placing.owned_by(viewer.player.0).peekable();
        own_rows.clear();
        for (index, table) in self.tables.layout.tables.iter().enumerate() {
            let (public, private) = own_rows.append(table.public_width, table.private_width);
            while let Some((_, row)) = owned.next_if(|(table, _)| *table == index) {
                let columns = &self.state.public.tables[index];
                let home = self.placing.home(&self.tables, &self.state, (index, row));
                if interest::sees((index, columns.ids[row]), home, wanted) {
                    public.push(columns.ids[row], columns.row(row));
                    private.push(columns.ids[row], self.state.private.tables[index].row(row));
                }
            }
        }
    }
}
