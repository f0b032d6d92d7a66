//! What the binary says to those who start it.

use tempfile::TempDir;

use crate::program::{Program, command, run};

#[test]
fn a_person_is_told_where_to_play() {
    let program = Program::start(&[]);
    let text = &program.greeting;
    let address = program.address;
    assert!(text.contains(&format!("play        http://{address}/\n")), "{text}");
    assert!(text.contains("room        skirmish (skirmish, 16 seats, 8 bots, 30 Hz)\n"), "{text}");
    assert!(text.contains("stop        ctrl-c\n"), "{text}");
    assert!(text.lines().count() < 14, "short: {text}");
}

#[test]
fn a_port_that_is_taken_is_one_clear_line_and_status_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = TempDir::new().unwrap();
    let (status, out, err) = run(command(&folder).args(["--listen", &address, "--log", "error"]));
    assert_eq!((status, out.as_str()), (1, ""));
    assert_eq!(err.lines().count(), 1, "{err}");
    assert!(err.starts_with(&format!("tickwire: cannot listen on {address}: ")), "{err}");
    assert!(err.contains("--listen 127.0.0.1:0"), "{err}");
}

#[test]
fn the_version_is_printed() {
    let folder = TempDir::new().unwrap();
    let (status, out, _) = run(command(&folder).arg("--version"));
    assert_eq!((status, out.as_str()), (0, concat!("tickwire ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn the_settings_in_force_are_printed_with_their_sources() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("tickwire.toml"), "[room]\nbots = 3\n").unwrap();
    let (status, out, _) = run(command(&folder)
        .args(["config", "--listen", "127.0.0.1:9"])
        .env("TICKWIRE_LIMITS_IDLE_MS", "1000"));
    assert_eq!(status, 0);
    let line = |key: &str| out.lines().find(|line| line.starts_with(key)).unwrap();
    assert!(line("room.bots = 3 ").ends_with("# tickwire.toml:2"), "{out}");
    assert!(line("listen").ends_with("# --listen"), "{out}");
    assert!(line("limits.idle_ms = 1000 ").ends_with("# TICKWIRE_LIMITS_IDLE_MS"), "{out}");
    let (_, json, _) = run(command(&folder).args(["config", "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["room.bots"]["value"], 3);
}

#[test]
fn what_is_unknown_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    let refused = |change: &dyn Fn(&mut std::process::Command)| {
        let mut command = command(&folder);
        change(&mut command);
        let (status, out, err) = run(&mut command);
        assert_eq!(out, "");
        assert_ne!(status, 0);
        (status, err)
    };
    std::fs::write(folder.path().join("odd.toml"), "\n[limits]\nhelo_ms = 1\n").unwrap();
    let (status, err) = refused(&|command| {
        command.args(["--config", "odd.toml"]);
    });
    let expected =
        "tickwire: odd.toml:3: unknown key `limits.helo_ms`; did you mean `limits.hello_ms`?\n";
    assert_eq!((status, err.as_str()), (1, expected));
    let (_, err) = refused(&|command| {
        command.env("TICKWIRE_LISTN", "x");
    });
    assert!(err.contains("`TICKWIRE_LISTN`; did you mean `TICKWIRE_LISTEN`?"), "{err}");
    let (_, err) = refused(&|command| {
        command.args(["--set", "room.bot=1"]);
    });
    assert!(err.contains("unknown key `room.bot`; did you mean `room.bots`?"), "{err}");
    let (status, err) = refused(&|command| {
        command.arg("--lisen=1");
    });
    assert_eq!(status, 2);
    assert!(err.contains("--lisen") && err.contains("--listen"), "{err}");
    let (_, err) = refused(&|command| {
        command.args(["--config", "none.toml"]);
    });
    assert!(err.contains("none.toml"), "{err}");
    let (status, err) = refused(&|command| {
        command.args(["--log", "zork"]);
    });
    let expected = "tickwire: --log: `log` must be off, error, warn, info, debug or trace, alone or per \
                    module as in \"info,tickwire_server=debug\", not `zork`\n";
    assert_eq!((status, err.as_str()), (1, expected));
    let (_, err) = refused(&|command| {
        command.args(["--game", "chess"]);
    });
    assert!(err.contains("no game `chess`; this server has `skirmish`, `tag`"), "{err}");
}

#[test]
fn a_driver_that_is_none_is_refused_with_those_there_are() {
    let folder = TempDir::new().unwrap();
    let (status, out, err) = run(command(&folder).args(["--io", "zork"]));
    assert_eq!((status, out.as_str()), (1, ""));
    let expected = "`shard.io` must be \"auto\", \"epoll\", \"uring\" or \"poll\"";
    assert!(err.starts_with("tickwire: --io: ") && err.contains(expected), "{err}");
}
