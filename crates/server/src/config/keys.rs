//! The table of configuration keys: the one list from which the file, the environment, the flags, the
//! printed configuration and the documented default file all follow.

use serde_json::Value as Json;
use toml::de::DeValue;

use super::Config;
use super::setting::Setting;

/// One configuration key.
pub(crate) struct Key {
    /// Its full name, `limits.hello_ms`.
    pub(crate) name: &'static str,
    /// What it sets, in one or two sentences; starts with a space on each line.
    pub(crate) doc: &'static [&'static str],
    /// Smallest and largest value of a number.
    range: Option<(u64, u64)>,
    kind: &'static str,
    get: fn(&Config) -> Json,
    set_toml: fn(&mut Config, &DeValue<'_>) -> bool,
    set_text: fn(&mut Config, &str) -> bool,
}

impl Key {
    /// The environment variable that sets it: `TICKWIRE_LIMITS_HELLO_MS`.
    pub(crate) fn variable(&self) -> String {
        format!("{VARIABLE_PREFIX}{}", self.name.to_ascii_uppercase().replace('.', "_"))
    }

    /// Its value in `config`.
    pub(crate) fn get(&self, config: &Config) -> Json {
        (self.get)(config)
    }

    /// Sets it from a file's value. The error says what the value must be.
    pub(crate) fn set_toml(&self, config: &mut Config, value: &DeValue<'_>) -> Result<(), String> {
        let set = (self.set_toml)(config, value);
        self.check(config, set)
    }

    /// Sets it from text. The error says what the value must be.
    pub(crate) fn set_text(&self, config: &mut Config, text: &str) -> Result<(), String> {
        let set = (self.set_text)(config, text);
        self.check(config, set)
    }

    fn check(&self, config: &Config, set: bool) -> Result<(), String> {
        match self.range {
            Some((least, most)) => {
                let number = self.get(config).as_u64().filter(|n| (least..=most).contains(n));
                if set && number.is_some() {
                    return Ok(());
                }
                Err(format!("`{}` must be {} from {least} to {most}", self.name, self.kind))
            }
            None if set => Ok(()),
            None => Err(format!("`{}` must be {}", self.name, self.kind)),
        }
    }
}

/// What the name of every environment variable of ours starts with.
pub(crate) const VARIABLE_PREFIX: &str = "TICKWIRE_";

/// The key called `name`.
pub(crate) fn find(name: &str) -> Option<(usize, &'static Key)> {
    KEYS.iter().enumerate().find(|(_, key)| key.name == name)
}

/// All names that a file may use: keys, and the sections they stand in.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let sections = KEYS.iter().filter_map(|key| Some(key.name.rsplit_once('.')?.0));
    KEYS.iter().map(|key| key.name).chain(sections)
}

fn kind_of<S: Setting>(_: fn(&Config) -> &S) -> &'static str {
    S::KIND
}

macro_rules! keys {
    (@range) => { None };
    (@range $least:literal ..= $most:literal) => { Some(($least, $most)) };
    ($($(#[doc = $doc:literal])+ $first:ident $(. $rest:ident)* $(in $least:literal ..= $most:literal)?;)*) => {
        /// Every key, in the order in which the default file shows them.
        pub(crate) static KEYS: std::sync::LazyLock<Vec<Key>> = std::sync::LazyLock::new(|| vec![$(Key {
            name: concat!(stringify!($first) $(, ".", stringify!($rest))*),
            doc: &[$($doc),+],
            range: keys!(@range $($least ..= $most)?),
            kind: kind_of(|config| &config.$first$(.$rest)*),
            get: |config| Setting::to_json(&config.$first$(.$rest)*),
            set_toml: |config, value| {
                Setting::from_toml(value).map(|value| config.$first$(.$rest)* = value).is_some()
            },
            set_text: |config, text| {
                Setting::from_text(text).map(|value| config.$first$(.$rest)* = value).is_some()
            },
        }),*]);
    };
}

keys! {
    /// Address and port to listen on. Port 0 takes any free one; the start-up line says which.
    listen;
    /// Folder with `web/` and `maps/` to serve instead of the copies inside the binary; empty = those.
    assets;
    /// What to log: `off`, `error`, `warn`, `info`, `debug`, `trace`, or per module,
    /// `info,tickwire_server=debug`.
    log;
    /// Other sites whose pages may play here, `https://game.example`. The server's own pages always may.
    origins;

    /// File with the certificate and those between it and its authority, PEM: the server then speaks TLS
    /// only. Empty = no TLS. SIGHUP reads both files again.
    tls.cert;
    /// File with its private key, PEM.
    tls.key;

    /// Name of the room that is open from the start; it stays open without players.
    room.id;
    /// Its game.
    room.game;
    /// Players up to which bots fill it. They leave for people.
    room.bots in 0..=256;
    /// The game's own options as JSON, `{"round_s": 120}`; empty = its defaults.
    room.options;

    /// Rooms of the whole server.
    rooms.max in 1..=100000;
    /// A room made through REST is closed when no client has been in it for this time.
    rooms.idle_close_ms in 100..=86400000;
    /// How hard snapshots are compressed where a room's maker does not say: `packed` costs the least
    /// time, `ranged` fewer bytes, `ranged-max` the fewest; empty = as the game says.
    rooms.level;

    /// Threads that run matches; 0 = one for each core. Each room belongs to one of them.
    shard.count in 0..=256;
    /// Whether each keeps to a core of its own, on Linux: `true` = the n-th to the n-th core that the
    /// server may use, `[2, 3]` = to these in turn. Of use where nothing else runs on those cores.
    shard.pin;
    /// Share of a shard's time beyond which it gets no new room: `POST /v1/rooms` then says 503
    /// `no_capacity`. Rooms that are open still take players. 0 = no room is refused.
    shard.budget_percent in 0..=100;
    /// How match sockets are served: `uring` (Linux 6.1, where containers allow it), `epoll` (Linux),
    /// `poll` (any Unix); `auto` takes the first of them that works here.
    shard.io;
    /// Wake-ups per tick period of 30 Hz over which rooms are spread: more = lower latency, more CPU;
    /// 0 = what suits `io`: 12 with `uring`, else 5.
    shard.cohorts in 0..=50;

    /// Threads of the control plane (HTTP, matchmaking). Matches do not run on them.
    control.threads in 1..=64;
    /// Niceness of these threads on Linux, so that matches go first.
    control.nice in 0..=19;

    /// After SIGTERM, `/readyz` says 503 for this time before clients are closed.
    shutdown.linger_ms in 0..=300000;
    /// When closed clients are told to come back.
    shutdown.retry_after_ms in 0..=300000;

    /// A whole request head must have come within this time.
    limits.http_head_ms in 10..=600000;
    /// Size of a request head.
    limits.http_head_bytes in 512..=65536;
    /// Size of a request body.
    limits.http_body_bytes in 256..=1048576;
    /// A whole request body must have come within this time.
    limits.http_body_ms in 10..=600000;
    /// A plain HTTP connection ends after this time.
    limits.http_connection_ms in 1000..=86400000;
    /// Calls that change something, per address and second.
    limits.rest_per_s in 1..=100000;
    /// Time from the upgrade to an accepted Hello (close code 4005).
    limits.hello_ms in 10..=600000;
    /// One inbound message (1009).
    limits.message_bytes in 256..=65536;
    /// One inbound frame, checked before anything is buffered (1009).
    limits.frame_bytes in 256..=65536;
    /// Fragments of one inbound message (1009).
    limits.fragments in 1..=1024;
    /// A client of which nothing has come for this time is cut (4010).
    limits.idle_ms in 50..=3600000;
    /// Between two WebSocket pings.
    limits.ping_ms in 50..=3600000;
    /// A client that takes no byte for this time while data waits is cut (4013).
    limits.progress_ms in 50..=600000;
    /// The other side's part of a close handshake.
    limits.close_ms in 50..=60000;
    /// Reliable messages that may wait for a busy socket; more wait in the room.
    limits.queue_messages in 1..=4096;
    /// Bytes that may wait there before they do.
    limits.queue_bytes in 1024..=16777216;
    /// Bytes that may wait for one client in all, the rest of a frame under way included; one of which
    /// more would wait is cut (4013). More than a keyframe of the largest game.
    limits.tail_bytes in 16384..=16777216;
    /// Sockets of one address that have shown neither a valid request nor a Hello.
    limits.per_ip_unauthenticated in 1..=100000;
    /// Sockets of one address altogether.
    limits.per_ip_sockets in 1..=1000000;
    /// Seats reserved from one address whose tickets have not been used yet.
    limits.per_ip_reservations in 1..=1000000;
    /// Addresses and subnets free of the limits per address.
    limits.per_ip_exempt;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_variables_are_unique_and_defaults_in_range() {
        let mut config = Config::default();
        let mut names = std::collections::BTreeSet::new();
        for key in KEYS.iter() {
            assert!(names.insert(key.variable()), "{} twice", key.name);
            let text = match key.get(&config) {
                Json::String(text) => text,
                Json::Array(items) => items
                    .iter()
                    .map(|item| item.as_str().unwrap().to_owned())
                    .collect::<Vec<_>>()
                    .join(","),
                other => other.to_string(),
            };
            let before = key.get(&config);
            key.set_text(&mut config, &text).unwrap();
            assert_eq!(key.get(&config), before, "{} survives its own text", key.name);
        }
        assert_eq!(config, Config::default());
    }

    #[test]
    fn a_refused_value_names_key_type_and_range() {
        let (_, key) = find("limits.hello_ms").unwrap();
        let error = key.set_text(&mut Config::default(), "5").unwrap_err();
        assert_eq!(error, "`limits.hello_ms` must be a whole number from 10 to 600000");
        let (_, key) = find("listen").unwrap();
        let error = key.set_text(&mut Config::default(), "localhost").unwrap_err();
        assert!(error.starts_with("`listen` must be an address and port"), "{error}");
    }
}
