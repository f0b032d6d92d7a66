//! Which crate may know which, and which must stay free of sockets, threads and clocks.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Offence;

/// What a crate of the workspace may depend on.
struct Layer {
    name: &'static str,
    /// Crates of the workspace it may name among its normal dependencies.
    may: &'static [&'static str],
    /// Whether everything below it, too, must be free of the outside world.
    pure: bool,
}

const fn layer(name: &'static str, may: &'static [&'static str]) -> Layer {
    Layer { name, may, pure: false }
}

const fn pure(name: &'static str, may: &'static [&'static str]) -> Layer {
    Layer { name, may, pure: true }
}

const WIRE: &str = "tickwire-wire";
const GAME: &str = "tickwire-game";
const ROOM: &str = "tickwire-room";
const SERVER: &str = "tickwire-server";
const SKIRMISH: &str = "tickwire-skirmish";
const RING: &str = "tickwire-ring";

/// The arrows: wire <- game <- room <- server <- tickwire; wire, game <- client; game <- skirmish;
/// ring <- server.
const LAYERS: [Layer; 10] = [
    pure(WIRE, &[]),
    pure("tickwire-derive", &[]),
    pure(GAME, &[WIRE, "tickwire-derive"]),
    pure(ROOM, &[GAME, WIRE]),
    pure(SKIRMISH, &[GAME]),
    layer("tickwire-client", &[GAME, WIRE]),
    layer(RING, &[]),
    layer(SERVER, &[ROOM, GAME, WIRE, RING]),
    layer("tickwire", &[SERVER, ROOM, GAME, WIRE, SKIRMISH]),
    layer("tickwire-xtask", &[]),
];
/// Crates that look at everything from outside.
const OBSERVERS: [&str; 3] = ["tickwire-sim", "tickwire-benches", "tickwire-scenes"];
/// What brings sockets, threads, clocks or the machine's randomness.
const IMPURE: [&str; 13] = [
    "tokio",
    "mio",
    "hyper",
    "hyper-util",
    "axum",
    "socket2",
    "rustix",
    "io-uring",
    "getrandom",
    "rayon",
    "chrono",
    "crossbeam",
    "async-std",
];

/// `cargo` and these, then a crate's name: the crates in its program, with its own features alone,
/// each line with its depth. Procedural macros run in the compiler and are in no program.
pub(super) const TREE: [&str; 8] = [
    "tree",
    "--edges",
    "normal,no-proc-macro",
    "--prefix",
    "depth",
    "--format",
    " {p}",
    "--package",
];

/// Checks what `cargo metadata` says of the arrows.
pub(super) fn check(metadata: &Value) -> Vec<Offence> {
    let members: BTreeSet<&str> = strings(&metadata["workspace_members"]).collect();
    let packages: Vec<&Value> = list(&metadata["packages"])
        .filter(|package| members.contains(text(&package["id"])))
        .collect();
    let ours: BTreeSet<&str> = packages.iter().map(|package| text(&package["name"])).collect();
    let mut found = Vec::new();
    for package in packages {
        let name = text(&package["name"]);
        let manifest = format!("Cargo.toml of {name}");
        if OBSERVERS.contains(&name) {
            continue;
        }
        let Some(layer) = LAYERS.iter().find(|layer| layer.name == name) else {
            let what = "a crate without a layer: give it one in crates/xtask/src/tidy/layers.rs";
            found.push(Offence::new(manifest, 0, what));
            continue;
        };
        for dependency in normal(&package["dependencies"]) {
            let dependency = text(&dependency["name"]);
            if ours.contains(dependency) && !layer.may.contains(&dependency) {
                let what = format!("{name} must not depend on {dependency}: arrows point down");
                found.push(Offence::new(&manifest, 0, what));
            }
        }
    }
    found
}

/// Names of the crates whose whole tree must be free of the outside world.
pub(super) fn pure_crates() -> impl Iterator<Item = &'static str> {
    LAYERS.iter().filter(|layer| layer.pure).map(|layer| layer.name)
}

/// Checks what [`TREE`] says of a pure crate.
pub(super) fn check_pure(name: &str, tree: &str) -> Vec<Offence> {
    let mut found = Vec::new();
    let mut path: Vec<&str> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(package)) = (words.next(), words.next()) else { continue };
        path.truncate(depth.parse().unwrap_or(0));
        path.push(package);
        if IMPURE.contains(&package) {
            let what = format!("a pure crate reaches the outside world: {}", path.join(" > "));
            found.push(Offence::new(format!("Cargo.toml of {name}"), 0, what));
        }
    }
    found
}

/// Those of `dependencies` that a program is built from: their kind is null.
fn normal(dependencies: &Value) -> impl Iterator<Item = &Value> {
    list(dependencies).filter(|dependency| dependency["kind"].is_null())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    list(value).filter_map(Value::as_str)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Metadata of packages with their normal and development dependencies.
    fn metadata(packages: &[(&str, &[&str], &[&str])]) -> Value {
        let list: Vec<Value> = packages
            .iter()
            .map(|(name, normal, dev)| {
                let normal = normal.iter().map(|dep| json!({"name": dep, "kind": null}));
                let dev = dev.iter().map(|dep| json!({"name": dep, "kind": "dev"}));
                let dependencies: Vec<Value> = normal.chain(dev).collect();
                json!({"id": name, "name": name, "dependencies": dependencies})
            })
            .collect();
        let members: Vec<&str> = packages.iter().map(|package| package.0).collect();
        json!({"workspace_members": members, "packages": list})
    }

    fn whats(metadata: &Value) -> Vec<String> {
        check(metadata).into_iter().map(|offence| offence.what).collect()
    }

    #[test]
    fn arrows_down_pass() {
        let metadata = metadata(&[
            (WIRE, &["serde"], &[]),
            (GAME, &[WIRE], &[]),
            (ROOM, &[GAME, WIRE], &[SERVER]),
            (SERVER, &[ROOM, WIRE, "tokio"], &[]),
            ("tickwire-sim", &[SERVER], &[]),
        ]);
        assert_eq!(whats(&metadata), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_up_is_refused() {
        let metadata = metadata(&[(WIRE, &[], &[]), (GAME, &[ROOM], &[]), (ROOM, &[], &[])]);
        let expected = ["tickwire-game must not depend on tickwire-room: arrows point down"];
        assert_eq!(whats(&metadata), expected);
    }

    #[test]
    fn an_unknown_crate_needs_a_layer() {
        let metadata = metadata(&[("tickwire-new", &[], &[])]);
        assert!(whats(&metadata)[0].starts_with("a crate without a layer"));
    }

    #[test]
    fn a_pure_crate_reaches_no_socket_even_far_below() {
        let tree = "\
0 tickwire-room v0.1.0 (somewhere)
1 sha2 v0.11.0
2 digest v0.11.3
1 codec v1.0.0
2 deep v1.0.0
3 mio v1.2.0
4 libc v0.2.0
2 other v1.0.0
1 mio v1.2.0 (*)
";
        let whats: Vec<String> = check_pure(ROOM, tree).into_iter().map(|o| o.what).collect();
        let start = "a pure crate reaches the outside world: tickwire-room > ";
        assert_eq!(whats, [format!("{start}codec > deep > mio"), format!("{start}mio")]);
        assert!(pure_crates().any(|name| name == ROOM));
        assert!(!pure_crates().any(|name| name == SERVER));
    }
}
