//! The connection of a seat, or the wait for another one.

use std::pin::Pin;

use tickwire_wire::close::Close;
use tokio::time::Sleep;

use super::Trouble;
use crate::address::Address;
use crate::limits::SILENCE_US;
use crate::net::{ConnectError, Connection, Ended};
use crate::rest::Api;
use crate::session::Session;
use crate::time::Time;

/// A connection that comes and goes.
pub(super) struct Link {
    time: Time,
    connection: Option<Connection>,
    /// When to try again; only while there is no connection.
    retry_us: u64,
    /// When the newest bytes were read.
    arrived_us: u64,
    /// Wakes for the next input; kept because a timer costs less to move than to make.
    timer: Pin<Box<Sleep>>,
}

impl Link {
    pub(super) fn new(time: Time) -> Self {
        let timer = Box::pin(tokio::time::sleep(std::time::Duration::ZERO));
        Self { time, connection: None, retry_us: 0, arrived_us: 0, timer }
    }

    pub(super) fn is_up(&self) -> bool {
        self.connection.is_some()
    }

    pub(super) fn arrived_us(&self) -> u64 {
        self.arrived_us
    }

    /// Ends the line without a goodbye.
    pub(super) fn drop_line(&mut self) {
        self.connection = None;
    }

    pub(super) fn retry_at(&mut self, us: u64) {
        self.retry_us = us;
    }

    pub(super) async fn wait_for_retry(&mut self) {
        self.timer.as_mut().reset(self.time.instant(self.retry_us).into());
        self.timer.as_mut().await;
    }

    /// Where to connect next: the addresses that Welcome named in turn, or where it all began.
    pub(super) fn address(&self, api: &Api, session: &Session, tries: u32) -> Address {
        let named = session.welcome().map_or(&[][..], |welcome| &welcome.reconnect);
        let turn = tries as usize % named.len().max(1);
        let next = named.get(turn).and_then(|url| api.address().named(url));
        next.unwrap_or_else(|| api.address().clone())
    }

    /// Opens a connection and says Hello on it.
    pub(super) async fn connect(
        &mut self,
        address: &Address,
        path: &str,
        session: &mut Session,
    ) -> Result<(), ConnectError> {
        let mut connection = Connection::open(address, path).await?;
        let hello = session.hello(self.time.now_us());
        // When this fails, so does the read that follows.
        let _sent = connection.send(&hello);
        self.connection = Some(connection);
        Ok(())
    }

    /// Gives the session the next message that has come; `false` when there is none.
    pub(super) fn deliver(&mut self, session: &mut Session) -> Result<bool, Trouble> {
        let Some(connection) = &mut self.connection else { return Ok(false) };
        let Some(message) = connection.next_message().map_err(Trouble::Ended)? else {
            return Ok(false);
        };
        session.receive(self.arrived_us, message).map_err(Trouble::Session)?;
        Ok(true)
    }

    /// Writes what the session has to say. A line that is down shows at the next read.
    pub(super) fn flush(&mut self, now_us: u64, session: &mut Session) {
        let Some(connection) = &mut self.connection else { return };
        while let Some(message) = session.take_outgoing(now_us) {
            if connection.send(&message).is_err() {
                return;
            }
        }
    }

    /// Waits until bytes come or the next input falls due.
    pub(super) async fn wait(&mut self, session: &mut Session) -> Result<(), Trouble> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let now_us = self.time.now_us();
        let dead_us = session.heard_us() + SILENCE_US;
        if now_us >= dead_us {
            return Err(Trouble::Ended(Ended(Close::cut())));
        }
        let due_us = session.next_due_us(now_us).unwrap_or(dead_us).min(dead_us);
        self.timer.as_mut().reset(self.time.instant(due_us).into());
        tokio::select! {
            biased;
            filled = connection.fill() => {
                self.arrived_us = self.time.now_us();
                filled.map_err(Trouble::Ended)?;
                // Other connections of this thread read first, so that their times of arrival do
                // not contain the decoding of this one.
                tokio::task::yield_now().await;
            }
            () = self.timer.as_mut() => {}
        }
        Ok(())
    }

    /// Says goodbye and ends.
    pub(super) async fn close(&mut self, end: &Close) {
        if let Some(connection) = self.connection.take() {
            connection.close(end).await;
        }
    }
}
