//! Draws other entities smoothly, a little in the past.
//!
//! Snapshots go into a buffer; the drawn clock ([`Clock::drawn`](crate::clock::Clock::drawn)) lags
//! them by their interval and as much as their arrival jitters, so that the picture nearly always
//! lies between two known states. Fields marked `lerp` move between them; everything else shows
//! the older one until the newer one is reached.

use std::collections::VecDeque;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::schema::Schema;

use crate::fields::{SmoothField, smooth_fields};
use crate::limits::{INTERPOLATOR_SNAPSHOTS, SEND_GAP_MAX, TELEPORT_FACTOR, TELEPORT_STEPS};

/// The newest snapshots of a room, and how to draw between them.
#[derive(Debug)]
pub struct Interpolator {
    /// Smooth fields by table.
    fields: Vec<Vec<SmoothField>>,
    tick_hz: f64,
    send_every: u32,
    /// Oldest first.
    frames: VecDeque<Frame>,
}

#[derive(Debug, Clone)]
struct Frame {
    tick: u32,
    state: StateColumns,
}

/// The room at one instant between two snapshots.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    fields: &'a [Vec<SmoothField>],
    tick_hz: f64,
    from: &'a Frame,
    /// The same as `from` when nothing newer is known.
    to: &'a Frame,
    /// Ticks that the movement takes, up to `to`.
    span: f64,
    /// Part of the way, 0.0..=1.0.
    share: f64,
}

impl Interpolator {
    /// An empty buffer for a room of `schema` with the rates that Welcome names.
    pub fn new(schema: &Schema, tick_hz: u16, send_every: u16) -> Self {
        Self {
            fields: smooth_fields(schema, &Layout::new(schema)),
            tick_hz: f64::from(tick_hz.max(1)),
            send_every: u32::from(send_every.max(1)),
            frames: VecDeque::with_capacity(INTERPOLATOR_SNAPSHOTS),
        }
    }

    /// Takes in the public columns of the newest state. A tick that is not newer than the newest
    /// known one starts afresh: the room was moved back.
    pub fn push(&mut self, tick: u32, state: &StateColumns) {
        if self.frames.back().is_some_and(|newest| newest.tick >= tick) {
            self.frames.clear();
        }
        if self.frames.len() < INTERPOLATOR_SNAPSHOTS {
            self.frames.push_back(Frame { tick, state: state.clone() });
        } else if let Some(mut oldest) = self.frames.pop_front() {
            oldest.tick = tick;
            oldest.state.copy_from(state);
            self.frames.push_back(oldest);
        }
    }

    /// Forgets everything, as after a hidden tab or a change of room.
    pub fn clear(&mut self) {
        self.frames.clear();
    }

    /// The room at `drawn` ticks: before the oldest known state that one, after the newest that one.
    /// `None` before the first snapshot.
    pub fn sample(&self, drawn: f64) -> Option<Sample<'_>> {
        let newer = self.frames.iter().position(|frame| f64::from(frame.tick) > drawn);
        let (from, to) = match newer {
            Some(0) => (self.frames.front()?, self.frames.front()?),
            Some(index) => (&self.frames[index - 1], &self.frames[index]),
            None => (self.frames.back()?, self.frames.back()?),
        };
        let gap = to.tick - from.tick;
        // A long gap means that nothing changed for long, not that the change took long.
        let span = if gap > SEND_GAP_MAX * self.send_every { self.send_every } else { gap };
        let begins = f64::from(to.tick - span);
        let share = ((drawn - begins) / f64::from(span.max(1))).clamp(0.0, 1.0);
        Some(Sample {
            fields: &self.fields,
            tick_hz: self.tick_hz,
            from,
            to,
            span: f64::from(span),
            share,
        })
    }
}

impl Sample<'_> {
    /// Tick of the older of the two states.
    pub fn from_tick(&self) -> u32 {
        self.from.tick
    }

    /// Tick of the newer of the two states; the same when nothing newer is known.
    pub fn to_tick(&self) -> u32 {
        self.to.tick
    }

    /// The rows and held fields that are shown: those of the older state.
    pub fn held(&self) -> &StateColumns {
        &self.from.state
    }

    /// The numbers of a field at this instant, finer than the wire's steps: one for a number or
    /// angle, two or three for a vector. `None` when the row is not there or the field is not a
    /// number marked `lerp`.
    pub fn numbers(&self, table: usize, id: u32, field: usize) -> Option<[f64; 3]> {
        let smooth = self.fields.get(table)?.iter().find(|smooth| smooth.field == field)?;
        let from = self.from.state.tables.get(table)?.get(id)?;
        let to = self.to.state.tables.get(table)?.get(id).unwrap_or(from);
        Some(self.between(smooth, from, to))
    }

    /// Becomes the public columns at this instant, rounded to the wire's steps: what typed code reads.
    pub fn write(&self, out: &mut StateColumns) {
        out.copy_from(&self.from.state);
        if self.share <= 0.0 {
            return;
        }
        for ((table, newer), fields) in
            out.tables.iter_mut().zip(&self.to.state.tables).zip(self.fields)
        {
            if fields.is_empty() {
                continue;
            }
            for index in 0..table.ids.len() {
                let Some(to) = newer.get(table.ids[index]) else { continue };
                for field in fields {
                    let now = self.between(field, table.row(index), to);
                    let start = index * table.width + field.offset;
                    let cells = &mut table.cells[start..start + field.columns];
                    for (cell, value) in cells.iter_mut().zip(now) {
                        *cell = field.scale.raw(value);
                    }
                }
            }
        }
    }

    /// A field on its way from one row to the other.
    fn between(&self, field: &SmoothField, from: &[u32], to: &[u32]) -> [f64; 3] {
        let jumps = self.teleports(field, from, to);
        let mut numbers = [0.0; 3];
        for (index, number) in numbers.iter_mut().enumerate().take(field.columns) {
            let a = field.scale.value(from[field.offset + index]);
            let b = field.scale.value(to[field.offset + index]);
            let way = if jumps { 0.0 } else { field.scale.difference(a, b) * self.share };
            *number = a + way;
        }
        numbers
    }

    /// Whether the distance is far beyond what the row's own speed explains. Fields without a
    /// velocity never are.
    fn teleports(&self, field: &SmoothField, from: &[u32], to: &[u32]) -> bool {
        let Some(velocity) = &field.velocity else { return false };
        let (mut distance, mut speed) = (0.0, 0.0);
        for index in 0..field.columns {
            let number = |row: &[u32]| field.scale.value(row[field.offset + index]);
            let rate = |row: &[u32]| velocity.scale.value(row[velocity.offset + index]);
            let way = field.scale.difference(number(from), number(to));
            let rate = rate(from).abs().max(rate(to).abs());
            distance += way * way;
            speed += rate * rate;
        }
        let reach = speed.sqrt() * self.span / self.tick_hz;
        distance.sqrt() > TELEPORT_FACTOR * reach + TELEPORT_STEPS * field.scale.step()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tickwire_wire::quant::FloatSpec;
    use tickwire_wire::schema::{Audience, FieldSchema, TableSchema, players_table};
    use tickwire_wire::shape::Shape;

    /// Table 1: `pos` (step 0.5, lerp, velocity), `vel`, `aim` (8 bits, lerp), `health`.
    fn schema() -> Schema {
        let spec = FloatSpec { min: 0.0, step: 0.5, max_raw: 255 };
        let rate = FloatSpec { min: -64.0, step: 1.0, max_raw: 127 };
        let mut pos = FieldSchema::new("pos", Shape::Vector { n: 2, spec });
        (pos.lerp, pos.velocity) = (true, Some(1));
        let vel = FieldSchema::new("vel", Shape::Vector { n: 2, spec: rate });
        let mut aim = FieldSchema::new("aim", Shape::Angle { bits: 8 });
        aim.lerp = true;
        let health = FieldSchema::new("health", Shape::Int { min: 0, max: 100 });
        Schema {
            protocol: 1,
            game: "test".into(),
            tick_hz: 10,
            send_every: 1,
            tables: vec![
                players_table(),
                TableSchema {
                    name: "ships".into(),
                    single: false,
                    owner: None,
                    audience: Audience::Everyone,
                    fields: vec![pos, vel, aim, health],
                },
            ],
            input: Shape::Unit,
            sticky: vec![],
            command: Shape::Unit,
            event: Shape::Unit,
        }
    }

    /// Columns: x, y, vx, vy, aim, health.
    fn state(rows: &[(u32, [u32; 6])]) -> StateColumns {
        let mut state = StateColumns::public(&Layout::new(&schema()));
        rows.iter().for_each(|(id, row)| state.tables[1].push(*id, row));
        state
    }

    #[test]
    fn smooth_fields_move_and_the_others_hold() {
        let mut buffer = Interpolator::new(&schema(), 10, 1);
        buffer.push(10, &state(&[(1, [10, 20, 104, 64, 250, 100])]));
        buffer.push(11, &state(&[(1, [14, 20, 104, 64, 6, 90])]));
        let sample = buffer.sample(10.25).unwrap();
        let pos = sample.numbers(1, 1, 0).unwrap();
        assert_eq!(pos, [5.5, 10.0, 0.0]);
        let mut columns = StateColumns::default();
        sample.write(&mut columns);
        // 250 to 6 goes through 256: a quarter of 12 steps.
        assert_eq!(columns.tables[1].row(0), [11, 20, 104, 64, 253, 100]);
        assert_eq!(sample.numbers(1, 1, 3), None, "health is not smooth");
        assert_eq!(sample.numbers(1, 2, 0), None, "no such row");
    }

    #[test]
    fn before_the_first_and_after_the_last_state_the_picture_stands() {
        let mut buffer = Interpolator::new(&schema(), 10, 1);
        assert!(buffer.sample(5.0).is_none());
        buffer.push(10, &state(&[(1, [10, 0, 64, 64, 0, 0])]));
        buffer.push(11, &state(&[(1, [11, 0, 64, 64, 0, 0])]));
        for (drawn, x) in [(3.0, 5.0), (10.0, 5.0), (11.0, 5.5), (19.0, 5.5)] {
            assert_eq!(buffer.sample(drawn).unwrap().numbers(1, 1, 0).unwrap()[0], x, "{drawn}");
        }
    }

    #[test]
    fn rows_come_and_go_with_their_own_tick() {
        let mut buffer = Interpolator::new(&schema(), 10, 1);
        buffer.push(1, &state(&[(1, [0; 6])]));
        buffer.push(2, &state(&[(2, [0; 6])]));
        assert_eq!(buffer.sample(1.9).unwrap().held().tables[1].ids, [1]);
        assert_eq!(buffer.sample(2.0).unwrap().held().tables[1].ids, [2]);
    }

    #[test]
    fn a_jump_beyond_its_speed_is_a_teleport() {
        let mut buffer = Interpolator::new(&schema(), 10, 1);
        buffer.push(1, &state(&[(1, [10, 10, 64, 64, 0, 0])]));
        buffer.push(2, &state(&[(1, [200, 10, 64, 64, 0, 0])]));
        assert_eq!(buffer.sample(1.9).unwrap().numbers(1, 1, 0).unwrap()[0], 5.0);
        assert_eq!(buffer.sample(2.0).unwrap().numbers(1, 1, 0).unwrap()[0], 100.0);
    }

    #[test]
    fn after_a_long_rest_a_movement_takes_one_interval() {
        let mut buffer = Interpolator::new(&schema(), 10, 1);
        buffer.push(10, &state(&[(1, [10, 0, 84, 64, 0, 0])]));
        buffer.push(30, &state(&[(1, [14, 0, 84, 64, 0, 0])]));
        assert_eq!(buffer.sample(29.0).unwrap().numbers(1, 1, 0).unwrap()[0], 5.0);
        assert_eq!(buffer.sample(29.5).unwrap().numbers(1, 1, 0).unwrap()[0], 6.0);
    }

    #[test]
    fn memory_is_bounded_and_going_back_starts_afresh() {
        let mut buffer = Interpolator::new(&schema(), 10, 1);
        for tick in 0..1000 {
            buffer.push(tick, &state(&[(1, [tick % 256, 0, 64, 64, 0, 0])]));
        }
        assert_eq!(buffer.frames.len(), INTERPOLATOR_SNAPSHOTS);
        assert_eq!(buffer.sample(0.0).unwrap().from_tick(), 1000 - INTERPOLATOR_SNAPSHOTS as u32);
        buffer.push(5, &state(&[]));
        assert_eq!(buffer.frames.len(), 1);
    }
}
