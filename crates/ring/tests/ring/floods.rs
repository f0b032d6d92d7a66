//! Peers that send more than their share.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tickwire_ring::RingConfig;

use crate::pair::{Bed, need_ring, pattern};

/// What the kernel may have filled for one socket before it can be stopped.
const BURST_BUFFERS: usize = 32;

#[test]
fn one_turn_takes_a_budget_of_each_socket() {
    need_ring!();
    let config = RingConfig::default();
    let mut bed = Bed::new(&config);
    let (_id, mut far) = bed.tcp(1);
    bed.drain();
    let message = pattern(120_000);
    far.write_all(&message).unwrap();
    let most = config.budget_bytes + BURST_BUFFERS * config.buffer_bytes as usize;
    let mut before = 0;
    let mut turns = 0;
    while before < message.len() {
        bed.drain();
        let now = bed.story(1).received.len();
        assert!(now - before <= most, "{} bytes in one turn", now - before);
        turns += usize::from(now > before);
        before = now;
    }
    assert!(turns >= message.len() / most);
    assert_eq!(bed.story(1).received, message);
}

#[test]
fn floods_do_not_starve_the_others() {
    need_ring!();
    let config = RingConfig { buffers: 16, ..RingConfig::default() };
    let mut bed = Bed::new(&config);
    let end = Arc::new(AtomicBool::new(false));
    let floods: Vec<_> = (1000..1004)
        .map(|tag| {
            let (_, mut far) = bed.tcp(tag);
            let end = Arc::clone(&end);
            std::thread::spawn(move || {
                while !end.load(Ordering::Relaxed) && far.write_all(&[0; 65_536]).is_ok() {}
            })
        })
        .collect();
    let mut quiet: Vec<_> = (0..40).map(|tag| bed.pair(tag)).collect();
    bed.until("the flood runs", |bed| {
        (1000..1004).all(|tag| bed.story(tag).received.len() > 100_000)
    });
    for round in 0..50_u8 {
        for (_, far) in &mut quiet {
            far.write_all(&[round; 30]).unwrap();
        }
        bed.drain();
        for tag in 0..40 {
            let heard = std::mem::take(&mut bed.story(tag).received);
            assert_eq!(heard, [round; 30], "{tag} in round {round}");
        }
        for tag in 1000..1004 {
            bed.story(tag).received.clear();
        }
    }
    end.store(true, Ordering::Relaxed);
    // The writers may be waiting for room.
    drop(bed);
    floods.into_iter().for_each(|flood| flood.join().unwrap());
}

#[test]
fn a_held_receive_is_silent_when_its_socket_is_removed() {
    need_ring!();
    let config = RingConfig { budget_bytes: 1, ..RingConfig::default() };
    let mut bed = Bed::new(&config);
    let (id, mut far) = bed.pair(1);
    far.write_all(&pattern(50_000)).unwrap();
    bed.drain();
    let heard = bed.story(1).received.len();
    assert!(heard > 0);
    bed.ring.remove(id);
    bed.until_left(0);
    assert_eq!(bed.story(1).received.len(), heard);
}
