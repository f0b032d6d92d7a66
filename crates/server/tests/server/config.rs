//! Where settings come from, and how wrong ones are refused.

use std::path::PathBuf;

use tickwire_server::Config;
use tickwire_server::config::{Flag, Sources, load, template, to_json, to_text};

/// A file that is gone when the test ends.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("tickwire-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn sources(file: &File, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Sources {
    Sources {
        file: Some(file.0.clone()),
        environment: environment.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect(),
        flags: flags
            .iter()
            .map(|(key, value)| Flag {
                shown: format!("--set {key}"),
                key: key.to_string(),
                value: value.to_string(),
            })
            .collect(),
    }
}

#[test]
fn flags_go_before_environment_before_file_before_defaults() {
    let file = File::new(
        "layers.toml",
        "[limits]\nhello_ms = 100\nidle_ms = 200\nping_ms = 300\nper_ip_exempt = [\"10.0.0.0/8\"]\n",
    );
    let environment =
        [("TICKWIRE_LIMITS_IDLE_MS", "201"), ("TICKWIRE_LIMITS_PING_MS", "301"), ("HOME", "/")];
    let effective = load(&sources(&file, &environment, &[("limits.ping_ms", "302")])).unwrap();
    let limits = &effective.config.limits;
    assert_eq!((limits.hello_ms, limits.idle_ms, limits.ping_ms), (100, 201, 302));
    assert_eq!(limits.progress_ms, Config::default().limits.progress_ms);

    let text = to_text(&effective);
    let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("limits.hello_ms").ends_with("layers.toml:2"), "{text}");
    assert!(line("limits.idle_ms").ends_with("# TICKWIRE_LIMITS_IDLE_MS"));
    assert!(line("limits.ping_ms").ends_with("# --set limits.ping_ms"));
    assert!(line("limits.progress_ms").ends_with("# default"));
    assert!(line("limits.per_ip_exempt").starts_with("limits.per_ip_exempt = [\"10.0.0.0/8\"]"));
    let json = to_json(&effective);
    assert_eq!(json["limits.ping_ms"]["value"], 302);
    assert_eq!(json["limits.ping_ms"]["source"], "--set limits.ping_ms");
}

#[test]
fn what_is_unknown_is_refused_with_its_place_and_the_nearest_name() {
    let refused = |text: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]| {
        let file = File::new("unknown.toml", text);
        let error = load(&sources(&file, environment, flags)).unwrap_err().to_string();
        error.replace(&file.0.display().to_string(), "FILE")
    };
    assert_eq!(
        refused("# a comment\n[limits]\nhelo_ms = 1\n", &[], &[]),
        "FILE:3: unknown key `limits.helo_ms`; did you mean `limits.hello_ms`?"
    );
    assert_eq!(
        refused("[limit]\nhello_ms = 1\n", &[], &[]),
        "FILE:1: unknown key `limit`; did you mean `limits`?"
    );
    assert_eq!(
        refused("tls = true\n", &[], &[]),
        "FILE:1: unknown key `tls`; `[tls]` is a section"
    );
    assert_eq!(
        refused("bandwidth = true\n", &[], &[]),
        "FILE:1: unknown key `bandwidth`; `tickwire config` lists what there is"
    );
    assert_eq!(
        refused("", &[("TICKWIRE_LIMIT_HELLO_MS", "1")], &[]),
        "environment: unknown variable `TICKWIRE_LIMIT_HELLO_MS`; \
         did you mean `TICKWIRE_LIMITS_HELLO_MS`?"
    );
    assert_eq!(
        refused("", &[], &[("rom.bots", "1")]),
        "command line: unknown key `rom.bots`; did you mean `room.bots`?"
    );
    assert_eq!(
        refused("listen = 7777\n", &[], &[]),
        "FILE:1: `listen` must be an address and port such as \"127.0.0.1:7777\", not `7777`"
    );
    assert_eq!(
        refused("[limits]\n\nhello_ms = 0\n", &[], &[]),
        "FILE:3: `limits.hello_ms` must be a whole number from 10 to 600000, not `0`"
    );
    assert_eq!(
        refused("", &[], &[("rooms.level", "zip")]),
        "--set rooms.level: `rooms.level` must be \"packed\", \"ranged\", \"ranged-max\" or empty, \
         not `zip`"
    );
    assert!(refused("listen = \n", &[], &[]).starts_with("FILE:1: "));
}

#[test]
fn the_file_in_the_repository_documents_exactly_the_defaults() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../assets/config/tickwire.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text, template(), "write it anew: tickwire config --template > {}", path.display());
    let file = File::new("template.toml", &text);
    let effective = load(&sources(&file, &[], &[])).unwrap();
    assert_eq!(effective.config, Config::default());
}
