//! SIGINT, SIGTERM and SIGHUP.

use std::io;

/// A signal this soon after the first is the same one, sent to a process and to its group.
pub(crate) const ONE_SIGNAL: std::time::Duration = std::time::Duration::from_millis(100);

/// Exit status after a second signal: 128 + SIGINT, as shells expect.
pub(crate) const SECOND_SIGNAL_STATUS: i32 = 130;

/// The signals that end the server.
#[cfg(unix)]
pub(crate) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Takes the signals over; from now on they no longer end the process by themselves.
    pub(crate) fn install() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for one, and names it.
    pub(crate) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

/// Does something at each SIGHUP, which no longer ends the process from now on.
#[cfg(unix)]
pub(super) fn on_hangup(mut work: impl FnMut() + Send + 'static) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            work();
        }
    });
    Ok(())
}

/// There is no such signal.
#[cfg(not(unix))]
pub(super) fn on_hangup(_: impl FnMut() + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Ctrl-C, where there are no signals.
#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn install() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn next(&mut self) -> &'static str {
        // Without a handler the process ends by itself, which is as good.
        let _ = tokio::signal::ctrl_c().await;
        "ctrl-c"
    }
}
