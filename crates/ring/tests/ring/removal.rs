//! Sockets that go while the kernel still works for them.

use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;

use tickwire_ring::{Ring, RingConfig};

use crate::pair::{Bed, PATIENCE, need_ring, pattern};

/// Reads until the other side is gone.
fn rest(far: &mut impl std::io::Read) -> Vec<u8> {
    let mut heard = Vec::new();
    // A reset ends it as well as an orderly end.
    let _ = far.read_to_end(&mut heard);
    heard
}

#[test]
fn a_removed_socket_closes_and_is_silent() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, mut far) = bed.pair(1);
    bed.drain();
    far.write_all(b"too late").unwrap();
    bed.ring.remove(id);
    bed.until_left(0);
    assert_eq!(bed.story(1).received, b"");
    assert!(!bed.story(1).ended);
    assert_eq!(bed.ring.send(id, &[b"x"]).unwrap_err().kind(), ErrorKind::NotConnected);
    bed.ring.shutdown_write(id);
    bed.ring.remove(id);
    far.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(rest(&mut far), b"");
}

#[test]
fn an_old_id_does_not_reach_the_successor() {
    need_ring!();
    let mut bed = Bed::standard();
    let (old, _far) = bed.pair(1);
    bed.ring.remove(old);
    bed.until_left(0);
    let (new, mut far) = bed.pair(2);
    bed.ring.remove(old);
    bed.ring.shutdown_write(old);
    assert!(bed.ring.send(old, &[b"old"]).is_err());
    bed.ring.send(new, &[b"new"]).unwrap();
    bed.submit();
    let mut heard = [0; 3];
    far.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"new");
    far.write_all(b"yes").unwrap();
    bed.until("the successor hears", |bed| bed.story(2).received == b"yes");
}

#[test]
fn what_was_taken_before_a_removal_goes_out() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, mut far) = bed.tcp(1);
    bed.ring.send(id, &[b"bye"]).unwrap();
    bed.ring.shutdown_write(id);
    bed.ring.remove(id);
    bed.submit();
    bed.until_left(0);
    assert_eq!(rest(&mut far), b"bye");
}

#[test]
fn a_removal_ends_a_send_that_nobody_reads() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, _far) = bed.tcp(1);
    while bed.story(1).busy == 0 {
        bed.ring.send(id, &[&pattern(10_000)]).unwrap();
        bed.submit();
    }
    bed.ring.remove(id);
    bed.until_left(0);
    assert!(!bed.story(1).failed);
}

#[test]
fn a_removal_while_receiving_is_held_and_sending_waits_lets_go_of_both() {
    need_ring!();
    let config = RingConfig { budget_bytes: 1, ..RingConfig::default() };
    let mut bed = Bed::new(&config);
    let (id, mut far) = bed.tcp(1);
    bed.drain();
    while bed.story(1).busy == 0 {
        bed.ring.send(id, &[&pattern(10_000)]).unwrap();
        bed.submit();
    }
    far.write_all(&pattern(200)).unwrap();
    bed.until("the budget is spent", |bed| !bed.story(1).received.is_empty());
    let heard = bed.story(1).received.len();
    bed.ring.remove(id);
    assert_eq!(bed.ring.len(), 1, "the send is still the kernel's");
    // A receive that is held begins again here.
    bed.drain();
    // Fails once the reset has come.
    let _ = far.write_all(&pattern(200));
    bed.until_left(0);
    assert_eq!(bed.story(1).received.len(), heard);
    far.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut buffer = [0; 65_536];
    let end = loop {
        match far.read(&mut buffer) {
            Ok(1..) => {}
            other => break other,
        }
    };
    let is_closed = end.as_ref().map_or_else(|e| e.kind() == ErrorKind::ConnectionReset, |_| true);
    assert!(is_closed, "{end:?}");
}

#[test]
fn places_are_used_again_under_load() {
    need_ring!();
    let config = RingConfig { entries: 16, completions: 32, buffers: 8, ..RingConfig::default() };
    let mut bed = Bed::new(&config);
    for round in 0..200 {
        let mut pairs: Vec<_> = (0..10).map(|n| bed.pair(round * 10 + n)).collect();
        for (id, far) in &mut pairs {
            far.write_all(&pattern(700)).unwrap();
            bed.ring.send(*id, &[&pattern(300)]).unwrap();
        }
        match round % 3 {
            0 => bed.submit(),
            1 => bed.drain(),
            _ => bed.wait(),
        }
        for (id, far) in pairs {
            bed.ring.remove(id);
            drop(far);
        }
    }
    bed.until_left(0);
}

#[test]
fn a_ring_may_go_while_everything_is_in_flight() {
    need_ring!();
    let message = pattern(16_000);
    for step in 0..4 {
        let mut bed = Bed::standard();
        let mut fars: Vec<UnixStream> = Vec::new();
        for tag in 0..50 {
            let (id, mut far) = bed.pair(tag);
            far.write_all(&pattern(5_000)).unwrap();
            for _ in 0..50 * step {
                bed.ring.send(id, &[&message]).unwrap();
                bed.submit();
            }
            bed.ring.send(id, &[b"end"]).unwrap();
            fars.push(far);
        }
        if step == 2 {
            bed.drain();
        }
        drop(bed);
        for far in &mut fars {
            far.set_read_timeout(Some(PATIENCE)).unwrap();
            let heard = rest(far);
            assert!(step > 0 || heard == b"end", "{} bytes", heard.len());
        }
    }
}

#[test]
fn sizes_that_make_no_sense_are_refused() {
    need_ring!();
    let with = |change: fn(&mut RingConfig)| {
        let mut config = RingConfig::default();
        change(&mut config);
        Ring::new(&config).err().map(|error| error.kind())
    };
    assert_eq!(with(|_| ()), None);
    assert_eq!(with(|config| config.buffers = 3), Some(ErrorKind::InvalidInput));
    assert_eq!(with(|config| config.buffers = 0), Some(ErrorKind::InvalidInput));
    assert_eq!(with(|config| config.buffer_bytes = 0), Some(ErrorKind::InvalidInput));
    assert_eq!(with(|config| config.entries = 0), Some(ErrorKind::InvalidInput));
}
