//! Servers of nothing but system calls: what the kernel itself asks for the same traffic.
//!
//! One thread, no framework. It wakes at absolute deadlines, one for each cohort in the period; takes
//! what has come and only counts its bytes; sends each client of the cohort its frame. Frames are
//! whole WebSocket frames, so that the load counts them as it counts the server's, but nobody shakes
//! hands.

mod epoll;
mod uring;

use std::net::{Ipv4Addr, TcpListener, TcpStream};

use tickwire_wire::websocket::{Opcode, write_head};

use super::Said;
use super::clock::{now_ns, sleep_until_ns};
use super::inside::say;
use super::job::{BareJob, Io};

const SECOND_NS: u64 = 1_000_000_000;

/// How a bare server moves its bytes.
trait Mover {
    /// Takes what has come, and counts its bytes.
    fn drain(&mut self) -> std::io::Result<u64>;

    /// Sends `frame` to each of these clients.
    fn send(&mut self, clients: std::ops::Range<usize>, frame: &[u8]) -> std::io::Result<()>;

    /// The end of a cohort.
    fn submit(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Serves until the process ends.
pub(super) fn run(job: &BareJob) -> Result<(), String> {
    let streams = accept(job).map_err(|error| format!("bare server: {error}"))?;
    let moved = match job.io {
        Io::Epoll => epoll::Epoll::new(streams).and_then(|mover| play(job, mover)),
        Io::Uring => uring::Uring::new(streams).and_then(|mover| play(job, mover)),
    };
    moved.map_err(|error| format!("bare server: {error}"))
}

/// Waits for all clients.
fn accept(job: &BareJob) -> std::io::Result<Vec<TcpStream>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    say(&Said::Ready(listener.local_addr()?)).map_err(std::io::Error::other)?;
    let mut streams = Vec::new();
    for _ in 0..job.clients {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        streams.push(stream);
    }
    Ok(streams)
}

/// Cohort after cohort, for ever.
fn play(job: &BareJob, mut mover: impl Mover) -> std::io::Result<()> {
    let frame = frame(job.bytes);
    let cohorts = u64::from(job.cohorts.max(1));
    let grid_hz = u64::from(job.tick_hz.max(1)) * cohorts;
    let rooms = rooms(job.clients as usize, job.per_room.max(1).into());
    let origin_ns = now_ns();
    let mut point = 0;
    loop {
        point += 1;
        let deadline_ns = origin_ns + point * SECOND_NS / grid_hz;
        if deadline_ns + SECOND_NS / u64::from(job.tick_hz.max(1)) < now_ns() {
            // More than a period behind: time is given up, as the server does.
            point = (now_ns() - origin_ns) * grid_hz / SECOND_NS;
            continue;
        }
        sleep_until_ns(deadline_ns);
        std::hint::black_box(mover.drain()?);
        for room in rooms.iter().skip((point % cohorts) as usize).step_by(cohorts as usize) {
            mover.send(room.clone(), &frame)?;
        }
        mover.submit()?;
    }
}

/// Which clients are served one after the other; every so many such rooms are of one cohort.
fn rooms(clients: usize, per_room: usize) -> Vec<std::ops::Range<usize>> {
    (0..clients).step_by(per_room).map(|first| first..clients.min(first + per_room)).collect()
}

/// One binary message as a server frames it.
fn frame(bytes: usize) -> Vec<u8> {
    let mut frame = Vec::new();
    write_head(&mut frame, Opcode::Binary, bytes, None);
    frame.resize(frame.len() + bytes, 0x5a);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_in_one_room() {
        assert_eq!(rooms(45, 20), [0..20, 20..40, 40..45]);
        assert_eq!(frame(120).len(), 122);
    }
}
