//! A room of one game: clients and fan-out around its world.

mod driven;

use std::sync::Arc;

use tickwire_game::loaded::Loaded;
use tickwire_game::{
    Assets, ColumnReader, Emitted, From, Game, Happenings, Id, PlayerId, Recording, Refusal, Team,
    TickEntry, Viewer, Wire, World,
};
use tickwire_wire::bits::BitWriter;
use tickwire_wire::close::{self, Close};
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::message::ServerMessage;
use tickwire_wire::plain::write_plain;
use tickwire_wire::prior::Prior;
use tickwire_wire::shape::Shape;

use crate::any::Relief;
use crate::clients::Clients;
use crate::config::RoomConfig;
use crate::facts::Facts;
use crate::fanout::{Audience, Fanout, Tables};
use crate::kind::prior_of;
use crate::limits::{BOT_RETRY_S, FINISHED_GRACE_US, MAX_RECORDING_BYTES, MAX_ROOM_ID_BYTES};
use crate::schedule::Schedule;

/// A room of one game. A shell drives it as an [`AnyRoom`](crate::AnyRoom).
///
/// The world changes only in `tick`, by one [`TickEntry`] per tick; everything a client or the clock
/// does ends up in such an entry or has no bearing on the match.
pub struct Room<G: Game> {
    world: World<G>,
    clients: Clients,
    fanout: Fanout,
    schedule: Schedule,
    /// Shape of an event, for reliable ones.
    event: Shape,
    /// Every entry so far, when asked for.
    recording: Option<Recording<G>>,
    /// Newest tick that has been encoded.
    encoded: u32,
    /// Newest tick of which it has been decided whether to encode it.
    weighed: u32,
    /// What the shell has asked to be saved.
    relief: Relief,
    /// When the clients of a finished match are closed.
    end_us: Option<u64>,
    /// Whether they have been: nothing moves any more.
    is_over: bool,
    /// Columns of the event being addressed.
    columns: Vec<u32>,
}

impl<G: Game> Room<G> {
    /// Opens a room. Its first tick is due at the first deadline after `now_us`.
    ///
    /// # Errors
    /// When the game refuses the options or an asset, its prior is none, or the room's id is empty
    /// or too long.
    pub fn open(
        options: G::Options,
        assets: &dyn Assets,
        config: RoomConfig,
        now_us: u64,
    ) -> Result<Self, Refusal> {
        World::<G>::check_settings(&options)?;
        let loaded = Loaded::load(&options, assets)?;
        Self::open_with(options, loaded, config, now_us, prior_of::<G>()?.as_ref())
    }

    /// Opens a room of a game whose prior and fixed data are there already.
    pub(crate) fn open_with(
        options: G::Options,
        loaded: Loaded<G>,
        config: RoomConfig,
        now_us: u64,
        prior: Option<&Prior>,
    ) -> Result<Self, Refusal> {
        if config.id.is_empty() || config.id.len() > MAX_ROOM_ID_BYTES {
            return Err(Refusal::new(format!("a room id has 1 to {MAX_ROOM_ID_BYTES} bytes")));
        }
        let options_json = serde_json::to_string(&options)
            .map_err(|error| Refusal::new(format!("the options are no JSON: {error}")))?;
        let recording = config.record.then(|| Recording::new(options.clone(), config.seed));
        let world = World::<G>::create_from(options, loaded, config.seed)?;
        let settings = *world.settings();
        let schema = World::<G>::schema();
        let (tick_hz, send_every) = (settings.tick_hz, settings.send_every);
        let coded = schema.at(tick_hz, send_every);
        let level = config.level.unwrap_or(settings.level);
        // Packed streams start from nothing, so that nobody need fetch a prior for them.
        let tried = config.prior.clone();
        let prior = tried.as_ref().or(prior).filter(|_| level != Level::Packed);
        let layout = Arc::new(match prior {
            Some(prior) => Layout::with_prior(&coded, level, prior),
            None => Layout::coded(&coded, level),
        });
        let infos = World::<G>::table_infos();
        let tables = Tables::new(&schema, layout, &infos, settings.cell_size);
        let schedule = Schedule::new(settings.tick_hz, config.phase_us, world.tick() + 1, now_us);
        let facts = Facts::new(
            config,
            now_us,
            settings,
            (G::NAME, &schema, &tables.layout),
            options_json,
            world.assets(),
        );
        Ok(Self {
            clients: Clients::new(facts),
            fanout: Fanout::new(tables, schema.event.clone(), tick_hz, send_every),
            schedule,
            event: schema.event,
            recording,
            encoded: world.tick(),
            weighed: world.tick(),
            relief: Relief::default(),
            end_us: world.finished().is_some().then_some(now_us),
            is_over: false,
            columns: Vec::new(),
            world,
        })
    }

    /// The world as of the newest tick.
    pub fn world(&self) -> &World<G> {
        &self.world
    }

    /// Computes one tick.
    fn step(&mut self, now_us: u64) {
        let entry = self.next_entry();
        if let Some(recording) = &mut self.recording
            && recording.size_bytes() < MAX_RECORDING_BYTES
        {
            recording.push(&entry);
        }
        let happenings = self.world.advance(&entry);
        self.settle_joins(&entry, &happenings);
        self.clients.counters.ticks += 1;
        if happenings.finished.is_some() {
            self.end_us = Some(now_us.saturating_add(FINISHED_GRACE_US));
        }
        for (from, seq, refusal) in happenings.refused_commands {
            if let From::Player(player) = from {
                self.clients.counters.refused += 1;
                let message = ServerMessage::Refused { seq, reason: refusal.reason };
                self.clients.tell(player, &message);
            }
        }
        happenings.events.iter().for_each(|event| self.address(event));
    }

    /// Everything that came from outside since the last tick.
    fn next_entry(&mut self) -> TickEntry<G> {
        let mut entry = self.world.next_entry();
        let news = self.clients.seats.news(entry.tick);
        entry.leaves = news.leaves;
        entry.joins = news.joins;
        entry.connections = news.connections;
        // All in one tick of a second: the players table then changes once, not all the time.
        if entry.tick.is_multiple_of(u32::from(self.world.settings().tick_hz)) {
            entry.pings = self.clients.take_rtt_news();
        }
        entry.commands.extend(self.clients.take_commands().into_iter().map(|queued| {
            let command = G::Command::get(&mut ColumnReader::new(&queued.columns));
            (From::Player(queued.player), queued.seq, command)
        }));
        self.clients.take_inputs(entry.tick, &self.schedule, |player, columns| {
            entry.inputs.push((player, G::Input::get(&mut ColumnReader::new(columns))));
        });
        for bot in self.clients.seats.bots() {
            if self.world.players().contains(Id::new(u32::from(bot.0))) {
                entry.inputs.push((bot, self.world.bot_input(bot)));
            }
        }
        entry
    }

    /// Tells the seats which of those who joined the world has let in.
    fn settle_joins(&mut self, entry: &TickEntry<G>, happenings: &Happenings<G>) {
        for (player, _) in &entry.joins {
            self.clients.seats.entered(*player);
        }
        let retry_tick = entry.tick + BOT_RETRY_S * u32::from(self.world.settings().tick_hz);
        for (player, refusal) in &happenings.refused_joins {
            self.clients.refused_entry(*player, &refusal.reason, retry_tick);
        }
    }

    /// Sends an event on its way: a reliable one as a numbered message, a droppable one with the
    /// next snapshot.
    fn address(&mut self, emitted: &Emitted<G::Event>) {
        let Some(audience) = Audience::of(emitted.to) else { return };
        self.columns.clear();
        emitted.event.put(&mut self.columns);
        if !emitted.reliable {
            self.fanout.push_event(audience, emitted.tick, &self.columns);
            return;
        }
        let mut bytes = Vec::new();
        let mut writer = BitWriter::new(&mut bytes);
        write_plain(&self.event, &self.columns, &mut writer);
        writer.finish();
        let message = ServerMessage::Event { tick: emitted.tick, bytes };
        let world = &self.world;
        self.clients.tell_all(audience, |player| team_of(world, player), &message);
    }

    /// Prepares the snapshots of the newest tick.
    fn show(&mut self) {
        let tick = self.world.tick();
        self.encoded = tick;
        let riders = self.clients.riders();
        if riders.iter().all(|&riders| riders == 0) {
            self.fanout.rest();
            return;
        }
        self.world.extract(&mut self.fanout.state);
        self.fanout.begin(tick, riders);
        let world = &self.world;
        self.clients.show(
            tick,
            &mut self.fanout,
            |player| team_of(world, player),
            |player, view| world.look(Viewer::Player(player), view),
        );
        self.fanout.end();
    }

    /// Closes the clients of a match that has been over for long enough.
    fn end_when_finished(&mut self, now_us: u64) {
        if self.end_us.is_some_and(|end_us| now_us >= end_us) && !self.is_over {
            self.is_over = true;
            let outcome = self.world.finished().unwrap_or_default();
            self.clients.shut(Close::new(close::NORMAL, outcome));
        }
    }
}

fn team_of<G: Game>(world: &World<G>, player: PlayerId) -> Team {
    world.players().get(Id::new(u32::from(player.0))).map_or(Team::NONE, |row| row.team)
}
