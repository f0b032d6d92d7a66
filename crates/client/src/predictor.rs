//! Own rows without waiting for the server: [`Game::predict`] on what the server has confirmed.
//!
//! Each own input moves the own rows at once. When a snapshot comes, the inputs it does not contain
//! yet are applied again on top of it. Where the confirmed rows differ in any bit from what was
//! predicted for that tick, it was a misprediction; the picture then does not jump: the difference
//! of smooth fields is kept as a visual error that halves every 60 ms.

mod own_rows;
mod visual_error;

use std::collections::VecDeque;
use std::sync::Arc;

use tickwire_game::inputs::settle;
use tickwire_game::{Game, Guess, Player, PlayerId, Replicate, Table};
use tickwire_wire::columns::Extract;
use tickwire_wire::layout::Layout;
use tickwire_wire::message::{InputMode, Welcome};
use tickwire_wire::schema::Schema;

use crate::fields::smooth_fields;
use crate::limits::PREDICTED_INPUTS;
use crate::typed;
use own_rows::{OwnRows, Written};
use visual_error::VisualError;

/// Ticks for which the server repeats a missing input before it takes `Default` (PROTOCOL section 6).
const REPEATED_TICKS: u32 = 5;

/// Predicts the rows of one player.
pub struct Predictor<G: Game> {
    me: PlayerId,
    tick_hz: u16,
    input_mode: InputMode,
    fixed: Arc<G::Fixed>,
    layout: Arc<Layout>,
    /// Players as of the newest snapshot.
    players: Table<Player>,
    /// Tick of the newest snapshot.
    confirmed_tick: u32,
    /// Own rows as of the newest snapshot.
    confirmed: OwnRows,
    /// Inputs that the newest snapshot does not contain, and what they led to.
    steps: VecDeque<Step<G>>,
    /// The state after the newest step; `None` before the first snapshot.
    state: Option<G::State>,
    /// Columns that `predict` has ever changed: only they can be mispredicted.
    written: Written,
    error: VisualError,
    mispredictions: u64,
    /// Columns of a predicted state. Kept for its memory.
    scratch: Extract,
}

/// One own input and the own rows after it.
struct Step<G: Game> {
    number: u32,
    input: G::Input,
    rows: OwnRows,
}

impl<G: Game> Predictor<G> {
    /// For the player of `welcome`, in rooms of `schema`, with the room's fixed data (see
    /// [`typed::fixed`]). Check with [`typed::check`] first that the schema is that of `G`.
    pub fn new(welcome: &Welcome, schema: &Schema, fixed: Arc<G::Fixed>) -> Self {
        let layout = Arc::new(Layout::new(schema));
        Self {
            me: PlayerId(welcome.player),
            tick_hz: welcome.tick_hz,
            input_mode: welcome.input_mode,
            fixed,
            error: VisualError::new(smooth_fields(schema, &layout)),
            written: Written::new(&layout),
            layout,
            players: Table::new(),
            confirmed_tick: 0,
            confirmed: OwnRows::default(),
            steps: VecDeque::new(),
            state: None,
            mispredictions: 0,
            scratch: Extract::default(),
        }
    }

    /// The predicted state: all rows as last received, own rows as far ahead as there are inputs.
    pub fn state(&self) -> Option<&G::State> {
        self.state.as_ref()
    }

    /// How often a confirmed own row differed from its prediction.
    pub fn mispredictions(&self) -> u64 {
        self.mispredictions
    }

    /// Inputs applied on top of the newest snapshot.
    pub fn ahead(&self) -> usize {
        self.steps.len()
    }

    /// Applies an own input at once. `number` is that of
    /// [`Session::due_input`](crate::session::Session::due_input). The input is first brought into
    /// the form in which the server will use it.
    pub fn input(&mut self, number: u32, input: &G::Input) {
        let mut input = input.clone();
        settle::<G>(&mut input);
        self.fill_gap(number);
        self.push(number, input);
    }

    /// Takes in a snapshot: its tick, the newest own input it contains, and its state.
    pub fn confirm(&mut self, now_us: u64, tick: u32, acked_input: Option<u32>, columns: &Extract) {
        let shown = self.head().clone();
        let predicted = self.drop_confirmed(tick, acked_input);
        self.confirmed = OwnRows::of(&self.layout, self.me, columns, 0);
        if predicted.is_some_and(|rows| self.written.differ(&rows, &self.confirmed)) {
            self.mispredictions += 1;
        }
        self.players = typed::players(columns);
        self.confirmed_tick = tick;
        let mut state = typed::state::<G>(columns);
        let mut steps = std::mem::take(&mut self.steps);
        let mut rows = self.confirmed.clone();
        for (index, step) in steps.iter_mut().enumerate() {
            let tick = self.tick_of(step.number, index);
            rows = self.step(&mut state, tick, &step.input, &rows);
            step.rows.clone_from(&rows);
        }
        self.steps = steps;
        if self.steps.is_empty() {
            self.error.clear();
        } else if self.state.is_some() {
            self.error.absorb(now_us, &shown, &rows);
        }
        self.state = Some(state);
    }

    /// The numbers of an own smooth field (see [`Sample::numbers`](crate::interpolator::Sample::numbers)) to draw at
    /// `now_us`: `share` (0.0..=1.0) of the way through the newest predicted tick, with what is left
    /// of past mispredictions. `None` when the row is not an own one or the field is not smooth.
    pub fn numbers(
        &self,
        now_us: u64,
        share: f64,
        table: usize,
        id: u32,
        field: usize,
    ) -> Option<[f64; 3]> {
        let before = match self.steps.len() {
            0 | 1 => &self.confirmed,
            len => &self.steps[len - 2].rows,
        };
        self.error.numbers(now_us, share, before, self.head(), (table, id, field))
    }

    /// Own rows as far ahead as predicted.
    fn head(&self) -> &OwnRows {
        self.steps.back().map_or(&self.confirmed, |step| &step.rows)
    }

    /// Forgets what the snapshot contains; the rows that were predicted for it, when there are any.
    fn drop_confirmed(&mut self, tick: u32, acked_input: Option<u32>) -> Option<OwnRows> {
        // In scheduled mode an input for a tick that has run is used or lost, but never still to come.
        let newest = match self.input_mode {
            InputMode::Scheduled => tick,
            InputMode::Latest => acked_input?,
        };
        let mut predicted = None;
        while self.steps.front().is_some_and(|step| step.number <= newest) {
            predicted = self.steps.pop_front().filter(|step| step.number == newest);
        }
        predicted.map(|step| step.rows)
    }

    /// Ticks without an input, between the last one and `number`: the server repeats the last.
    fn fill_gap(&mut self, number: u32) {
        if self.input_mode == InputMode::Latest {
            return;
        }
        let Some(last) = self.steps.back() else { return };
        let (from, repeated) = (last.number, last.input.clone());
        for missing in
            from.saturating_add(1)..number.min(from.saturating_add(PREDICTED_INPUTS as u32))
        {
            let input = if missing - from <= REPEATED_TICKS {
                repeated.clone()
            } else {
                G::Input::default()
            };
            self.push(missing, input);
        }
    }

    fn push(&mut self, number: u32, input: G::Input) {
        if self.steps.len() >= PREDICTED_INPUTS {
            // The server has not answered for seconds; what is drawn means little by now.
            self.steps.pop_front();
        }
        let mut rows = self.head().clone();
        if let Some(mut state) = self.state.take() {
            let tick = self.tick_of(number, self.steps.len());
            rows = self.step(&mut state, tick, &input, &rows);
            self.state = Some(state);
        }
        self.steps.push_back(Step { number, input, rows });
    }

    /// The tick that an input is predicted for; `index` is its place among the unconfirmed ones.
    fn tick_of(&self, number: u32, index: usize) -> u32 {
        match self.input_mode {
            InputMode::Scheduled => number,
            InputMode::Latest => self.confirmed_tick.saturating_add(index as u32 + 1),
        }
    }

    /// Predicts one tick; the own rows after it.
    fn step(
        &mut self,
        state: &mut G::State,
        tick: u32,
        input: &G::Input,
        before: &OwnRows,
    ) -> OwnRows {
        let guess: Guess<'_, G> =
            Guess { tick, tick_hz: self.tick_hz, fixed: &self.fixed, players: &self.players };
        guess.step(state, self.me, input);
        self.scratch.clear();
        state.extract(&mut self.scratch);
        let after = OwnRows::of(&self.layout, self.me, &self.scratch, typed::GAME_TABLES);
        self.written.note(before, &after);
        after
    }
}
