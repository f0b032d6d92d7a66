//! SIGTERM and SIGINT.

use std::time::{Duration, Instant};

use tickwire_skirmish::Skirmish;

use super::start;
use crate::good::Good;

#[test]
fn clients_hear_1012_and_the_status_is_0() {
    for signal in ["TERM", "INT"] {
        let program = start(&["--set", "shutdown.retry_after_ms=900"]);
        let good = Good::join::<Skirmish>(program.address, "skirmish");
        let began = Instant::now();
        program.signal(signal);
        let close = good.until_closed().close.unwrap();
        assert_eq!((close.code, close.retry_after_ms()), (1012, Some(900)), "{close}");
        assert_eq!(program.wait().code(), Some(0), "SIG{signal}");
        assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let program = start(&["--set", "shutdown.linger_ms=60000"]);
    program.signal("INT");
    std::thread::sleep(Duration::from_millis(300));
    program.signal("INT");
    let began = Instant::now();
    assert_eq!(program.wait().code(), Some(130));
    assert!(began.elapsed() < Duration::from_secs(2));
}
