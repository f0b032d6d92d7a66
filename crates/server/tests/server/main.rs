//! The server over real sockets, with rooms that only pretend to be games.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![allow(clippy::duplicate_mod, reason = "the same tests for every driver")]

mod config;
mod conformance;
mod http;
mod io;
mod overload;
mod pretend;
mod raw;

/// What goes through match sockets, on each driver.
macro_rules! on_each_driver {
    ($($driver:ident: $io:ident,)*) => {$(
        #[path = "."]
        mod $driver {
            use tickwire_server::config::IoChoice;
            use tickwire_server::{Config, Running};

            #[path = "handshake.rs"]
            mod handshake;
            #[path = "press.rs"]
            mod press;
            #[path = "rooms.rs"]
            mod rooms;
            #[path = "shutdown.rs"]
            mod shutdown;
            #[path = "sockets.rs"]
            mod sockets;
            #[path = "tls.rs"]
            mod tls;

            fn start(change: impl FnOnce(&mut Config)) -> Running {
                let io = IoChoice::$io;
                crate::pretend::start(|config| {
                    // Where io_uring is forbidden, what stands in for it is tested once more.
                    config.shard.io = if crate::pretend::has(io) { io } else { IoChoice::Auto };
                    change(config);
                })
            }
        }
    )*};
}

#[cfg(target_os = "linux")]
on_each_driver! { epoll: Epoll, uring: Uring, }
on_each_driver! { poll: Poll, }
