//! Running other programs.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use thiserror::Error;

/// Why another program's run counts as failed.
#[derive(Debug, Error)]
pub(crate) enum CommandError {
    #[error("cannot start `{line}`: {source}")]
    Start { line: String, source: std::io::Error },
    #[error("cannot read what `{line}` writes: {source}")]
    Read { line: String, source: std::io::Error },
    #[error("`{line}` ended with {status}")]
    Failed { line: String, status: ExitStatus },
}

/// A command in directory `root` without `TICKWIRE_*` variables: those configure the server and
/// steer tests, and must not leak from the caller's shell into either.
pub(crate) fn command(root: &Path, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TICKWIRE_") {
            command.env_remove(name);
        }
    }
    command
}

/// The cargo that runs this chore.
pub(crate) fn cargo(root: &Path) -> Command {
    command(root, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The command as one would type it.
pub(crate) fn line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let mut line = name.into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

/// Runs to the end; output goes where this program's goes.
pub(crate) fn run(command: &mut Command) -> Result<(), CommandError> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|source| CommandError::Start { line: line(command), source })?;
    succeed(command, status)
}

/// Runs to the end and gives each line of its standard output to `each`, as it comes.
pub(crate) fn run_lines(
    command: &mut Command,
    mut each: impl FnMut(&str),
) -> Result<(), CommandError> {
    let line = line(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|source| CommandError::Start { line: line.clone(), source })?;
    if let Some(output) = child.stdout.take() {
        for bytes in BufReader::new(output).split(b'\n') {
            match bytes {
                Ok(bytes) => each(&String::from_utf8_lossy(&bytes)),
                Err(source) => return Err(CommandError::Read { line, source }),
            }
        }
    }
    let status = child.wait().map_err(|source| CommandError::Read { line, source })?;
    succeed(command, status)
}

/// Runs to the end and returns its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String, CommandError> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|source| CommandError::Start { line: line(command), source })?;
    succeed(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn succeed(command: &Command, status: ExitStatus) -> Result<(), CommandError> {
    if status.success() {
        Ok(())
    } else {
        Err(CommandError::Failed { line: line(command), status })
    }
}

/// Whether `program` is found on the path.
pub(crate) fn installed(program: &str) -> bool {
    find(program).is_some()
}

/// Where `program` lies on the path.
pub(crate) fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}
