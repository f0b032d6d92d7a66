//! Which crate may know which, and which must stay free of sockets, threads and clocks.

use std::collections::{BTreeMap, BTreeSet};

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

/// The arrows: wire <- game <- room <- server <- tickwire; wire, game <- client; game <- skirmish.
const LAYERS: [Layer; 9] = [
    pure(WIRE, &[]),
    pure("tickwire-derive", &[]),
    pure(GAME, &[WIRE, "tickwire-derive"]),
    pure(ROOM, &[GAME, WIRE]),
    pure(SKIRMISH, &[GAME]),
    layer("tickwire-client", &[GAME, WIRE]),
    layer(SERVER, &[ROOM, GAME, WIRE]),
    layer("tickwire", &[SERVER, ROOM, GAME, WIRE, SKIRMISH]),
    layer("tickwire-xtask", &[]),
];
/// Crates that look at everything from outside.
const OBSERVERS: [&str; 2] = ["tickwire-sim", "tickwire-benches"];
/// What brings sockets, threads, clocks or the machine's randomness.
const IMPURE: [&str; 12] = [
    "tokio",
    "mio",
    "hyper",
    "hyper-util",
    "axum",
    "socket2",
    "rustix",
    "getrandom",
    "rayon",
    "chrono",
    "crossbeam",
    "async-std",
];

/// Checks what `cargo metadata` says.
pub(super) fn check(metadata: &Value) -> Vec<Offence> {
    let members: BTreeSet<&str> = strings(&metadata["workspace_members"]).collect();
    let packages: Vec<&Value> = list(&metadata["packages"])
        .filter(|package| members.contains(text(&package["id"])))
        .collect();
    let ours: BTreeSet<&str> = packages.iter().map(|package| text(&package["name"])).collect();
    let graph = Graph::new(metadata);
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
        for dependency in normal(&package["dependencies"], "kind") {
            let dependency = text(&dependency["name"]);
            if ours.contains(dependency) && !layer.may.contains(&dependency) {
                let what = format!("{name} must not depend on {dependency}: arrows point down");
                found.push(Offence::new(&manifest, 0, what));
            }
        }
        if layer.pure {
            for path in graph.impure_below(text(&package["id"])) {
                let what = format!("a pure crate reaches the outside world: {path}");
                found.push(Offence::new(&manifest, 0, what));
            }
        }
    }
    found
}

/// The resolved graph of normal dependencies, by package id.
struct Graph<'a> {
    names: BTreeMap<&'a str, &'a str>,
    below: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Graph<'a> {
    fn new(metadata: &'a Value) -> Self {
        let names = list(&metadata["packages"])
            .filter(|package| !macros_only(package))
            .map(|package| (text(&package["id"]), text(&package["name"])))
            .collect();
        let below = list(&metadata["resolve"]["nodes"])
            .map(|node| {
                let below = list(&node["deps"])
                    .filter(|dep| normal(&dep["dep_kinds"], "kind").next().is_some())
                    .map(|dep| text(&dep["pkg"]));
                (text(&node["id"]), below.collect())
            })
            .collect();
        Self { names, below }
    }

    /// Chains of names from `id` to each impure package below it.
    fn impure_below(&self, id: &'a str) -> Vec<String> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::from([id]);
        let mut open = vec![(id, String::new())];
        while let Some((id, path)) = open.pop() {
            for next in self.below.get(id).into_iter().flatten().copied() {
                // A procedural macro runs in the compiler and is in no program.
                let Some(name) = self.names.get(next).copied() else { continue };
                if !seen.insert(next) {
                    continue;
                }
                let path = if path.is_empty() { name.into() } else { format!("{path} > {name}") };
                if IMPURE.contains(&name) {
                    found.push(path);
                } else {
                    open.push((next, path));
                }
            }
        }
        found.sort();
        found
    }
}

fn macros_only(package: &Value) -> bool {
    list(&package["targets"])
        .any(|target| strings(&target["kind"]).any(|kind| kind == "proc-macro"))
}

/// Those of `dependencies` that a program is built from: their kind is null.
fn normal<'a>(dependencies: &'a Value, key: &'a str) -> impl Iterator<Item = &'a Value> {
    list(dependencies).filter(move |dependency| dependency[key].is_null())
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

    /// Metadata of packages with their normal and development dependencies; foreign names become
    /// packages without any.
    fn metadata(packages: &[(&str, &[&str], &[&str])], foreign: &[(&str, &[&str])]) -> Value {
        let foreign_rows = foreign.iter().map(|(name, normal)| (*name, *normal, &[][..]));
        let rows = packages.iter().copied().chain(foreign_rows);
        let (mut list, mut nodes) = (Vec::new(), Vec::new());
        for (name, normal, dev) in rows {
            let plain = normal.iter().map(|dep| json!({"name": dep, "kind": null}));
            let tests = dev.iter().map(|dep| json!({"name": dep, "kind": "dev"}));
            let dependencies: Vec<Value> = plain.chain(tests).collect();
            let kind = if name.ends_with("_macro") { "proc-macro" } else { "lib" };
            list.push(json!({
                "id": name, "name": name, "dependencies": dependencies,
                "targets": [{"kind": [kind]}],
            }));
            let deps: Vec<Value> = dependencies
                .iter()
                .map(|dep| json!({"pkg": dep["name"], "dep_kinds": [{"kind": dep["kind"]}]}))
                .collect();
            nodes.push(json!({"id": name, "deps": deps}));
        }
        let members: Vec<&str> = packages.iter().map(|package| package.0).collect();
        json!({"workspace_members": members, "packages": list, "resolve": {"nodes": nodes}})
    }

    fn whats(metadata: &Value) -> Vec<String> {
        check(metadata).into_iter().map(|offence| offence.what).collect()
    }

    #[test]
    fn arrows_down_pass() {
        let metadata = metadata(
            &[
                (WIRE, &["serde"], &[]),
                (GAME, &[WIRE], &[]),
                (ROOM, &[GAME, WIRE], &[SERVER]),
                (SERVER, &[ROOM, WIRE, "tokio"], &[]),
                ("tickwire-sim", &[SERVER], &[]),
            ],
            &[("serde", &[]), ("tokio", &["mio"]), ("mio", &[])],
        );
        assert_eq!(whats(&metadata), Vec::<String>::new());
    }

    #[test]
    fn an_arrow_up_is_refused() {
        let metadata = metadata(&[(WIRE, &[], &[]), (GAME, &[ROOM], &[]), (ROOM, &[], &[])], &[]);
        let expected = ["tickwire-game must not depend on tickwire-room: arrows point down"];
        assert_eq!(whats(&metadata), expected);
    }

    #[test]
    fn an_unknown_crate_needs_a_layer() {
        let metadata = metadata(&[("tickwire-new", &[], &[])], &[]);
        assert!(whats(&metadata)[0].starts_with("a crate without a layer"));
    }

    #[test]
    fn a_pure_crate_reaches_no_socket_even_far_below() {
        let foreign: &[(&str, &[&str])] = &[
            ("codec", &["deep"]),
            ("deep", &["mio", "x_macro"]),
            ("mio", &[]),
            ("x_macro", &["tokio"]),
            ("tokio", &[]),
        ];
        let reaching = metadata(&[(WIRE, &["codec"], &["tokio"])], foreign);
        let expected = ["a pure crate reaches the outside world: codec > deep > mio"];
        assert_eq!(whats(&reaching), expected);
        let shell = metadata(&[(SERVER, &["codec", "tokio"], &[])], foreign);
        assert_eq!(whats(&shell), Vec::<String>::new());
    }
}
