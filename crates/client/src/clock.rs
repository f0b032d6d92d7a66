//! Two clocks steered by feedback: the tick for which inputs are made, and the tick that is drawn.
//!
//! Nothing here estimates a round trip or compares wall clocks. Each snapshot reports how early
//! this client's inputs came (`input_margin`); the input clock runs up to 3 % faster or slower until
//! they come as early as wanted: half a tick on a quiet line, more when the reports jitter. The
//! drawn clock follows the arrival of snapshots in the same way, as far behind the newest one as
//! their jitter demands. An error past 10 ticks (a new network, a laptop that slept) is not steered
//! but jumped.

use crate::limits::{
    CLOCK_GAIN, CLOCK_HOLD_TICKS, CLOCK_RATE_MAX, CLOCK_SETTLED_TICKS, CLOCK_SETTLING_REPORTS,
    CLOCK_SNAP_TICKS, DRAWN_LAG_FLOOR_TICKS, DRAWN_LAG_JITTERS, DRAWN_LAG_MAX_TICKS,
    DRAWN_PLACED_TICKS, DRAWN_PLACING_SNAPSHOTS, INPUT_LEAD_FLOOR_TICKS, INPUT_LEAD_JITTERS,
    INPUT_LEAD_MAX_TICKS, INPUT_LEAD_TICKS,
};

/// The two clocks of one connection. All positions are ticks, with fractions.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Runs ahead of the server: an input for tick T is made when it passes T.
    input: Servo,
    /// Runs behind the newest snapshot.
    drawn: Servo,
    /// Spread of the reported input margins.
    margin_jitter: Jitter,
    /// Spread of `arrival time - tick` of snapshots.
    arrival_jitter: Jitter,
    /// Snapshots up to this tick still report on inputs made before the last jump.
    blind_until_tick: f64,
    /// Reports that may still jump the input clock because play has just begun.
    settling: u32,
    /// Ticks between two snapshots.
    send_every: f64,
    /// Last tick handed out by [`Clock::due_input`].
    last_input: u32,
    /// Whether a snapshot has placed the drawn clock.
    drawing: bool,
    /// Snapshots that may still place the drawn clock at once because play has just begun.
    placing: u32,
    /// When the last of them came.
    placed_us: u64,
}

impl Clock {
    /// A clock for a room that was at `tick` when its Welcome, which arrived at `now_us`, was
    /// written. `round_trip_us` is the time from Hello to Welcome, a first guess that feedback
    /// soon replaces.
    pub fn new(now_us: u64, tick: u32, tick_hz: u16, send_every: u16, round_trip_us: u64) -> Self {
        let ticks_per_us = f64::from(tick_hz.max(1)) / 1e6;
        let round_trip = (round_trip_us as f64 * ticks_per_us).min(INPUT_LEAD_MAX_TICKS);
        // The tick under way when the input arrives is lost, hence + 1.
        let target = f64::from(tick) + 1.0 + round_trip + INPUT_LEAD_TICKS;
        Self {
            input: Servo::new(now_us, target, ticks_per_us),
            drawn: Servo::new(now_us, f64::from(tick), ticks_per_us),
            margin_jitter: Jitter::default(),
            arrival_jitter: Jitter::default(),
            blind_until_tick: 0.0,
            settling: CLOCK_SETTLING_REPORTS,
            send_every: f64::from(send_every.max(1)),
            last_input: target as u32,
            drawing: false,
            placing: DRAWN_PLACING_SNAPSHOTS,
            placed_us: 0,
        }
    }

    /// Takes in a snapshot of `tick` that arrived at `now_us`. `margin_eighths` is its
    /// `input_margin` (1/8 ticks), `None` when the server knew none.
    pub fn on_snapshot(&mut self, now_us: u64, tick: u32, margin_eighths: Option<i8>) {
        self.steer_drawn(now_us, tick);
        if let Some(eighths) = margin_eighths {
            self.steer_input(now_us, tick, f64::from(eighths) / 8.0);
        }
    }

    /// The tick for which an input made at `now_us` is meant, with its fraction.
    pub fn target(&self, now_us: u64) -> f64 {
        self.input.position(now_us)
    }

    /// The tick whose picture belongs on the screen at `now_us`, with its fraction.
    pub fn drawn(&self, now_us: u64) -> f64 {
        self.drawn.position(now_us).max(0.0)
    }

    /// [`Clock::drawn`] in sixteenths modulo 2³², as it travels with inputs; 0 before the first
    /// snapshot.
    pub fn drawn_sixteenths(&self, now_us: u64) -> u32 {
        if self.drawing { (self.drawn(now_us) * 16.0) as u64 as u32 } else { 0 }
    }

    /// The number of the tick whose input is due at `now_us`, at most once per tick; after a pause
    /// the newest one, the older are skipped.
    pub fn due_input(&mut self, now_us: u64) -> Option<u32> {
        let tick = self.target(now_us) as u32;
        if tick <= self.last_input {
            return None;
        }
        self.last_input = tick;
        Some(tick)
    }

    /// When the next input falls due, as the clock runs now, in µs of the caller's time.
    pub fn next_input_us(&self, now_us: u64) -> u64 {
        self.input.reaches_us(now_us, f64::from(self.last_input) + 1.0)
    }

    /// How early inputs should come, in ticks, by the jitter seen so far.
    pub fn wanted_lead(&self) -> f64 {
        let by_jitter = INPUT_LEAD_FLOOR_TICKS + INPUT_LEAD_JITTERS * self.margin_jitter.spread;
        by_jitter.clamp(INPUT_LEAD_TICKS, INPUT_LEAD_MAX_TICKS)
    }

    /// How far the picture lags the newest snapshot, in ticks, by the jitter seen so far.
    pub fn wanted_lag(&self) -> f64 {
        let by_jitter = DRAWN_LAG_FLOOR_TICKS + DRAWN_LAG_JITTERS * self.arrival_jitter.spread;
        (self.send_every + by_jitter).min(DRAWN_LAG_MAX_TICKS.max(self.send_every))
    }

    /// Mean margin of the inputs in ticks, as last reported; 0 before any report.
    pub fn margin(&self) -> f64 {
        self.margin_jitter.mean.unwrap_or(0.0)
    }

    /// Rate of the input clock; 1.0 is the server's nominal rate.
    pub fn rate(&self) -> f64 {
        self.input.rate
    }

    /// How often the input clock jumped.
    pub fn jumps(&self) -> u32 {
        self.input.jumps
    }

    fn steer_input(&mut self, now_us: u64, tick: u32, margin: f64) {
        if f64::from(tick) < self.blind_until_tick {
            return;
        }
        let error = self.wanted_lead() - margin;
        let settles = self.settling > 0 && error.abs() > CLOCK_SETTLED_TICKS;
        self.settling = self.settling.saturating_sub(1);
        if settles || error.abs() > CLOCK_SNAP_TICKS {
            let before = self.input.position(now_us);
            self.input.jump(now_us, error);
            // Inputs on their way still tell of the old phase; a second jump would overshoot.
            self.blind_until_tick = before.max(before + error) + 1.0;
            self.margin_jitter.mean = None;
        } else {
            // Half a step of the report is rounding, not jitter.
            self.margin_jitter.note(margin, |deviation| -deviation - 0.5 / 8.0);
            self.input.steer(now_us, error);
        }
    }

    fn steer_drawn(&mut self, now_us: u64, tick: u32) {
        let arrival = now_us as f64 * self.drawn.ticks_per_us - f64::from(tick);
        let begins = self.begins(now_us);
        if begins {
            // What waited while the client loaded says nothing of the line.
            self.arrival_jitter.mean = Some(arrival);
        } else {
            self.arrival_jitter.note(arrival, |deviation| deviation);
        }
        let error = f64::from(tick) - self.wanted_lag() - self.drawn.position(now_us);
        let most = if begins { DRAWN_PLACED_TICKS } else { CLOCK_SNAP_TICKS };
        if !self.drawing || error.abs() > most {
            self.drawing = true;
            self.drawn.jump(now_us, error);
            self.arrival_jitter.mean = Some(arrival);
        } else {
            self.drawn.steer(now_us, error);
        }
    }

    /// Whether a snapshot that arrives now is of the first ones. A backlog that comes all at once
    /// counts as one.
    fn begins(&mut self, now_us: u64) -> bool {
        if self.placing == 0 {
            return false;
        }
        let passed = now_us.saturating_sub(self.placed_us) as f64 * self.drawn.ticks_per_us;
        self.placed_us = now_us;
        if passed >= 0.5 {
            self.placing -= 1;
        }
        true
    }
}

/// A position that moves with time and can be pushed gently.
#[derive(Debug, Clone)]
struct Servo {
    /// Time of the last correction.
    anchor_us: u64,
    /// Position at that time.
    anchor: f64,
    /// Speed relative to nominal, in force for [`CLOCK_HOLD_TICKS`] after the anchor.
    rate: f64,
    /// Nominal speed.
    ticks_per_us: f64,
    /// Jumps so far.
    jumps: u32,
}

impl Servo {
    fn new(now_us: u64, position: f64, ticks_per_us: f64) -> Self {
        Self { anchor_us: now_us, anchor: position, rate: 1.0, ticks_per_us, jumps: 0 }
    }

    fn position(&self, now_us: u64) -> f64 {
        let passed = now_us.saturating_sub(self.anchor_us) as f64 * self.ticks_per_us;
        self.anchor + passed + passed.min(CLOCK_HOLD_TICKS) * (self.rate - 1.0)
    }

    /// First time at or after `now_us` at which the position is `position` or more.
    fn reaches_us(&self, now_us: u64, position: f64) -> u64 {
        let missing = position - self.position(now_us);
        if missing <= 0.0 {
            return now_us;
        }
        // One µs more than the exact answer, so that rounding does not wake the caller too early.
        now_us + (missing / (self.rate * self.ticks_per_us)) as u64 + 1
    }

    fn steer(&mut self, now_us: u64, error: f64) {
        self.anchor = self.position(now_us);
        self.anchor_us = self.anchor_us.max(now_us);
        self.rate = 1.0 + (error * CLOCK_GAIN).clamp(-CLOCK_RATE_MAX, CLOCK_RATE_MAX);
    }

    fn jump(&mut self, now_us: u64, by: f64) {
        self.anchor = self.position(now_us) + by;
        self.anchor_us = self.anchor_us.max(now_us);
        self.rate = 1.0;
        self.jumps = self.jumps.saturating_add(1);
    }
}

/// Mean of a series and the reach of its bad side: quick to grow, slow to shrink.
#[derive(Debug, Clone, Default)]
struct Jitter {
    mean: Option<f64>,
    spread: f64,
}

impl Jitter {
    /// Takes in a sample; `badness` maps its deviation from the mean to how bad that is.
    fn note(&mut self, sample: f64, badness: impl Fn(f64) -> f64) {
        let mean = self.mean.get_or_insert(sample);
        let deviation = sample - *mean;
        *mean += deviation / 8.0;
        let bad = badness(deviation).max(0.0);
        let share = if bad > self.spread { 1.0 / 4.0 } else { 1.0 / 64.0 };
        self.spread += (bad - self.spread) * share;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HZ: u16 = 30;
    const TICK_US: f64 = 1e6 / 30.0;

    /// A server at 30 Hz and a line with a fixed delay plus noise each way, driven tick by tick.
    struct Line {
        clock: Clock,
        up_us: f64,
        noise: Box<dyn Fn(u32) -> f64>,
        /// Arrival time at the server, by input number.
        arrivals: std::collections::BTreeMap<u32, f64>,
        now_us: f64,
        late: u32,
        inputs: u32,
    }

    impl Line {
        fn new(up_us: f64, guess_us: u64, noise: impl Fn(u32) -> f64 + 'static) -> Self {
            Self {
                clock: Clock::new(0, 0, HZ, 1, guess_us),
                up_us,
                noise: Box::new(noise),
                arrivals: Default::default(),
                now_us: 0.0,
                late: 0,
                inputs: 0,
            }
        }

        /// Runs the client up to server tick `tick`, then delivers the snapshot of that tick.
        /// Server tick n runs at n ticks; its snapshot arrives `up_us` + noise later.
        fn tick(&mut self, tick: u32) {
            let arrives_us = f64::from(tick) * TICK_US + self.up_us + (self.noise)(tick);
            while self.now_us < arrives_us {
                self.now_us += 500.0;
                if let Some(number) = self.clock.due_input(self.now_us as u64) {
                    let delay_us = self.up_us + (self.noise)(number.wrapping_mul(7));
                    self.arrivals.insert(number, self.now_us + delay_us);
                    self.inputs += 1;
                }
            }
            let deadline_us = f64::from(tick) * TICK_US;
            let margin = self.arrivals.get(&tick).map(|at| (deadline_us - at) / TICK_US);
            self.late += u32::from(margin.is_some_and(|m| m < 0.0));
            let eighths = margin.map(|m| (m * 8.0).floor().clamp(-127.0, 127.0) as i8);
            self.clock.on_snapshot(self.now_us as u64, tick, eighths);
        }

        fn run(&mut self, ticks: std::ops::Range<u32>) {
            ticks.for_each(|tick| self.tick(tick));
        }
    }

    fn noise(seed: u32, width_us: f64) -> f64 {
        let mixed = seed.wrapping_mul(0x9E37_79B9).rotate_left(13).wrapping_mul(0x85EB_CA6B);
        f64::from(mixed >> 8) / f64::from(1 << 24) * width_us
    }

    #[test]
    fn settles_at_half_a_tick_on_a_quiet_line() {
        let mut line = Line::new(200.0, 30_000, |_| 0.0);
        line.run(1..90);
        let margin = line.clock.margin();
        assert!((0.35..0.65).contains(&margin), "margin {margin}");
        assert!((line.clock.wanted_lead() - 0.5).abs() < 1e-9);
        line.late = 0;
        line.run(90..900);
        assert_eq!(line.late, 0);
    }

    #[test]
    fn a_bad_first_guess_is_mended_without_running_away() {
        for guess_us in [0, 100_000, 300_000] {
            let mut line = Line::new(60_000.0, guess_us, |_| 0.0);
            line.run(1..60);
            let margin = line.clock.margin();
            assert!((0.3..0.8).contains(&margin), "guess {guess_us}: margin {margin}");
            assert!(line.clock.jumps() <= 3);
        }
    }

    #[test]
    fn under_jitter_the_lead_grows_until_hardly_an_input_is_late() {
        let mut line = Line::new(40_000.0, 80_000, |n| noise(n, 40_000.0));
        line.run(1..300);
        (line.late, line.inputs) = (0, 0);
        line.run(300..1800);
        assert!(line.clock.wanted_lead() > 0.8, "lead {}", line.clock.wanted_lead());
        assert!(line.clock.wanted_lead() < 4.0, "lead {}", line.clock.wanted_lead());
        assert!(line.late * 100 <= line.inputs, "{} of {} late", line.late, line.inputs);
        assert!(line.inputs >= 1490, "{} inputs in 1500 ticks", line.inputs);
    }

    #[test]
    fn a_drift_of_the_local_clock_is_followed() {
        // The client's oscillator is 0.1 % fast: emulated by a delay that shrinks as ticks pass.
        let mut line = Line::new(100_000.0, 200_000, |n| -f64::from(n % 10_000) * 33.0);
        line.run(1..90);
        line.late = 0;
        line.run(90..1500);
        assert_eq!(line.late, 0);
        let margin = line.clock.margin();
        assert!((0.3..1.2).contains(&margin), "margin {margin}");
    }

    #[test]
    fn the_rate_stays_within_three_percent() {
        let mut line = Line::new(30_000.0, 30_000, |n| noise(n, 120_000.0));
        for tick in 1..600 {
            line.tick(tick);
            assert!((line.clock.rate() - 1.0).abs() <= CLOCK_RATE_MAX + 1e-12);
        }
    }

    #[test]
    fn an_error_past_ten_ticks_jumps_once() {
        let mut line = Line::new(1_000.0, 2_000, |_| 0.0);
        line.run(1..120);
        let jumps = line.clock.jumps();
        line.up_us = 400_000.0; // the line suddenly takes 12 ticks longer
        line.run(120..240);
        assert_eq!(line.clock.jumps(), jumps + 1);
        line.late = 0;
        line.run(240..600);
        assert_eq!(line.late, 0);
        assert!(line.clock.margin() < 3.0, "margin {}", line.clock.margin());
    }

    #[test]
    fn the_picture_stays_behind_the_newest_snapshot_by_the_jitter() {
        let mut quiet = Line::new(20_000.0, 40_000, |_| 0.0);
        quiet.run(1..300);
        let lag = 299.0 - quiet.clock.drawn(quiet.now_us as u64);
        assert!((1.0..1.6).contains(&lag), "lag {lag}");

        let mut rough = Line::new(20_000.0, 40_000, |n| noise(n, 60_000.0));
        rough.run(1..300);
        assert!(rough.clock.wanted_lag() > quiet.clock.wanted_lag() + 0.5);
        // Between arrivals the picture hardly ever runs past what is known.
        let mut past = 0;
        for tick in 300..900 {
            let newest = tick - 1;
            rough.tick(tick);
            past +=
                u32::from(rough.clock.drawn(rough.now_us as u64 - 1) > f64::from(newest) + 0.01);
        }
        assert!(past < 30, "{past} of 600");
    }

    #[test]
    fn each_tick_is_due_once_and_a_pause_skips_to_the_newest() {
        let mut clock = Clock::new(0, 10, HZ, 1, 0);
        let due: Vec<u32> =
            (0..200_000).step_by(1000).filter_map(|us| clock.due_input(us)).collect();
        assert_eq!(due, [12, 13, 14, 15, 16, 17]);
        assert_eq!(clock.due_input(1_200_000), Some(47));
        assert_eq!(clock.due_input(1_200_000), None);
        let next_us = clock.next_input_us(1_200_000);
        assert_eq!(clock.due_input(next_us - 2), None);
        assert_eq!(clock.due_input(next_us), Some(48));
    }

    #[test]
    fn a_backlog_at_the_start_is_not_drawn_from_its_beginning() {
        let mut clock = Clock::new(0, 100, HZ, 1, 0);
        clock.on_snapshot(10_000, 101, None);
        for tick in 102..=112 {
            clock.on_snapshot(400_000, tick, None);
        }
        let behind = 112.0 - clock.drawn(400_000);
        assert!(behind < 2.3, "{behind} ticks behind the newest snapshot");
        assert!(clock.wanted_lag() < 1.5, "a backlog is not jitter: {}", clock.wanted_lag());
    }

    #[test]
    fn drawn_travels_in_sixteenths_and_is_zero_before_the_first_snapshot() {
        let mut clock = Clock::new(0, 100, HZ, 1, 0);
        assert_eq!(clock.drawn_sixteenths(5), 0);
        clock.on_snapshot(1000, 101, None);
        let drawn = clock.drawn(1000);
        assert_eq!(clock.drawn_sixteenths(1000), (drawn * 16.0) as u32);
        assert!((99.0..=100.0).contains(&drawn));
    }
}
