//! The binary with TLS: a real match over `wss`, a certificate replaced while it goes on, and what
//! cannot work.

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tickwire_client::rest::{Api, ApiError};
use tickwire_skirmish::Skirmish;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::good::Good;
use crate::program::{Program, command, run};
use crate::raw::{eventually, metric_in, read_answer};

/// A folder with `cert.pem` and `key.pem`, and the flags that name them.
struct Files {
    folder: TempDir,
    flags: [String; 4],
}

impl Files {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let flags = ["--tls-cert".into(), path("cert.pem"), "--tls-key".into(), path("key.pem")];
        Self { folder, flags }
    }

    /// Puts a new pair there; its certificate in PEM.
    fn renew(&self) -> String {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        self.write("cert.pem", &cert.pem());
        self.write("key.pem", &signing_key.serialize_pem());
        cert.pem()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn start(&self) -> Program {
        let mut flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        flags.extend(["--bots", "4"]);
        Program::start(&flags)
    }
}

/// A connection that believes the certificate in `pem` and no other.
fn connect(program: &Program, pem: &str) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    StreamOwned::new(session, crate::raw::connect(program.address))
}

/// The value of a metric, read over TLS.
fn metric(program: &Program, pem: &str, name: &str) -> f64 {
    let mut stream = connect(program, pem);
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {}\r\n\r\n", program.address);
    stream.write_all(request.as_bytes()).unwrap();
    metric_in(&read_answer(&mut stream), name)
}

/// Whether a new connection gets this certificate.
fn shows(program: &Program, pem: &str) -> bool {
    let mut stream = connect(program, pem);
    stream.conn.complete_io(&mut stream.sock).is_ok()
}

#[test]
fn a_match_over_wss_survives_a_new_certificate() {
    let files = Files::new();
    let old = files.renew();
    let program = files.start();
    assert!(program.greeting.contains("https://127.0.0.1"), "{}", program.greeting);
    let good = Good::join_at::<Skirmish>(api(&program, &old), "skirmish");

    let new = files.renew();
    assert!(!shows(&program, &new), "nobody has told the server yet");
    program.signal("HUP");
    eventually("new connections get the new certificate", || shows(&program, &new));
    assert!(!shows(&program, &old));
    assert_eq!(metric(&program, &new, "tickwire_tls_reloads_total{result=\"ok\"}"), 1.0);
    good.play_on(20);

    // A bad file changes nothing.
    files.write("cert.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n");
    program.signal("HUP");
    eventually("the failure is counted", || {
        metric(&program, &new, "tickwire_tls_reloads_total{result=\"failed\"}") == 1.0
    });
    assert!(shows(&program, &new));
    good.play_on(20);
    assert_eq!(good.leave().close, None, "it is the connection that it was");
}

fn api(program: &Program, pem: &str) -> Api {
    Api::with_ca(&format!("https://{}", program.address), pem.as_bytes()).unwrap()
}

#[test]
fn a_client_believes_only_whom_it_should() {
    let files = Files::new();
    files.renew();
    let program = files.start();
    let stranger = Files::new().renew();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for api in
        [Api::new(&format!("https://{}", program.address)).unwrap(), api(&program, &stranger)]
    {
        match runtime.block_on(api.rooms(None)) {
            Err(ApiError::Unreachable { problem, .. }) => {
                assert!(problem.contains("certificate"), "{problem}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn half_a_pair_is_refused_before_anything_starts() {
    let files = Files::new();
    files.renew();
    let folder = TempDir::new().unwrap();
    let (status, out, err) = run(command(&folder).args(&files.flags[..2]));
    assert_ne!(status, 0);
    assert!(err.contains("`tls.cert` is set and `tls.key` is not"), "{err}");
    assert!(out.is_empty(), "{out}");
}
