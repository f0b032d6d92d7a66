//! More work than time: snapshots give before ticks do, one room's trouble stays its own, no room is let
//! in that nobody has time for. Rooms are slow by sleeping, so that these tests need no processor.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tickwire_wire::websocket::Opcode;

use crate::pretend::{BE_QUICK, IGNORED, start};
use crate::raw::{Socket, eventually, frame, get, metric, post};

/// One of these tests at a time: together they would be each other's overload.
static ONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open(address: SocketAddr, id: &str, options: &str) {
    let body = format!(r#"{{"game":"pretend","id":"{id}","options":{{{options}}}}}"#);
    let answer = post(address, "/v1/rooms", &body);
    assert_eq!(answer.status, 201, "{answer:?}");
}

fn tick_of(address: SocketAddr, room: &str) -> u64 {
    get(address, &format!("/v1/rooms/{room}")).json()["tick"].as_u64().unwrap()
}

/// Whether hardly any tick was given up: a machine that is busy with the test itself loses one now and
/// then.
fn is_in_time(address: SocketAddr) -> bool {
    let ticks = metric(address, "tickwire_ticks_total");
    metric(address, "tickwire_ticks_skipped_total") <= ticks / 20.0
}

/// Reads snapshots: how many ticks lie between one and the next.
fn steps(socket: &mut Socket, count: usize) -> Vec<u32> {
    let ticks: Vec<u32> = (0..=count).map(|_| socket.tick()).collect();
    ticks.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn snapshots_thin_out_before_ticks_are_given_up_and_come_back() {
    let _alone = alone();
    let server = start(|config| config.shard.count = 1);
    let address = server.addr();
    // 20 ms of each 20: hardly too much, and a snapshot is most of it.
    open(address, "slow", r#""slow_tick_ms":4,"slow_encode_ms":16"#);
    let mut quick = Socket::enter(address, "main");
    let mut slow = Socket::enter(address, "slow");
    eventually("the slow room is thinned", || {
        slow.tick();
        metric(address, "tickwire_rooms_thinned") == 1.0
    });
    let before = (tick_of(address, "main"), tick_of(address, "slow"));
    while u64::from(slow.tick()) < before.1 {}
    let thinned = steps(&mut slow, 50);
    let ticked: u32 = thinned.iter().sum();
    assert!(ticked >= 90, "two or three ticks for one snapshot: {thinned:?}");
    let after = (tick_of(address, "main"), tick_of(address, "slow"));
    let (main, slowed) = (after.0 - before.0, after.1 - before.1);
    assert!(main >= 80 && slowed.abs_diff(main) <= 5, "{slowed} ticks while {main}");
    assert!(is_in_time(address), "ticks were given up");
    let missing = steps(&mut quick, 50).iter().filter(|step| **step != 1).count();
    assert!(
        missing <= 10,
        "the room that costs little keeps its snapshots; {missing} of 50 do not"
    );
    assert!(metric(address, "tickwire_thinning_steps_total{to=\"fewer\"}") >= 1.0);
    assert!(metric(address, "tickwire_snapshots_thinned_total") >= 20.0);
    let load = get(address, "/v1/rooms/slow").json()["load"].as_f64().unwrap();
    assert!(load > 0.3, "{load}");
    assert_eq!(metric(address, "tickwire_room_load_ratio{room=\"slow\"}"), load);
    assert!(metric(address, "tickwire_shard_load_ratio{shard=\"0\"}") > 0.3);

    slow.say(BE_QUICK);
    eventually("it makes every snapshot again", || {
        slow.tick();
        metric(address, "tickwire_rooms_thinned") == 0.0
    });
    assert!(metric(address, "tickwire_thinning_steps_total{to=\"more\"}") >= 1.0);
    eventually("and its client gets them", || steps(&mut slow, 10).iter().all(|step| *step == 1));
    server.stop().unwrap();
}

#[test]
fn a_hopeless_room_loses_time_and_no_other_room_does() {
    let _alone = alone();
    let server = start(|config| config.shard.count = 2);
    let address = server.addr();
    open(address, "other", "");
    let shards = ["0", "1"].map(|shard| format!("{{shard=\"{shard}\"}}"));
    let of_shard = |name: &str| {
        shards.each_ref().map(|shard| metric(address, &format!("tickwire_shard_{name}{shard}")))
    };
    eventually("each shard has one room", || of_shard("rooms") == [1.0, 1.0]);
    // A tick of half as much time again as there is, in one of the two shards.
    open(address, "hopeless", r#""slow_tick_ms":30"#);
    let mut hopeless = Socket::enter(address, "hopeless");
    eventually("its ticks are given up", || {
        of_shard("ticks_skipped_total").iter().any(|skipped| *skipped >= 20.0)
    });
    let ticks = || ["main", "other", "hopeless"].map(|room| tick_of(address, room));
    let before = ticks();
    let mut playing = ["main", "other"].map(|room| Socket::enter(address, room));
    let seen = playing.each_mut().map(|socket| steps(socket, 100));
    let after = ticks();
    let ran: Vec<u64> = before.iter().zip(after).map(|(before, after)| after - before).collect();
    // Its neighbour waits up to 30 ms for it, and makes up for that: it loses snapshots, no ticks.
    assert!(ran[0].abs_diff(ran[1]) <= ran[1] / 10, "{ran:?}");
    assert!(ran[2] <= ran[0] * 4 / 5, "{ran:?}");
    let gaps = seen.each_ref().map(|steps| steps.iter().filter(|step| **step != 1).count());
    assert!(gaps[0].min(gaps[1]) <= 10, "on the other shard nobody notices: {seen:?}");
    let [a, b] = of_shard("ticks_skipped_total");
    assert!(a.min(b) == 0.0, "{a} and {b}");
    hopeless.say(BE_QUICK);
    eventually("it keeps up again", || {
        let load = get(address, "/v1/rooms/hopeless").json()["load"].as_f64().unwrap();
        load < 0.5
    });
    server.stop().unwrap();
}

#[test]
fn two_hopeless_rooms_of_a_shard_take_turns() {
    let _alone = alone();
    let server = start(|config| config.shard.count = 1);
    let address = server.addr();
    let mut quick = Socket::enter(address, "main");
    let rooms = ["one", "two"];
    for room in rooms {
        open(address, room, r#""slow_tick_ms":40"#);
    }
    let _slow = rooms.map(|room| Socket::enter(address, room));
    eventually("time is given up", || metric(address, "tickwire_ticks_skipped_total") >= 20.0);
    let before = rooms.map(|room| tick_of(address, room));
    while quick.tick() % 100 != 0 {}
    quick.tick();
    while quick.tick() % 100 != 0 {}
    let ran: Vec<u64> =
        rooms.iter().zip(before).map(|(room, before)| tick_of(address, room) - before).collect();
    assert!(ran[0].abs_diff(ran[1]) <= ran[0].max(ran[1]) / 2, "one of them starves: {ran:?}");
    server.stop().unwrap();
}

#[test]
fn rooms_that_are_refused_take_no_place_from_others() {
    let _alone = alone();
    let server = start(|config| {
        config.shard.count = 1;
        config.limits.rest_per_s = 10_000;
    });
    let address = server.addr();
    // Each would count for 0.5 % of the shard until it settles.
    for _ in 0..300 {
        let body = r#"{"game":"pretend","options":{"refuse":"not this way"}}"#;
        assert_eq!(post(address, "/v1/rooms", body).status, 422);
    }
    open(address, "good", "");
    server.stop().unwrap();
}

#[test]
fn no_room_is_let_in_for_which_no_shard_has_time() {
    let _alone = alone();
    let server = start(|config| {
        config.shard.count = 1;
        config.shard.budget_percent = 20;
    });
    let address = server.addr();
    open(address, "heavy", r#""slow_tick_ms":10"#);
    let mut inside = Socket::enter(address, "heavy");
    eventually("the shard is past its budget", || {
        metric(address, "tickwire_shard_load_ratio{shard=\"0\"}") > 0.25
    });
    let make = || post(address, "/v1/rooms", r#"{"game":"pretend","id":"one-more"}"#);
    let refused = make();
    assert_eq!((refused.status, refused.error().as_str()), (503, "no_capacity"));
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!(metric(address, "tickwire_rooms_refused_total"), 1.0);
    assert_eq!(get(address, "/v1/rooms/one-more").status, 404);
    assert_eq!(post(address, "/v1/rooms/heavy/join", r#"{"name":"Ada"}"#).status, 200);
    let mut late = Socket::enter(address, "heavy");
    late.tick();

    inside.say(BE_QUICK);
    eventually("there is time again", || make().status == 201);
    server.stop().unwrap();
}

/// Something that goes on in the background until it is stopped.
struct Nuisance {
    stops: Arc<AtomicBool>,
    threads: Vec<JoinHandle<usize>>,
}

impl Nuisance {
    /// Does `work` on some threads, again and again.
    fn new(threads: usize, work: impl Fn() + Clone + Send + 'static) -> Self {
        let stops = Arc::new(AtomicBool::new(false));
        let run = |_| {
            let (stops, work) = (Arc::clone(&stops), work.clone());
            std::thread::spawn(move || {
                let mut count = 0;
                while !stops.load(Ordering::Relaxed) {
                    work();
                    count += 1;
                }
                count
            })
        };
        let threads = (0..threads).map(run).collect();
        Self { stops, threads }
    }

    /// How often it did it.
    fn stop(self) -> usize {
        self.stops.store(true, Ordering::Relaxed);
        self.threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    }
}

#[test]
fn thousands_of_idle_sockets_and_a_storm_of_connections_cost_a_room_no_tick() {
    let _alone = alone();
    let server = start(|config| {
        config.shard.count = 1;
        config.limits.hello_ms = 600_000;
        config.limits.idle_ms = 600_000;
        config.limits.ping_ms = 600_000;
    });
    let address = server.addr();
    open(address, "crowd", "");
    open(address, "storm", "");
    let mut player = Socket::enter(address, "main");
    let opening: Vec<_> = (0..4)
        .map(|_| {
            std::thread::spawn(move || -> Vec<Socket> {
                (0..500).map(|_| Socket::open(address, "crowd")).collect()
            })
        })
        .collect();
    let idle: Vec<Socket> = opening.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    eventually("all of them are counted", || {
        metric(address, "tickwire_sockets{state=\"awaiting_hello\"}") >= 2_000.0
    });
    let first = player.tick();
    let storm = Nuisance::new(4, move || {
        Socket::enter(address, "storm").send(Opcode::Close, &1000_u16.to_be_bytes());
    });
    let mut last = first;
    let mut missing = 0;
    while storm.threads.iter().any(|thread| !thread.is_finished())
        && metric(address, "tickwire_upgrades_total") < 3_001.0
    {
        for step in steps(&mut player, 10) {
            last += step;
            missing += u32::from(step != 1);
        }
    }
    assert!(storm.stop() >= 900);
    assert!(last - first >= 20, "the room ticked on: {first} to {last}");
    assert!(missing * 10 <= last - first, "{missing} gaps in {} ticks", last - first);
    assert!(is_in_time(address), "ticks were given up");
    drop(idle);
    eventually("the idle ones are gone", || {
        metric(address, "tickwire_sockets{state=\"awaiting_hello\"}") == 0.0
    });
    server.stop().unwrap();
}

#[test]
fn a_flood_of_messages_into_one_room_takes_no_tick_from_another() {
    let _alone = alone();
    let server = start(|config| config.shard.count = 1);
    let address = server.addr();
    open(address, "flooded", "");
    let mut player = Socket::enter(address, "main");
    let sockets: Vec<_> = (0..4)
        .map(|_| {
            let socket = Socket::open(address, "flooded");
            Arc::new(std::sync::Mutex::new(socket))
        })
        .collect();
    let messages: Vec<u8> = (0..500).flat_map(|_| frame(Opcode::Binary, IGNORED)).collect();
    let floods: Vec<_> = sockets
        .into_iter()
        .map(|socket| {
            let messages = messages.clone();
            Nuisance::new(1, move || socket.lock().unwrap().send_raw(&messages))
        })
        .collect();
    eventually("it is a flood", || metric(address, "tickwire_messages_received_total") > 10_000.0);
    let before = metric(address, "tickwire_messages_received_total");
    let gaps = steps(&mut player, 100).iter().filter(|step| **step != 1).count();
    let came = metric(address, "tickwire_messages_received_total") - before;
    assert!(came > 10_000.0, "{came} messages meanwhile");
    // A gap is a tick that ran late enough to be caught up with the next.
    assert!(gaps <= 15, "{gaps} gaps in 100 ticks");
    assert!(is_in_time(address), "ticks were given up");
    assert_eq!(metric(address, "tickwire_rooms_thinned"), 0.0, "thinning would not help");
    // A socket that is closed takes no more bytes: nobody is left to wait for.
    let stopping = std::thread::spawn(move || server.stop());
    floods.into_iter().for_each(|flood| {
        flood.stop();
    });
    stopping.join().unwrap().unwrap();
}
