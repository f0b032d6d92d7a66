//! Bytes there and back.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;

use tickwire_ring::{RingConfig, SEND_BYTES};

use crate::pair::{Bed, PATIENCE, need_ring, pattern};

#[test]
fn the_probe_agrees_with_the_kernel() {
    need_ring!();
    tickwire_ring::probe(&RingConfig::default()).unwrap();
    let impossible = RingConfig { buffers: 3, ..RingConfig::default() };
    let error = tickwire_ring::probe(&impossible).unwrap_err();
    assert!(error.to_string().starts_with("io_uring cannot be set up: "), "{error}");
}

#[test]
fn what_is_sent_arrives_on_the_other_side_and_back() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, mut far) = bed.tcp(7);
    assert_eq!(bed.ring.send(id, &[b"he", b"", b"llo"]).unwrap(), 5);
    assert_eq!(bed.ring.send(id, &[b" again"]).unwrap(), 6, "in one with the first");
    bed.submit();
    let mut heard = [0; 11];
    far.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"hello again");
    assert_eq!((bed.story(7).sent, bed.story(7).busy), (1, 0));
    far.write_all(b"answer").unwrap();
    bed.until("the answer", |bed| bed.story(7).received == b"answer");
}

#[test]
fn a_submission_does_not_give_out_what_came_in() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, mut far) = bed.pair(1);
    bed.drain();
    far.write_all(b"early").unwrap();
    bed.ring.send(id, &[b"x"]).unwrap();
    bed.submit();
    assert_eq!(bed.story(1).received, b"");
    bed.drain();
    assert_eq!(bed.story(1).received, b"early");
}

#[test]
fn a_reader_that_stalls_makes_its_socket_busy_and_loses_nothing() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, mut far) = bed.tcp(1);
    let message = pattern(8 << 20);
    let mut taken = 0;
    while bed.story(1).busy == 0 {
        let count = bed.ring.send(id, &[&message[taken..]]).unwrap();
        assert!(count > 0);
        taken += count;
        bed.submit();
    }
    assert!(taken < message.len(), "the kernel holds no 8 MiB");
    assert_eq!(bed.ring.send(id, &[b"more"]).unwrap(), 0, "no more while it is busy");
    bed.drain();
    let expected = message.clone();
    let reader = std::thread::spawn(move || {
        let mut heard = Vec::new();
        far.set_read_timeout(Some(PATIENCE)).unwrap();
        far.read_to_end(&mut heard).unwrap();
        assert!(heard == expected, "{} of {} bytes", heard.len(), expected.len());
    });
    bed.until("all is taken", |bed| {
        if bed.story(1).sent > 0 {
            taken += bed.ring.send(id, &[&message[taken..]]).unwrap();
        }
        taken == message.len()
    });
    bed.ring.shutdown_write(id);
    bed.until("the reader has all", |_| reader.is_finished());
    reader.join().unwrap();
}

#[test]
fn a_long_message_goes_out_at_once_as_far_as_the_kernel_takes_it() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, mut far) = bed.tcp(1);
    let message = pattern(256 * 1024);
    let (head, rest) = message.split_at(100);
    assert_eq!(bed.ring.send(id, &[head]).unwrap(), head.len());
    let reader = std::thread::spawn(move || {
        let mut heard = vec![0; 256 * 1024];
        far.set_read_timeout(Some(PATIENCE)).unwrap();
        far.read_exact(&mut heard).unwrap();
        (far, heard)
    });
    let taken = bed.ring.send(id, &[b"", &rest[..50], &rest[50..]]).unwrap();
    assert!(taken > 4 * SEND_BYTES, "{taken}");
    let mut taken = head.len() + taken;
    bed.until("all is taken", |bed| {
        taken += bed.ring.send(id, &[&message[taken..]]).unwrap();
        taken == message.len()
    });
    bed.until("the reader has all", |_| reader.is_finished());
    let (_far, heard) = reader.join().unwrap();
    assert!(heard == message);
}

#[test]
fn a_socket_that_is_busy_holds_no_more_than_it_may() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, _far) = bed.pair(1);
    let message = pattern(4 << 20);
    assert!(bed.ring.send(id, &[&message]).unwrap() > SEND_BYTES);
    assert_eq!(bed.ring.send(id, &[&message]).unwrap(), 0, "nor the kernel");
    bed.submit();
    assert_eq!((bed.story(1).busy, bed.story(1).sent), (1, 0));
}

#[test]
fn finishing_waits_for_what_was_taken() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, mut far) = bed.tcp(1);
    bed.ring.send(id, &[b"last words"]).unwrap();
    bed.ring.shutdown_write(id);
    assert!(bed.ring.send(id, &[b"no"]).is_err());
    bed.submit();
    let mut heard = String::new();
    far.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "last words");
    far.write_all(b"still heard").unwrap();
    bed.until("the other direction works", |bed| bed.story(1).received == b"still heard");
}

#[test]
fn the_other_sides_end_is_told_once_after_its_bytes() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, mut far) = bed.tcp(1);
    far.write_all(&pattern(100_000)).unwrap();
    far.shutdown(Shutdown::Write).unwrap();
    bed.until("the end", |bed| bed.story(1).ended);
    assert!(bed.story(1).error.is_none());
    assert_eq!(bed.story(1).received, pattern(100_000));
    bed.ring.send(id, &[b"half open"]).unwrap();
    bed.submit();
    let mut heard = [0; 9];
    far.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"half open");
}

#[test]
fn a_broken_socket_fails_its_sends() {
    need_ring!();
    let mut bed = Bed::standard();
    let (id, far) = bed.pair(1);
    drop(far);
    bed.ring.send(id, &[b"nobody reads this"]).unwrap();
    bed.until("the failure", |bed| bed.story(1).failed);
    assert!(bed.ring.send(id, &[b"more"]).is_err());
    bed.ring.remove(id);
    bed.until_left(0);
}

#[test]
fn more_sockets_than_entries_or_buffers_are_all_served() {
    need_ring!();
    let config = RingConfig { entries: 8, completions: 16, buffers: 4, ..RingConfig::default() };
    let mut bed = Bed::new(&config);
    let mut pairs: Vec<_> = (0..300).map(|tag| bed.pair(tag)).collect();
    for (tag, (id, far)) in pairs.iter_mut().enumerate() {
        bed.ring.send(*id, &[&pattern(tag + 1)]).unwrap();
        far.write_all(&pattern(2 * tag + 1)).unwrap();
    }
    bed.until("all sent", |bed| (0..300).all(|tag| bed.story(tag).sent == 1));
    bed.until("all heard", |bed| {
        (0..300).all(|tag| bed.story(tag).received == pattern(2 * tag as usize + 1))
    });
    for (tag, (_, far)) in pairs.iter_mut().enumerate() {
        let mut heard = vec![0; tag + 1];
        far.read_exact(&mut heard).unwrap();
        assert_eq!(heard, pattern(tag + 1));
    }
}

#[test]
fn thousands_of_sockets_echo() {
    need_ring!();
    rustix::process::setrlimit(rustix::process::Resource::Nofile, {
        let now = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        rustix::process::Rlimit { current: now.maximum, maximum: now.maximum }
    })
    .unwrap();
    let mut bed = Bed::standard();
    let mut pairs: Vec<_> = (0..2000).map(|tag| bed.pair(tag)).collect();
    for round in 0..5_u8 {
        for (_, far) in &mut pairs {
            far.write_all(&[round; 40]).unwrap();
        }
        // One call is enough, however many there are.
        bed.drain();
        for (tag, (id, _)) in pairs.iter().enumerate() {
            let heard = std::mem::take(&mut bed.story(tag as u64).received);
            assert_eq!(heard, [round; 40], "{tag} in {round}");
            bed.ring.send(*id, &[&heard]).unwrap();
        }
        bed.submit();
        for (_, far) in &mut pairs {
            let mut heard = [0; 40];
            far.read_exact(&mut heard).unwrap();
            assert_eq!(heard, [round; 40]);
        }
    }
}
