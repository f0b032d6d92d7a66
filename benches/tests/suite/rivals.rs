//! The rivals must be right, or their bytes mean nothing.

use std::sync::Arc;

use tickwire_benches::cubes::{self, tumble};
use tickwire_benches::rival::mask::Mask;
use tickwire_benches::rival::whole::{Compressed, Whole};
use tickwire_benches::rival::{self, Rival};
use tickwire_benches::{codec, skirmish};
use tickwire_game::{Dice, World};
use tickwire_skirmish::Skirmish;
use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;

/// Every rival.
fn rivals(layout: &Arc<Layout>, state: &StateColumns) -> Vec<Box<dyn Rival>> {
    vec![
        Box::new(Mask::new(Arc::clone(layout))),
        Box::new(Whole::new(state)),
        Box::new(Compressed::new(state, 1, false).unwrap()),
        Box::new(Compressed::new(state, 3, true).unwrap()),
    ]
}

/// Mean bytes of each rival, and of the codec; all of them lose nothing.
fn bytes(layout: &Arc<Layout>, states: &[StateColumns]) -> (Vec<f64>, f64) {
    let rivals = rivals(layout, &states[0]).into_iter();
    let means = rivals.map(|mut rival| {
        let cost = rival::run(&mut *rival, layout, states, 1).unwrap();
        assert_eq!(cost.verified, states.len() as u64 - 1, "{}", rival.name());
        cost.bytes_mean()
    });
    (means.collect(), codec::run(layout, states, 1).unwrap().bytes_mean())
}

#[test]
fn they_lose_nothing_and_the_codec_needs_less() {
    let layout = Arc::new(Layout::new(&World::<Skirmish>::schema()));
    let states = skirmish::states(8, 300, 2).into_iter().map(|state| state.public);
    let (rivals, ours) = bytes(&layout, &states.collect::<Vec<_>>());
    assert!(rivals.iter().all(|&rival| rival > 1.5 * ours), "{rivals:?} {ours}");
    let layout = Arc::new(Layout::new(&cubes::schema()));
    let (rivals, ours) = bytes(&layout, &tumble::states(120, 1));
    assert!(rivals.iter().all(|&rival| rival > 1.5 * ours), "{rivals:?} {ours}");
    // Compressed is less than plain, and with a memory less still.
    assert!(rivals[1] > rivals[2] && rivals[2] > rivals[3]);
}

#[test]
fn rows_come_and_go() {
    let layout = Arc::new(Layout::new(&cubes::schema()));
    let all = tumble::states(60, 4);
    let thinned = all.iter().enumerate().map(|(frame, whole)| {
        let mut dice = Dice::new(1, frame as u32, 0);
        let keep = [0.0, 0.3, 0.9, 1.0][frame % 4];
        let mut state = StateColumns::public(&layout);
        for (id, row) in whole.tables[cubes::TABLE].iter() {
            if dice.chance(keep) {
                state.tables[cubes::TABLE].push(id, row);
            }
        }
        state
    });
    bytes(&layout, &thinned.collect::<Vec<_>>());
}

#[test]
fn a_state_that_comes_out_differently_is_noticed() {
    /// Forgets the last row.
    struct Careless(Whole);
    impl Rival for Careless {
        fn name(&self) -> String {
            String::new()
        }
        fn encode(&mut self, state: &StateColumns, out: &mut Vec<u8>) {
            let mut less = state.clone();
            let table = &mut less.tables[cubes::TABLE];
            table.ids.pop();
            table.cells.truncate(table.ids.len() * table.width);
            self.0.encode(&less, out);
        }
        fn decode(&mut self, bytes: &[u8]) -> Result<&StateColumns, String> {
            self.0.decode(bytes)
        }
    }
    let layout = Layout::new(&cubes::schema());
    let states = tumble::states(3, 1);
    let mut careless = Careless(Whole::new(&states[0]));
    let error = rival::run(&mut careless, &layout, &states, 1).unwrap_err();
    assert_eq!(error, codec::CodecFault::Differs(1));
}
