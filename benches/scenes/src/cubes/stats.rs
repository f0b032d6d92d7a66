//! How much happens in a trace, to compare it with others.

use std::fmt;

use super::RECORD;

/// What changes from frame to frame; each is a mean per frame unless it says otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    /// Frames, the first of which has none before it.
    pub frames: usize,
    /// Rows that differ from the frame before.
    pub changed: f64,
    /// Rows whose position differs.
    pub pos: f64,
    /// Rows whose rotation differs.
    pub quat: f64,
    /// Rows whose flag differs.
    pub flag: f64,
    /// Rows that changed and had not the frame before.
    pub starts: f64,
    /// Rows that had changed the frame before and did not.
    pub stops: f64,
    /// Rows that carry the flag.
    pub interacting: f64,
    /// Mean size of what a linear prediction of a changed position leaves, per component, in units.
    pub residual: f64,
    /// Metres from the middle of the body furthest out.
    pub furthest: f64,
}

/// The statistics of a trace.
pub fn stats(frames: &[Vec<i32>]) -> Stats {
    let mut sums = Stats { frames: frames.len(), ..Stats::default() };
    let bodies = frames.first().map_or(0, |frame| frame.len() / RECORD);
    let mut moved = vec![false; bodies];
    let mut residuals = 0_u64;
    for at in 1..frames.len() {
        let (now, last) = (&frames[at], &frames[at - 1]);
        for (body, moved) in moved.iter_mut().enumerate() {
            let row = body * RECORD..(body + 1) * RECORD;
            let (now, last) = (&now[row.clone()], &last[row.clone()]);
            let changed = now != last;
            let pos = now[4..7] != last[4..7];
            sums.changed += f64::from(changed);
            sums.pos += f64::from(pos);
            sums.quat += f64::from(now[..4] != last[..4]);
            sums.flag += f64::from(now[7] != last[7]);
            sums.starts += f64::from(changed && !*moved);
            sums.stops += f64::from(!changed && *moved);
            sums.interacting += f64::from(now[7]);
            *moved = changed;
            if pos && at > 1 {
                let before = &frames[at - 2][row];
                let left = |axis: usize| now[axis] - 2 * last[axis] + before[axis];
                sums.residual += (4..7).map(|axis| f64::from(left(axis).abs())).sum::<f64>();
                residuals += 3;
            }
            let out = |axis: usize| f64::from(now[axis].abs()) / f64::from(super::UNITS_PER_METRE);
            sums.furthest = sums.furthest.max(out(4)).max(out(5));
        }
    }
    let steps = frames.len().saturating_sub(1).max(1) as f64;
    for sum in [
        &mut sums.changed,
        &mut sums.pos,
        &mut sums.quat,
        &mut sums.flag,
        &mut sums.starts,
        &mut sums.stops,
        &mut sums.interacting,
    ] {
        *sum /= steps;
    }
    sums.residual /= residuals.max(1) as f64;
    sums
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} frames; rows a frame:", self.frames)?;
        writeln!(
            f,
            "  changed {:.1} (pos {:.1}, quat {:.1}, flag {:.2}), starts {:.2}, stops {:.2}, interacting {:.1}",
            self.changed, self.pos, self.quat, self.flag, self.starts, self.stops, self.interacting
        )?;
        write!(
            f,
            "  linear prediction of a changed position leaves {:.2} units a component; furthest body {:.1} m",
            self.residual, self.furthest
        )
    }
}
