//! The real binary over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![allow(clippy::duplicate_mod, reason = "the same tests for every driver")]

mod command_line;
mod deaf;
mod echo;
mod good;
mod levels;
mod pages;
mod program;
#[path = "../../../server/tests/server/raw.rs"]
mod raw;
mod tls;
mod two_games;

/// A match that must miss nothing does not share the machine with two others.
static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// What goes through match sockets, on each driver.
macro_rules! on_each_driver {
    ($($driver:ident)*) => {$(
        #[path = "."]
        mod $driver {
            use crate::program::Program;

            #[path = "abuse.rs"]
            mod abuse;
            #[path = "shutdown.rs"]
            mod shutdown;

            fn start(flags: &[&str]) -> Program {
                Program::start(&[&["--io", stringify!($driver)], flags].concat())
            }
        }
    )*};
}

#[cfg(target_os = "linux")]
on_each_driver! { epoll uring }
on_each_driver! { poll }
