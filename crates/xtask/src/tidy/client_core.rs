//! The client crate holds both a pure core and a transport; this keeps the outside world in the
//! transport's files. (For whole crates, the layers and clippy's lists do that.)

use super::Offence;
use super::tree::Tree;

const CLIENT: &str = "crates/client/src/";
/// Files and directories of the transport, and of the player on top that runs on it.
const TRANSPORT: [&str; 7] = ["address", "line", "net", "play", "rest", "time", "trust"];
/// What the core must not name.
const OUTSIDE: [&str; 10] = [
    "tokio",
    "hyper",
    "fastwebsockets",
    "rand::",
    "std::net",
    "std::thread",
    "Instant",
    "SystemTime",
    "HashMap",
    "HashSet",
];

pub(super) fn check(tree: &Tree) -> Vec<Offence> {
    let mut found = Vec::new();
    for file in tree.with_extension(&["rs"]) {
        let Some(module) = file.path.strip_prefix(CLIENT) else { continue };
        let module = module.split(['/', '.']).next().unwrap_or(module);
        if TRANSPORT.contains(&module) {
            continue;
        }
        for (number, line) in file.lines() {
            let code = line.split("//").next().unwrap_or(line);
            if let Some(word) = OUTSIDE.into_iter().find(|word| code.contains(word)) {
                let what = format!("`{word}` in the client's core: only its transport may name it");
                found.push(Offence::new(&file.path, number, what));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outside_world_stays_in_the_transport() {
        let tree = Tree::planted(&[
            ("crates/client/src/net.rs", "use tokio::net;"),
            ("crates/client/src/rest/api.rs", "use hyper::Uri;"),
            ("crates/client/src/clock.rs", "//! Not an Instant.\nuse std::time::Instant;"),
            ("crates/client/src/session/resume.rs", "use tokio::time;"),
            ("crates/server/src/lib.rs", "use tokio::net;"),
        ]);
        let places: Vec<(String, usize)> =
            check(&tree).into_iter().map(|offence| (offence.path, offence.line)).collect();
        let expected =
            [("crates/client/src/clock.rs", 2), ("crates/client/src/session/resume.rs", 1)];
        assert_eq!(places, expected.map(|(path, line)| (path.to_string(), line)));
    }
}
