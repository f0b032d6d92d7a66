//! How match sockets are served, and how one learns of it.

use tickwire_server::config::IoChoice;

use crate::pretend::{has, start};
use crate::raw::{Socket, get};

#[test]
fn the_driver_in_use_is_in_the_metrics() {
    for (io, name) in
        [(IoChoice::Poll, "poll"), (IoChoice::Epoll, "epoll"), (IoChoice::Uring, "uring")]
    {
        if !has(io) {
            continue;
        }
        let server = start(|config| config.shard.io = io);
        let text = String::from_utf8(get(server.addr(), "/metrics").body).unwrap();
        assert!(text.contains(&format!("tickwire_io_info{{io=\"{name}\"}} 1\n")), "{text}");
        Socket::enter(server.addr(), "main").tick();
        server.stop().unwrap();
    }
}

#[test]
fn auto_finds_one_that_works() {
    let server = start(|_| ());
    Socket::enter(server.addr(), "main").tick();
    server.stop().unwrap();
}
