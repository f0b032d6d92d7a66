//! What the player does: a seeded imitation of somebody with a few keys and little patience.

use crate::dice::Dice;

/// Metres from the middle beyond which the player heads back.
const HOME_RADIUS: f32 = 10.0;
/// Frames of the fall before the first key.
const FALL_FRAMES: u32 = 90;

/// What the player presses in one frame.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Keys {
    /// Direction of the push in the plane, of length 0 or 1.
    pub(super) push: [f32; 2],
    /// Share of the full push.
    pub(super) strength: f32,
    /// Whether cubes nearby are drawn to the player.
    pub(super) katamari: bool,
    /// Whether the player rises and tumbles.
    pub(super) lift: bool,
    /// Whether cubes nearby are blown away.
    pub(super) blow: bool,
}

/// The player's fingers.
#[derive(Debug)]
pub(super) struct Script {
    dice: Dice,
    keys: Keys,
    /// Frames until the direction changes.
    push_left: u32,
    /// Frames until drawing cubes is switched.
    katamari_left: u32,
    /// Frames until the lift key is pressed or let go.
    lift_left: u32,
}

impl Script {
    pub(super) fn new(mut dice: Dice) -> Self {
        let katamari_left = FALL_FRAMES + dice.whole(60, 360);
        let lift_left = FALL_FRAMES + dice.whole(120, 900);
        Self { dice, keys: Keys::default(), push_left: FALL_FRAMES, katamari_left, lift_left }
    }

    /// The keys of the next frame, with the player at (x, y).
    pub(super) fn next(&mut self, pos: [f32; 2]) -> Keys {
        if self.push_left == 0 {
            self.choose_push(pos);
        }
        if self.katamari_left == 0 {
            self.keys.katamari ^= true;
            self.keys.blow = false;
            // Cubes are drawn most of the time: that is the fun of it.
            let frames = if self.keys.katamari { 300..1400 } else { 60..300 };
            self.katamari_left = self.dice.whole(frames.start, frames.end);
        }
        if self.lift_left == 0 {
            self.keys.lift ^= true;
            self.keys.blow = self.keys.lift && !self.keys.katamari && self.dice.chance(0.5);
            let frames = if self.keys.lift { 10..70 } else { 200..900 };
            self.lift_left = self.dice.whole(frames.start, frames.end);
        }
        self.push_left -= 1;
        self.katamari_left -= 1;
        self.lift_left -= 1;
        self.keys
    }

    fn choose_push(&mut self, [x, y]: [f32; 2]) {
        let away = (x * x + y * y).sqrt();
        self.push_left = self.dice.whole(8, 75);
        self.keys.strength = self.dice.between(0.5, 1.0);
        if away > HOME_RADIUS {
            self.push_left = self.dice.whole(8, 30);
            self.keys.push = [-x / away, -y / away];
            return;
        }
        if self.dice.chance(0.2) {
            self.keys.push = [0.0; 2];
            return;
        }
        // Four keys: eight directions.
        let half = std::f32::consts::FRAC_1_SQRT_2;
        let directions = [[1.0, 0.0], [half, half], [0.0, 1.0], [-half, half]];
        let [x, y] = directions[self.dice.whole(0, 4) as usize];
        let sign = if self.dice.chance(0.5) { 1.0 } else { -1.0 };
        self.keys.push = [x * sign, y * sign];
    }
}
