//! A release server as a child process, which never outlives its step.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::context::Context;
use super::error::StepError;
use crate::command::command;

/// How long a server may take until it is ready.
const START: Duration = Duration::from_secs(20);
/// How long it may take to end after SIGTERM.
const STOP: Duration = Duration::from_secs(10);
/// How long one answer of it may take.
const ANSWER: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(50);
/// Lines of its log shown when a step fails.
const LOG_LINES: usize = 40;

/// A running server; killed when dropped.
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
}

impl Server {
    /// Starts `tickwire serve` on a free port and waits until it is ready.
    pub(super) fn start(context: &mut Context, step: &str) -> Result<Self, StepError> {
        let binary = context.binary("tickwire")?;
        let log = context.out()?.join(format!("server-{step}.log"));
        let file = File::create(&log).map_err(|source| StepError::file(&log, source))?;
        let errors = file.try_clone().map_err(|source| StepError::file(&log, source))?;
        let address = free_address()?;
        let child = command(&context.root, &binary)
            .args(["serve", "--listen", &address.to_string()])
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(errors)
            .spawn()
            .map_err(|source| StepError::file(&binary, source))?;
        let mut server = Self { child, address, log };
        match server.wait_until_ready() {
            Ok(()) => Ok(server),
            Err(error) => {
                server.show_log();
                Err(error)
            }
        }
    }

    /// Where its HTTP API is.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asks it to end, as an operator does, and expects that it does so in peace.
    pub(super) fn stop(mut self) -> Result<(), StepError> {
        let id = self.child.id().to_string();
        crate::command::run(command(&std::env::temp_dir(), "kill").args(["-TERM", &id]))?;
        let end = Instant::now() + STOP;
        while Instant::now() < end {
            match self.child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => {
                    self.show_log();
                    return Err(StepError::Wrong(format!("the server ended with {status}")));
                }
                Ok(None) => thread::sleep(POLL),
                Err(error) => return Err(StepError::Wrong(format!("waiting for it: {error}"))),
            }
        }
        self.show_log();
        Err(StepError::Wrong(format!("the server was still there {STOP:?} after SIGTERM")))
    }

    /// Prints the end of its log.
    pub(super) fn show_log(&self) {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        println!("the server's last words ({}):", self.log.display());
        for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
            println!("    {line}");
        }
    }

    fn wait_until_ready(&mut self) -> Result<(), StepError> {
        let end = Instant::now() + START;
        while Instant::now() < end {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(StepError::Wrong(format!("the server ended at once with {status}")));
            }
            if ready(self.address) {
                return Ok(());
            }
            thread::sleep(POLL);
        }
        Err(StepError::Wrong(format!("the server was not ready within {START:?}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail when it has ended already, which is all that is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port of this machine that nobody listens on just now.
fn free_address() -> Result<SocketAddr, StepError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map_err(|error| StepError::Wrong(format!("no free port: {error}")))
}

/// Whether `/readyz` answers 200.
fn ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
        stream.set_read_timeout(Some(ANSWER))?;
        let request =
            format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer == b"HTTP/1.1 200")
}
