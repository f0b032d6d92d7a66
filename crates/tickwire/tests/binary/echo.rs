//! `tickwire echo` as a process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::program::{command, run};
use crate::raw::{connect, frame, read_answer, upgrade_request};
use tickwire::wire::websocket::Opcode;

#[test]
fn it_prints_its_address_echoes_and_ends_on_a_signal() {
    let folder = TempDir::new().unwrap();
    let flags = ["--max-message", "100000", "--max-fragments", "2"];
    let mut child = command(&folder)
        .args(["echo", "--listen", "127.0.0.1:0"])
        .args(flags)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.strip_prefix("listening on ws://").and_then(|rest| rest.strip_suffix("/\n"));
    let address = address.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();

    let mut stream = connect(address);
    stream.write_all(upgrade_request(address, "any").as_bytes()).unwrap();
    assert_eq!(read_answer(&mut stream).status, 101);
    stream.write_all(&frame(Opcode::Text, &[b'x'; 100_000])).unwrap();
    let mut head = [0; 10];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head, [0x81, 127, 0, 0, 0, 0, 0, 0x01, 0x86, 0xa0]);
    let mut payload = vec![0; 100_000];
    stream.read_exact(&mut payload).unwrap();
    assert!(payload.iter().all(|byte| *byte == b'x'));
    stream.write_all(&frame(Opcode::Binary, &[0; 100_001])).unwrap();
    let mut close = [0; 4];
    stream.read_exact(&mut close).unwrap();
    assert_eq!((close[0], &close[2..]), (0x88, &1009_u16.to_be_bytes()[..]));

    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let cases: [(&[&str], i32, &str); 5] = [
        (&["--listen", &taken], 1, "tickwire: cannot listen on 127.0.0.1:"),
        (&["--listen", "nowhere"], 1, "tickwire: --listen: `listen` must be"),
        (&["--max-message", "99999999999"], 2, "'--max-message <BYTES>'"),
        (&["--max-fragments", "0"], 2, "'--max-fragments <N>'"),
        (&["--game", "tag"], 2, "`--game` is for games; `echo` has none"),
    ];
    for (flags, expected, text) in cases {
        let folder = TempDir::new().unwrap();
        let (status, out, err) = run(command(&folder).arg("echo").args(flags));
        assert_eq!((status, out.as_str()), (expected, ""), "{flags:?}: {err}");
        assert!(err.contains(text), "{flags:?}: {err}");
    }
}
