//! The contract of a driver, held by each of them.

mod bed;

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::time::Instant;

use bed::{Bed, PATIENCE, pattern};

use super::Driver;
use crate::limits::{READ_BUDGET_BYTES, TAIL_BYTES};

/// Bytes of one socket per wake-up: what a kernel that receives by itself has filled already comes on
/// top of the budget.
const MOST_BYTES: usize = 2 * READ_BUDGET_BYTES + 1024;

/// Each function of this file as a test of each driver.
macro_rules! contract {
    ($($name:ident)*) => {
        #[cfg(target_os = "linux")]
        mod epoll {
            $(#[test] fn $name() { super::$name(|| crate::driver::epoll::Epoll::new().unwrap()); })*
        }
        #[cfg(target_os = "linux")]
        mod uring {
            $(#[test] fn $name() {
                if super::bed::has_uring() {
                    super::$name(|| crate::driver::uring::Uring::new().unwrap());
                }
            })*
        }
        mod poll {
            $(#[test] fn $name() { super::$name(crate::driver::poll::Poll::new); })*
        }
    };
}

contract! {
    what_is_written_arrives_and_the_answer_too
    parts_of_any_size_keep_their_order
    a_frame_of_256_kib_leaves_little_behind
    a_reader_that_stalls_is_busy_and_then_writable
    what_came_before_adoption_is_there
    the_end_of_the_other_side_is_told_once_after_its_bytes
    a_reset_is_an_end
    a_write_to_a_socket_that_broke_fails_or_ends
    finishing_waits_for_what_was_taken
    a_removed_socket_is_silent_and_closed
    what_was_written_before_a_removal_goes_out
    a_removal_while_the_socket_is_busy_ends_it
    an_old_key_does_not_reach_the_successor
    a_flood_has_a_budget_and_starves_nobody
    two_thousand_sockets_are_served_in_one_drain
}

fn what_is_written_arrives_and_the_answer_too<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, mut far) = bed.pair();
    assert_eq!(bed.driver.write(key, &[b"he", b"", b"llo"]).unwrap(), 5);
    assert_eq!(bed.driver.write(key, &[b" again"]).unwrap(), 6);
    bed.submit();
    let mut heard = [0; 11];
    far.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"hello again");
    far.write_all(b"answer").unwrap();
    bed.until("the answer", |bed| bed.story(key).received == b"answer");
    let story = bed.story(key);
    assert_eq!((story.busy, story.writable, story.closed), (0, 0, 0));
}

fn parts_of_any_size_keep_their_order<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, mut far) = bed.pair();
    let sizes = [1, 100, 4_095, 4_096, 4_097, 16_384, 16_385, 100_000, 1 << 20, 3];
    let messages: Vec<Vec<u8>> = sizes.iter().map(|size| pattern(*size)).collect();
    let expected = messages.concat();
    let reader = std::thread::spawn(move || {
        let mut heard = vec![0; expected.len()];
        far.read_exact(&mut heard).unwrap();
        assert!(heard == expected);
    });
    for message in &messages {
        bed.write_all(key, message);
    }
    bed.submit();
    bed.until("all is read", |_| reader.is_finished());
    reader.join().unwrap();
}

fn a_frame_of_256_kib_leaves_little_behind<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, mut far) = bed.pair();
    let message = pattern(256 * 1024);
    let sent = message.clone();
    let reader = std::thread::spawn(move || {
        let mut heard = vec![0; sent.len()];
        far.read_exact(&mut heard).unwrap();
        assert!(heard == sent);
        far
    });
    let (head, rest) = message.split_at(10);
    let taken = bed.driver.write(key, &[head, &rest[..90], &rest[90..]]).unwrap();
    let left = message.len() - taken;
    assert!(left <= TAIL_BYTES as usize, "{left} bytes would wait: the client would be cut");
    bed.write_all(key, &message[taken..]);
    bed.submit();
    bed.until("all is read", |_| reader.is_finished());
    reader.join().unwrap();
}

fn a_reader_that_stalls_is_busy_and_then_writable<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, mut far) = bed.pair();
    let taken = bed.fill(key);
    assert!(taken > 0);
    bed.drain();
    bed.submit();
    assert_eq!(bed.story(key).writable, 0, "nobody has read");
    assert_eq!(bed.driver.write(key, &[b"x"]).unwrap(), 0, "nothing overtakes");
    let mut heard = vec![0; taken];
    let reader = std::thread::spawn(move || {
        far.read_exact(&mut heard).unwrap();
        (far, heard)
    });
    bed.until("it is writable", |bed| bed.story(key).writable > 0);
    bed.until("all is read", |_| reader.is_finished());
    let (mut far, heard) = reader.join().unwrap();
    assert!(heard == pattern(taken));
    assert_eq!(bed.driver.write(key, &[b"goes on"]).unwrap(), 7);
    bed.submit();
    let mut heard = [0; 7];
    far.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"goes on");
}

fn what_came_before_adoption_is_there<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (near, mut far) = bed::connected();
    far.write_all(b"early").unwrap();
    let key = bed.adopt(near);
    bed.until("the early bytes", |bed| bed.story(key).received == b"early");
}

fn the_end_of_the_other_side_is_told_once_after_its_bytes<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, mut far) = bed.pair();
    let message = pattern(100_000);
    let sent = message.clone();
    let writer = std::thread::spawn(move || {
        far.write_all(&sent).unwrap();
        far.shutdown(Shutdown::Write).unwrap();
        far
    });
    bed.until("the end", |bed| bed.story(key).closed > 0);
    assert!(bed.story(key).received == message);
    let mut far = writer.join().unwrap();
    assert_eq!(bed.driver.write(key, &[b"half open"]).unwrap(), 9);
    bed.submit();
    let mut heard = [0; 9];
    far.read_exact(&mut heard).unwrap();
    for _ in 0..3 {
        bed.drain();
    }
    assert_eq!((&heard, bed.story(key).closed), (b"half open", 1));
}

fn a_reset_is_an_end<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, far) = bed.pair();
    bed.drain();
    bed::reset(far);
    bed.until("the end", |bed| bed.story(key).closed > 0);
}

fn a_write_to_a_socket_that_broke_fails_or_ends<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, far) = bed.pair();
    bed.fill(key);
    bed::reset(far);
    let mut failed = false;
    bed.until("the failure", |bed| {
        failed |= bed.driver.write(key, &[b"more"]).is_err();
        failed || bed.story(key).closed > 0
    });
    bed.remove(key);
}

fn finishing_waits_for_what_was_taken<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, mut far) = bed.pair();
    let taken = bed.fill(key);
    bed.driver.finish(key);
    let reader = std::thread::spawn(move || {
        let mut heard = Vec::new();
        far.read_to_end(&mut heard).unwrap();
        far.write_all(b"still heard").unwrap();
        heard.len()
    });
    bed.until("the other direction works", |bed| bed.story(key).received == b"still heard");
    assert_eq!(reader.join().unwrap(), taken);
}

fn a_removed_socket_is_silent_and_closed<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, mut far) = bed.pair();
    bed.drain();
    far.write_all(b"too late").unwrap();
    bed.remove(key);
    assert!(bed.driver.write(key, &[b"x"]).is_err());
    bed.driver.finish(key);
    bed.driver.remove(key);
    bed.until_closed(&mut far);
    assert_eq!(bed.story(key).received, b"");
    assert_eq!(bed.story(key).closed, 0);
}

fn what_was_written_before_a_removal_goes_out<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, mut far) = bed.pair();
    assert_eq!(bed.driver.write(key, &[b"bye"]).unwrap(), 3);
    bed.driver.finish(key);
    bed.remove(key);
    bed.submit();
    assert_eq!(bed.until_closed(&mut far), b"bye");
}

fn a_removal_while_the_socket_is_busy_ends_it<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (key, mut far) = bed.pair();
    let taken = bed.fill(key);
    bed.remove(key);
    let heard = bed.until_closed(&mut far);
    assert!(heard.len() <= taken && pattern(taken).starts_with(&heard), "{}", heard.len());
    assert_eq!((bed.story(key).writable, bed.story(key).closed), (0, 0));
}

fn an_old_key_does_not_reach_the_successor<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (old, mut old_far) = bed.pair();
    bed.drain();
    old_far.write_all(b"from the old one").unwrap();
    bed.remove(old);
    let (new, mut far) = bed.pair();
    assert_eq!(new.index(), old.index());
    bed.driver.remove(old);
    bed.driver.finish(old);
    assert!(bed.driver.write(old, &[b"old"]).is_err());
    assert_eq!(bed.driver.write(new, &[b"new"]).unwrap(), 3);
    bed.submit();
    let mut heard = [0; 3];
    far.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"new");
    far.write_all(b"yes").unwrap();
    bed.until("the successor hears", |bed| bed.story(new).received == b"yes");
    assert_eq!(bed.story(old).received, b"");
}

fn a_flood_has_a_budget_and_starves_nobody<D: Driver>(open: impl Fn() -> D) {
    let mut bed = Bed::new(open());
    let (flood, mut far) = bed.pair();
    let mut quiet: Vec<_> = (0..50).map(|_| bed.pair()).collect();
    let message = pattern(20 * READ_BUDGET_BYTES);
    let sent = message.clone();
    let writer = std::thread::spawn(move || far.write_all(&sent).map(|()| far).unwrap());
    let end = Instant::now() + PATIENCE;
    let (mut before, mut turns) = (0, 0);
    while before < message.len() {
        assert!(Instant::now() < end, "{before} bytes of the flood have come");
        for (_, far) in &mut quiet {
            far.write_all(b"input").unwrap();
        }
        bed.drain();
        for (key, _) in &quiet {
            let heard = std::mem::take(&mut bed.story(*key).received);
            assert_eq!(heard, b"input", "in the same wake-up, whatever the flood does");
        }
        let now = bed.story(flood).received.len();
        assert!(now - before <= MOST_BYTES, "{} bytes at once", now - before);
        turns += usize::from(now > before);
        before = now;
    }
    assert!(turns >= 10);
    assert!(bed.story(flood).received == message);
    writer.join().unwrap();
}

fn two_thousand_sockets_are_served_in_one_drain<D: Driver>(open: impl Fn() -> D) {
    bed::raise_descriptor_limit();
    let mut bed = Bed::new(open());
    let mut pairs: Vec<_> = (0..2_000).map(|_| bed.pair()).collect();
    bed.drain();
    for round in 0..3_u8 {
        for (_, far) in &mut pairs {
            far.write_all(&[round; 40]).unwrap();
        }
        bed.drain();
        for (key, _) in &pairs {
            let heard = std::mem::take(&mut bed.story(*key).received);
            assert_eq!(heard, [round; 40]);
            assert_eq!(bed.driver.write(*key, &[&heard[..8], &heard[8..]]).unwrap(), 40);
        }
        bed.submit();
        for (_, far) in &mut pairs {
            far.set_read_timeout(Some(PATIENCE)).unwrap();
            let mut heard = [0; 40];
            far.read_exact(&mut heard).unwrap();
            assert_eq!(heard, [round; 40]);
        }
    }
}
