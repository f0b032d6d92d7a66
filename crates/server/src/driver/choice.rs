//! Which driver serves the shards' sockets.

use tracing::info;

#[cfg(target_os = "linux")]
use super::uring::Uring;
use crate::limits;

/// What the configuration says (`shard.io`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IoChoice {
    /// The best that works here: io_uring, then epoll, then poll.
    Auto,
    /// epoll and `send`; Linux.
    Epoll,
    /// io_uring; Linux 6.1 or later, where it is not forbidden.
    Uring,
    /// poll(2); any Unix.
    Poll,
}

/// A driver that works here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Io {
    #[cfg(target_os = "linux")]
    Epoll,
    #[cfg(target_os = "linux")]
    Uring,
    Poll,
}

/// Why a driver that was asked for cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("`shard.io` (--io) is \"{}\", but {reason}; take --io auto", .choice.name())]
pub(crate) struct IoError {
    choice: IoChoice,
    reason: String,
}

impl IoChoice {
    /// By its name in the configuration.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        [Self::Auto, Self::Epoll, Self::Uring, Self::Poll]
            .into_iter()
            .find(|choice| choice.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Epoll => "epoll",
            Self::Uring => "uring",
            Self::Poll => "poll",
        }
    }
}

impl Io {
    /// Follows the configuration, and logs what it came to.
    ///
    /// # Errors
    /// When what was asked for does not work here.
    pub(crate) fn choose(choice: IoChoice) -> Result<Self, IoError> {
        let io = match choice {
            IoChoice::Auto => Self::best(),
            IoChoice::Poll => Self::Poll,
            #[cfg(target_os = "linux")]
            IoChoice::Epoll => Self::Epoll,
            #[cfg(target_os = "linux")]
            IoChoice::Uring => match Uring::probe() {
                Ok(()) => Self::Uring,
                Err(error) => return Err(IoError { choice, reason: error.to_string() }),
            },
            #[cfg(not(target_os = "linux"))]
            IoChoice::Epoll | IoChoice::Uring => {
                return Err(IoError { choice, reason: "this system is not Linux".to_owned() });
            }
        };
        info!(io = io.name(), asked = choice.name(), "sockets of matches");
        Ok(io)
    }

    #[cfg(target_os = "linux")]
    fn best() -> Self {
        match Uring::probe() {
            Ok(()) => Self::Uring,
            Err(error) => {
                info!("{error}");
                Self::Epoll
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn best() -> Self {
        Self::Poll
    }

    /// Its name in the log and the metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            #[cfg(target_os = "linux")]
            Self::Epoll => "epoll",
            #[cfg(target_os = "linux")]
            Self::Uring => "uring",
            Self::Poll => "poll",
        }
    }

    /// The number of cohorts that suits it best.
    pub(crate) fn cohorts(self) -> u16 {
        match self {
            #[cfg(target_os = "linux")]
            Self::Uring => limits::URING_COHORTS,
            #[cfg(target_os = "linux")]
            Self::Epoll => limits::COHORTS,
            Self::Poll => limits::COHORTS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_has_its_name_and_poll_is_always_to_be_had() {
        for name in ["auto", "epoll", "uring", "poll"] {
            assert_eq!(IoChoice::by_name(name).map(IoChoice::name), Some(name));
        }
        assert_eq!(IoChoice::by_name("zork"), None);
        assert_eq!(Io::choose(IoChoice::Poll).unwrap().name(), "poll");
        assert!(Io::choose(IoChoice::Auto).is_ok());
    }

    #[test]
    fn a_refusal_says_what_was_asked_why_not_and_what_to_do() {
        let error = IoError { choice: IoChoice::Uring, reason: "it is forbidden".to_owned() };
        let expected = "`shard.io` (--io) is \"uring\", but it is forbidden; take --io auto";
        assert_eq!(error.to_string(), expected);
    }
}
