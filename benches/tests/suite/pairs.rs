//! The programs that run server and load as two processes.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tickwire_benches::rig::job::Io;

/// Long enough for the slowest machine that is of any use.
const PATIENCE: Duration = Duration::from_secs(60);

fn json(program: &str, arguments: &str) -> Value {
    let output =
        Command::new(program).args(arguments.split(' ')).args(["--json", "-"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// These figures are there, and above 0.
fn have(report: &Value, figures: &[&str]) {
    for figure in figures {
        let value = report.pointer(&format!("/{}", figure.replace('.', "/")));
        assert!(
            value.and_then(Value::as_f64).is_some_and(|value| value > 0.0),
            "{figure}: {report:#}"
        );
    }
}

#[test]
fn limits_holds_the_shard_against_bare_calls() {
    let report = json(
        env!("CARGO_BIN_EXE_limits"),
        "--clients 40 --hz 30 --io epoll --seconds 1 --rounds 1",
    );
    have(&report, &["ours_epoll_us", "bare_epoll_us", "ratio_epoll", "spread.ratio_epoll.max"]);
    assert_eq!((&report["clients"], &report["bytes"]), (&40.into(), &120.into()));
    have(&report, &["delivered_share_min"]);
}

#[test]
fn limits_holds_io_uring_against_bare_epoll_in_the_same_cohorts() {
    if Io::best() == Io::Epoll {
        // Containers often forbid io_uring: then it is said, and nothing is measured.
        let bench = Command::new(env!("CARGO_BIN_EXE_limits")).args(["--io", "uring"]).output();
        return assert!(!bench.unwrap().status.success());
    }
    let report = json(
        env!("CARGO_BIN_EXE_limits"),
        "--clients 40 --hz 60 --io uring --seconds 1 --rounds 1",
    );
    have(
        &report,
        &["ours_uring_us", "bare_uring_us", "bare_epoll_uring_cohorts_us", "ratio_uring"],
    );
    assert_eq!(
        report["cohorts"]["ours_uring_us"],
        report["cohorts"]["bare_epoll_uring_cohorts_us"]
    );
}

#[test]
fn arena_measures_every_input_and_verifies_a_sample() {
    let report = json(
        env!("CARGO_BIN_EXE_arena"),
        "--rooms 4 --per-room 16 --npcs 4 --view 50 --level ranged --seconds 1 --bare --idle 32",
    );
    have(
        &report,
        &[
            "tick_hz_min",
            "echo_ms.p50",
            "echo_ms.p99",
            "echo_ms.max",
            "tick_late_us.p50",
            "tick_late_us.p99",
            "tick_late_us.p999",
            "cpu_us_per_snapshot",
            "server_core_pct",
            "load_core_pct",
            "snapshot_bytes_mean",
            "rss_kb_per_client",
            "snapshots",
            "snapshots_verified",
            "bare_epoll_us",
            "ratio",
            "rss_kb_per_idle_socket",
        ],
    );
    assert_eq!((&report["rooms"], &report["clients"]), (&4.into(), &64.into()));
    assert_eq!((&report["desyncs"], &report["closed"]), (&0.into(), &0.into()), "{report:#}");
    assert_eq!(report["fault"], Value::Null);
}

#[test]
fn arena_searches_step_by_step() {
    let report = json(
        env!("CARGO_BIN_EXE_arena"),
        "--rooms 1 --per-room 2 --seconds 1 --find-max --max-rooms 2",
    );
    let steps = report["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2, "{report:#}");
    assert!(steps.iter().all(|step| step["holds"].is_boolean()));
    assert!(report["max_rooms"].as_u64().unwrap() <= 2);
}

#[test]
fn storm_brings_everyone_back() {
    let io = Io::best().name();
    let report = json(env!("CARGO_BIN_EXE_storm"), &format!("--clients 64 --storms 2 --io {io}"));
    assert_eq!((&report["clients"], &report["back"]), (&64.into(), &64.into()), "{report:#}");
    have(&report, &["playing_again_99_s", "accept_ms.p50", "accept_ms.p99", "playing_ms.max"]);
    assert_eq!(report["desyncs"], 0);
    assert_eq!(report["storms"].as_array().unwrap().len(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn no_part_outlives_its_bench() {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_limits"))
        .args(["--clients", "40", "--io", "epoll", "--seconds", "60", "--json", "-"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let parts = until(|| Some(parts_of(bench.id())).filter(|parts| parts.len() == 2));
    bench.kill().unwrap();
    bench.wait().unwrap();
    until(|| parts.iter().all(|part| stat(*part).is_none()).then_some(()));
}

fn until<T>(mut done: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(result) = done() {
            return result;
        }
        assert!(begin.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn parts_of(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| stat(*pid) == Some(parent)).collect()
}

/// The parent of a process that lives.
fn stat(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    if fields.next()? == "Z" {
        return None;
    }
    fields.next()?.parse().ok()
}
