//! TLS over real sockets: matches, handshakes that never end, garbage, and files that are none.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tickwire_server::{Config, Running, Server, ServerError};
use tickwire_wire::websocket::Opcode;

use crate::pretend;
use crate::raw::{Answer, Came, Socket, connect, eventually, exchange_on, frame, metric_in};

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Certificate and key in files, and who trusts them.
struct Identity {
    folder: PathBuf,
    der: CertificateDer<'static>,
}

impl Identity {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("tickwire-tls-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
        fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
        fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
        Self { folder, der: cert.der().clone() }
    }

    fn path(&self, file: &str) -> String {
        self.folder.join(file).display().to_string()
    }

    fn configure(&self, config: &mut Config) {
        config.tls.cert = self.path("cert.pem");
        config.tls.key = self.path("key.pem");
    }

    fn start(&self, change: impl FnOnce(&mut Config)) -> Running {
        super::start(|config| {
            self.configure(config);
            change(config);
        })
    }

    fn client(&self, versions: &[&'static rustls::SupportedProtocolVersion]) -> ClientConnection {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").unwrap();
        ClientConnection::new(Arc::new(config), name).unwrap()
    }

    fn connect(&self, address: SocketAddr) -> Stream {
        StreamOwned::new(self.client(rustls::ALL_VERSIONS), connect(address))
    }

    fn get(&self, address: SocketAddr, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        exchange_on(self.connect(address), request.as_bytes())
    }

    fn metric(&self, address: SocketAddr, name: &str) -> f64 {
        metric_in(&self.get(address, "/metrics"), name)
    }

    /// A match socket that gets snapshots; its first frame comes right behind the request.
    fn enter_on(&self, stream: Stream, address: SocketAddr, room: &str) -> Socket<Stream> {
        let mut socket = Socket::open_on(stream, address, room, &frame(Opcode::Binary, b"hello"));
        assert_eq!(socket.message(), b"hello");
        socket
    }

    fn enter(&self, address: SocketAddr) -> Socket<Stream> {
        self.enter_on(self.connect(address), address, "main")
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn matches_and_requests_in_both_versions() {
    let identity = Identity::new("versions");
    let server = identity.start(|_| ());
    let address = server.addr();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let stream = StreamOwned::new(identity.client(&[version]), connect(address));
        let mut socket = identity.enter_on(stream, address, "main");
        let mut tick = socket.tick();
        for _ in 0..20 {
            tick = socket.tick_after(tick);
        }
        // Messages of many records, and many in one.
        let large = vec![9; 4_000];
        socket.say(&large);
        let burst: Vec<u8> = (0..20).flat_map(|n| frame(Opcode::Binary, &[n; 30])).collect();
        socket.send_raw(&burst);
        let mut echoes = vec![large];
        echoes.extend((0..20).map(|n| vec![n; 30]));
        for echo in echoes {
            while socket.message() != echo {}
        }
        socket.send(Opcode::Close, &1000_u16.to_be_bytes());
        assert_eq!(socket.close().0, 1000);
        // The end of the stream is said too: a cut would be an error here.
        assert_eq!(socket.stream.read(&mut [0; 8]).unwrap(), 0);
    }
    assert_eq!(identity.get(address, "/healthz").status, 200);
    server.stop().unwrap();
}

#[test]
fn a_large_snapshot_is_many_records() {
    let identity = Identity::new("large");
    let server =
        identity.start(|config| config.room.options = r#"{"snapshot_bytes":90000}"#.into());
    let mut socket = identity.enter(server.addr());
    let first = socket.tick();
    for _ in 0..10 {
        let message = socket.message();
        assert_eq!(message.len(), 90_004);
        assert!(message[4..].iter().all(|byte| *byte == b's'));
    }
    assert!(socket.tick() > first + 9);
    server.stop().unwrap();
}

#[test]
fn garbage_and_truncation_end_their_connection_only() {
    let identity = Identity::new("garbage");
    let server = identity.start(|_| ());
    let address = server.addr();
    let mut good = identity.enter(address);
    let mut tick = good.tick();

    let mut liar = identity.enter(address);
    liar.stream.sock.write_all(b"no record of anything").unwrap();
    assert_eq!(liar.stream.read_to_end(&mut Vec::new()).map_err(|error| error.kind()).ok(), None);

    // A record whose bytes were changed on their way.
    let mut forged = identity.enter(address);
    forged.stream.conn.writer().write_all(&frame(Opcode::Binary, b"true")).unwrap();
    let mut record = Vec::new();
    forged.stream.conn.write_tls(&mut record).unwrap();
    *record.last_mut().unwrap() ^= 1;
    forged.stream.sock.write_all(&record).unwrap();
    assert!(forged.stream.read_to_end(&mut Vec::new()).is_err(), "an alert");

    // Half a record, and the end.
    let mut half = identity.enter(address);
    half.stream.conn.writer().write_all(&frame(Opcode::Binary, b"true")).unwrap();
    let mut record = Vec::new();
    half.stream.conn.write_tls(&mut record).unwrap();
    half.stream.sock.write_all(&record[..record.len() / 2]).unwrap();
    half.stream.sock.shutdown(Shutdown::Write).unwrap();

    eventually("all three are gone", || {
        identity.metric(address, "tickwire_sockets{state=\"playing\"}") == 1.0
            && identity.metric(address, "tickwire_sockets{state=\"closing\"}") == 0.0
    });
    assert_eq!(identity.metric(address, "tickwire_tls_faults_total"), 2.0);
    assert_eq!(identity.metric(address, "tickwire_closes_total{code=\"1006\"}"), 3.0);
    for _ in 0..20 {
        tick = good.tick_after(tick);
    }
    server.stop().unwrap();
}

#[test]
fn a_client_may_end_with_close_notify_alone() {
    let identity = Identity::new("notify");
    let server = identity.start(|_| ());
    let address = server.addr();
    let mut socket = identity.enter(address);
    socket.stream.conn.send_close_notify();
    socket.stream.flush().unwrap();
    eventually("the server has noticed", || {
        identity.metric(address, "tickwire_closes_total{code=\"1006\"}") == 1.0
    });
    assert_eq!(identity.metric(address, "tickwire_tls_faults_total"), 0.0);
    server.stop().unwrap();
}

#[test]
fn handshakes_are_bounded_in_time() {
    let identity = Identity::new("halves");
    let server = identity.start(|config| config.limits.http_head_ms = 300);
    let address = server.addr();
    let mut hello = Vec::new();
    identity.client(rustls::ALL_VERSIONS).write_tls(&mut hello).unwrap();
    let begin = Instant::now();
    let mut halves: Vec<TcpStream> = [0, 1, hello.len() / 2, hello.len()]
        .iter()
        .map(|count| {
            let mut stream = connect(address);
            stream.write_all(&hello[..*count]).unwrap();
            stream
        })
        .collect();
    for stream in &mut halves {
        // Whatever it says first, it ends.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert!(begin.elapsed() >= Duration::from_millis(250));
    assert_eq!(identity.metric(address, "tickwire_tls_handshakes_failed_total"), 4.0);
    server.stop().unwrap();
}

#[test]
fn half_open_handshakes_count_as_strangers_of_their_address() {
    let identity = Identity::new("strangers");
    let server = identity.start(|config| {
        config.limits.per_ip_exempt.clear();
        config.limits.per_ip_unauthenticated = 3;
    });
    let _strangers: Vec<_> = (0..3).map(|_| connect(server.addr())).collect();
    eventually("a fourth is dropped at once", || {
        let mut stream = connect(server.addr());
        stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        matches!(stream.read(&mut [0; 8]), Ok(0))
    });
    server.stop().unwrap();
}

#[test]
fn plain_http_is_told_what_the_port_speaks() {
    let identity = Identity::new("plain");
    let server = identity.start(|_| ());
    let request = b"GET / HTTP/1.1\r\nhost: play.example\r\n\r\n";
    let answer = exchange_on(connect(server.addr()), request);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body, b"this port speaks HTTPS, not HTTP.\n");
    server.stop().unwrap();
}

#[test]
fn a_client_that_does_not_read_is_cut_with_its_code() {
    let identity = Identity::new("deaf");
    let server = identity.start(|config| {
        config.limits.progress_ms = 500;
        config.room.options = r#"{"snapshot_bytes":20000}"#.into();
    });
    let address = server.addr();
    let mut deaf = identity.enter(address);
    let mut most = 0.0_f64;
    eventually("it is cut", || {
        most = most.max(identity.metric(address, "tickwire_socket_bytes_max"));
        identity.metric(address, "tickwire_closes_total{code=\"4013\"}") == 1.0
    });
    assert!((40_000.0..=256.0 * 1024.0).contains(&most), "{most}");
    assert_eq!(deaf.close(), (4013, "no byte taken for 500 ms".into()));
    assert_eq!(deaf.next(), Came::End);
    server.stop().unwrap();
}

#[test]
fn a_page_that_came_without_tls_is_of_another_site() {
    let identity = Identity::new("origin");
    let server = identity.start(|_| ());
    let address = server.addr();
    let upgrade = |origin: &str| {
        let request = crate::raw::upgrade_request(address, "main");
        let request = request.replace("upgrade:", &format!("origin: {origin}\r\nupgrade:"));
        exchange_on(identity.connect(address), request.as_bytes()).status
    };
    assert_eq!(upgrade(&format!("https://{address}")), 101);
    assert_eq!(upgrade(&format!("http://{address}")), 403);
    server.stop().unwrap();
}

#[test]
fn files_that_make_no_tls_are_refused_with_their_names() {
    let identity = Identity::new("files");
    let refused = |cert: &str, key: &str| {
        let mut config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
        config.tls.cert = cert.into();
        config.tls.key = key.into();
        match Server::new(config).kind(pretend::kind()).start() {
            Err(error @ ServerError::Tls(_)) => error.to_string(),
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("it started with {cert} and {key}"),
        }
    };
    let (cert, key) = (identity.path("cert.pem"), identity.path("key.pem"));
    assert_eq!(refused(&cert, ""), "TLS: `tls.cert` is set and `tls.key` is not: TLS needs both");
    assert_eq!(refused("", &key), "TLS: `tls.key` is set and `tls.cert` is not: TLS needs both");
    let missing = refused(&identity.path("nothing.pem"), &key);
    assert!(missing.contains("cannot read") && missing.contains("nothing.pem"), "{missing}");
    let swapped = refused(&key, &cert);
    assert!(swapped.contains("holds no certificate in PEM"), "{swapped}");
    let twice = refused(&cert, &cert);
    assert!(twice.contains("`tls.key`) holds no private key in PEM"), "{twice}");
    fs::write(identity.folder.join("garbage.pem"), "-----BEGIN CERTIFICATE-----\n!!\n").unwrap();
    let garbage = refused(&identity.path("garbage.pem"), &key);
    assert!(garbage.contains("garbage.pem") && garbage.contains("in PEM"), "{garbage}");
    let other = KeyPair::generate().unwrap().serialize_pem();
    fs::write(identity.folder.join("other.pem"), other).unwrap();
    let mismatched = refused(&cert, &identity.path("other.pem"));
    assert!(mismatched.contains("other.pem` make no TLS"), "{mismatched}");
}
