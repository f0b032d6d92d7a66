//! The binary as a process.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// What every test server gets: any free port, and no waiting at the end.
const FLAGS: [&str; 4] = ["--listen", "127.0.0.1:0", "--set", "shutdown.linger_ms=0"];

/// The binary, in an empty folder and without settings from the environment of the tests.
pub(crate) fn command(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickwire"));
    command.current_dir(folder.path());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TICKWIRE_") {
            command.env_remove(name);
        }
    }
    command
}

/// A server that runs. It is killed when the test is over.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
    /// All that it had printed once it listened.
    pub(crate) greeting: String,
    _folder: TempDir,
}

impl Program {
    /// Starts it with these flags and waits until it listens.
    pub(crate) fn start(flags: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut child = command(&folder)
            .args(FLAGS)
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.ends_with("ctrl-c\n") && lines.read_line(&mut greeting).unwrap() > 0 {}
        let line = greeting.lines().find_map(|line| line.strip_prefix("listening on "));
        let line = line.and_then(|url| url.split_once("://")).map(|(_, address)| address);
        let address = line.unwrap_or_else(|| panic!("no address in {greeting:?}")).parse().unwrap();
        Self { child, address, greeting, _folder: folder }
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for its end.
    pub(crate) fn wait(mut self) -> ExitStatus {
        let end = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "the server does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the binary to its end: status, standard output, standard error.
pub(crate) fn run(command: &mut Command) -> (i32, String, String) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > end {
            child.kill().unwrap();
            panic!("{command:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    (child.wait().unwrap().code().unwrap(), out, err)
}
