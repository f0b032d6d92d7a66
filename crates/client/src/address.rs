//! Where a server is: `http://host[:port][/prefix]`.

use std::io;
use std::time::Duration;

use hyper::Uri;
use tokio::net::TcpStream;

/// A server's address, taken apart once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    /// `host:port`, as the Host header wants it.
    authority: String,
    /// Path before every path of the API, without a slash at its end.
    prefix: String,
}

/// Why a URL is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is not a usable server address: {problem}")]
pub struct AddressError {
    /// What was given.
    pub url: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Address {
    /// Takes a base URL apart.
    ///
    /// # Errors
    /// When it is no URL, has no host, or a scheme other than `http` (TLS is not supported yet).
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let fail = |problem| AddressError { url: url.to_owned(), problem };
        let uri: Uri = url.parse().map_err(|_| fail("give it as http://host:port"))?;
        match uri.scheme_str() {
            Some("http" | "ws") => {}
            Some("https" | "wss") => return Err(fail("TLS is not supported yet; use http://")),
            _ => return Err(fail("give it as http://host:port")),
        }
        if uri.query().is_some() {
            return Err(fail("a base address has no query"));
        }
        let host = uri.host().ok_or_else(|| fail("it has no host"))?;
        let port = uri.port_u16().unwrap_or(80);
        Ok(Self {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port,
            authority: format!("{host}:{port}"),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// `host:port`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// `path` below the prefix of the base URL.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Opens a TCP connection with Nagle's delay off.
    ///
    /// # Errors
    /// Whatever the system says, or [`io::ErrorKind::TimedOut`] after `limit`.
    pub async fn connect(&self, limit: Duration) -> io::Result<TcpStream> {
        let connecting = TcpStream::connect((self.host.as_str(), self.port));
        let stream = tokio::time::timeout(limit, connecting)
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "no answer"))??;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_with_and_without_port_and_prefix() {
        let address = Address::parse("http://127.0.0.1:7777").unwrap();
        assert_eq!(address.authority(), "127.0.0.1:7777");
        assert_eq!(address.path("/v1/rooms"), "/v1/rooms");
        let address = Address::parse("http://play.example/tick/").unwrap();
        assert_eq!(address.authority(), "play.example:80");
        assert_eq!(address.path("/v1/rooms"), "/tick/v1/rooms");
        let address = Address::parse("http://[::1]:80").unwrap();
        assert_eq!((address.host.as_str(), address.authority()), ("::1", "[::1]:80"));
    }

    #[test]
    fn what_cannot_work_is_refused_with_a_reason() {
        for (url, reason) in [
            ("https://a", "TLS"),
            ("127.0.0.1:7777", "http://host:port"),
            ("ftp://a", "http://host:port"),
            ("http://a/?q=1", "query"),
            ("", "http://host:port"),
        ] {
            let error = Address::parse(url).unwrap_err();
            assert!(error.to_string().contains(reason), "{url}: {error}");
        }
    }
}
