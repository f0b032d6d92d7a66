//! The programs: what scripts read of them, and what they say when they cannot go on.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tickwire_wire::level::Level;

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

/// What a program prints with `--json -`.
fn json(program: &str, arguments: &[&str]) -> Value {
    let output = run(program, &[arguments, &["--json", "-"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Twelve frames; from the third on two bodies move.
fn trace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/twelve-frames.bin.xz")
}

const CUBES: &str = env!("CARGO_BIN_EXE_cubes");

#[test]
fn cubes_reports_one_level_as_an_object() {
    for level in Level::ALL {
        let trace = trace();
        let report = json(CUBES, &["--trace", trace.to_str().unwrap(), "--level", level.name()]);
        assert_eq!(
            (&report["level"], &report["frames_verified"]),
            (&level.name().into(), &6.into())
        );
        let bytes = report["bytes_per_frame"].as_f64().unwrap();
        assert!((1.0..60.0).contains(&bytes), "two bodies move: {bytes}");
        for figure in ["encode_us", "decode_us"] {
            let [p50, p99] = ["p50", "p99"].map(|share| report[figure][share].as_f64().unwrap());
            assert!(0.0 < p50 && p50 <= p99, "{report}");
        }
    }
}

#[test]
fn cubes_prints_the_known_figures_and_why_they_are_no_contest() {
    let output = run(CUBES, &["--trace", trace().to_str().unwrap(), "--level", "all"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let figures = ["442.6", "312.0", "199.5", "180.3", "packed", "ranged-max", "built for UDP"];
    assert!(figures.iter().all(|figure| text.contains(figure)), "{text}");
}

#[test]
fn cubes_says_what_is_wrong_with_a_trace() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let packed = std::fs::read(trace()).unwrap();
    let mut far = vec![0; 8 * 28_832];
    far[7 * 28_832 + 3 * 32 + 4 * 4..][..4].copy_from_slice(&1_000_000_i32.to_le_bytes());
    for (path, complaint) in [
        (directory.path().join("missing.bin"), "cannot be read"),
        (file("cut.bin.xz", &packed[..packed.len() - 40]), "xz data are damaged or cut off"),
        (file("cut.bin", &far[..28_832 * 8 - 4]), "not a multiple of 28832"),
        (file("short.bin", &far[..28_832 * 6]), "6 frames, at least 7"),
        (file("empty.bin", &[]), "has 0 bytes"),
        (file("far.bin", &far), "frame 7, record 3: x is 1000000"),
    ] {
        let output = run(CUBES, &["--trace", path.to_str().unwrap(), "--json", "-"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(complaint) && said.contains(path.to_str().unwrap()), "{said}");
        assert!(output.status.code() == Some(1) && output.stdout.is_empty());
    }
    assert_eq!(run(CUBES, &["--level", "packed"]).status.code(), Some(2), "no trace is named");
}

#[test]
fn arena_bytes_reports_a_list() {
    let arguments = ["--config", "a,b50", "--seconds", "1"];
    let list = json(env!("CARGO_BIN_EXE_arena-bytes"), &arguments);
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), 6, "two configurations at three levels");
    for (index, report) in list.iter().enumerate() {
        let (config, peer) = [("a", 286), ("b50", 520)][index / 3];
        assert_eq!((&report["config"], &report["peer_bytes"]), (&config.into(), &peer.into()));
        assert_eq!(report["level"], Level::ALL[index % 3].name());
        let bytes = report["bytes_mean"].as_f64().unwrap();
        assert!(10.0 < bytes && bytes < f64::from(peer), "{report}");
        assert!(report["rows_mean"].as_f64().unwrap() >= 16.0);
        assert_eq!(report["ratio"].is_number(), config == "b50");
    }
}

#[test]
fn metrics_cost_reports_a_share_of_what_a_message_costs() {
    let report = json(env!("CARGO_BIN_EXE_metrics-cost"), &["--rounds", "3", "--message-us", "10"]);
    let figure = |name: &str| report[name].as_f64().unwrap();
    assert!(figure("ns_per_snapshot") > 0.0 && figure("locked_ns_per_snapshot") > 0.0);
    let percent = figure("ns_per_snapshot") / 10_000.0 * 100.0;
    assert!((figure("percent_of_message") - percent).abs() < 1e-9);
}

#[test]
fn codec_and_throughput_report_what_they_measured() {
    let report = json(env!("CARGO_BIN_EXE_codec"), &["--workload", "a", "--seconds", "2"]);
    assert_eq!((&report["level"], &report["ticks_verified"]), (&"packed".into(), &59.into()));
    let list = json(env!("CARGO_BIN_EXE_throughput"), &["--states", "30"]);
    let list = list.as_array().unwrap();
    // Three levels, the mask, and the whole state plain and in four ways of zstd.
    assert_eq!(list.len(), 3 * 9);
    for report in list {
        assert_eq!(report["states_verified"], 30);
        for figure in ["bytes_mean", "encode_ns_per_row", "decode_ns_per_field"] {
            assert!(report[figure].as_f64().unwrap() > 0.0, "{report}");
        }
    }
}
