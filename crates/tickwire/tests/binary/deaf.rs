//! A client that joins a real match and never reads: what it costs, and when it is cut.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use socket2::{Domain, Socket as System, Type};
use tickwire_skirmish::Skirmish;
use tickwire_wire::message::{Auth, Hello, InputMode, PROTOCOL_VERSION, encode_hello};
use tickwire_wire::websocket::Opcode;

use crate::ALONE;
use crate::good::Good;
use crate::program::Program;
use crate::raw::{PATIENCE, Socket, frame, metric, post};

/// What a client may cost, whatever it does.
const SOCKET_BYTES: f64 = 192.0 * 1024.0;

/// Until the kernel's buffers are full, at a few KiB a second.
const FILL: Duration = Duration::from_secs(60);

/// Joins, and reads nothing from then on.
fn join(address: SocketAddr) -> Socket {
    let seat = post(address, "/v1/rooms/skirmish/join", r#"{"name":"Deaf"}"#).json();
    let hello = Hello {
        protocol: PROTOCOL_VERSION,
        auth: Auth::Ticket(seat["ticket"].as_str().unwrap().to_owned()),
        input_mode: InputMode::Latest,
        verify: true,
        schema_hash: None,
        prior_hash: None,
        last_tick: None,
        reliable_received: 0,
        epoch_seen: 0,
        client: "deaf".into(),
    };
    let mut message = Vec::new();
    encode_hello(&hello, &mut message);
    let system = System::new(Domain::IPV4, Type::STREAM, None).unwrap();
    system.set_recv_buffer_size(4096).unwrap();
    system.connect(&address.into()).unwrap();
    let stream: TcpStream = system.into();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    Socket::open_on(stream, address, "skirmish", &frame(Opcode::Binary, &message))
}

#[test]
fn a_client_that_never_reads_a_match_costs_little_and_nobody_else_is_cut() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let program = Program::start(&["--bots", "14", "--set", "limits.progress_ms=2000"]);
    let address = program.address;
    let good = Good::join::<Skirmish>(address, "skirmish");
    let _deaf = join(address);
    let (begin, mut most, mut queued) = (Instant::now(), 0.0_f64, 0.0_f64);
    while metric(address, "tickwire_closes_total{code=\"4013\"}") == 0.0 {
        assert!(begin.elapsed() < FILL, "the deaf client was never cut");
        most = most.max(metric(address, "tickwire_socket_bytes_max"));
        queued = queued.max(metric(address, "tickwire_queued_bytes"));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(queued > 0.0, "it was cut before anything waited");
    assert!(most <= SOCKET_BYTES, "{most} bytes");
    good.play_on(10);
    // Whether anybody is slower for it is for a bench to say: `arena -- --mute 1`.
    assert_eq!(good.leave().close, None);
}
