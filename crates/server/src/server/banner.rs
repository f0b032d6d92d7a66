//! What a person reads when the server has started.

use std::io::Write as _;
use std::net::SocketAddr;

use crate::app::App;

/// Prints it to standard output. Programs read the line `listening on http://…`, or `https://…`.
pub(super) fn print(app: &App, address: SocketAddr) {
    let text = text(app, address);
    // Nobody may be reading; that is no reason not to serve.
    let _ = std::io::stdout().write_all(text.as_bytes());
    let _ = std::io::stdout().flush();
}

fn text(app: &App, address: SocketAddr) -> String {
    let scheme = if app.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", reachable(address));
    let mut text = format!("Tickwire {}\nlistening on {url}\n\n", env!("CARGO_PKG_VERSION"));
    if app.kinds.contains_key("skirmish") {
        text.push_str(&format!("  play        {url}/\n"));
    }
    text.push_str(&format!("  any game    {url}/viewer\n"));
    for entry in app.directory.list() {
        let live = entry.live.read();
        text.push_str(&format!(
            "  room        {} ({}, {} seats, {} bots, {} Hz)\n",
            entry.id, entry.game, live.seats, app.config.room.bots, entry.tick_hz
        ));
    }
    let games: Vec<&str> = app.kinds.keys().copied().collect();
    text.push_str(&format!("  games       {}\n", games.join(", ")));
    text.push_str(&format!(
        "  more bots   --bots 12 for this room; rooms full of clients:\n              \
         cargo run --release -p tickwire-sim --bin bots -- --url {url}\n"
    ));
    text.push_str("  stop        ctrl-c\n\n");
    text
}

/// The address that a browser on this machine can open: an address for all interfaces is none.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => {
            (std::net::Ipv4Addr::LOCALHOST, v4.port()).into()
        }
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => {
            (std::net::Ipv6Addr::LOCALHOST, v6.port()).into()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_interfaces_are_shown_as_this_machine() {
        let shown = |text: &str| reachable(text.parse().unwrap()).to_string();
        assert_eq!(shown("0.0.0.0:80"), "127.0.0.1:80");
        assert_eq!(shown("[::]:80"), "[::1]:80");
        assert_eq!(shown("192.0.2.7:80"), "192.0.2.7:80");
    }
}
