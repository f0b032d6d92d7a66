//! Where a server is: `http[s]://host[:port][/prefix]`.

use std::fmt;
use std::io;
use std::time::Duration;

use hyper::Uri;
use tokio::net::TcpStream;

use crate::line::Line;
#[cfg(feature = "tls")]
use crate::trust::Trust;

/// A server's address, taken apart once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    /// Whose certificates are believed; none without TLS.
    #[cfg(feature = "tls")]
    trust: Option<Trust>,
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
    /// Takes a base URL apart. With `https` or `wss`, the public certificate authorities are believed.
    ///
    /// # Errors
    /// When it is no URL, has no host, or a scheme that is not known.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let fail = |problem| AddressError { url: url.to_owned(), problem };
        let uri: Uri = url.parse().map_err(|_| fail("give it as http://host:port"))?;
        let secure = match uri.scheme_str() {
            Some("http" | "ws") => false,
            #[cfg(feature = "tls")]
            Some("https" | "wss") => true,
            #[cfg(not(feature = "tls"))]
            Some("https" | "wss") => return Err(fail("this client was built without TLS")),
            _ => return Err(fail("give it as http://host:port")),
        };
        if uri.query().is_some() {
            return Err(fail("a base address has no query"));
        }
        let host = uri.host().ok_or_else(|| fail("it has no host"))?;
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Ok(Self {
            host: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
            port,
            #[cfg(feature = "tls")]
            trust: match secure {
                true => Some(Trust::public().map_err(|_| fail("there is no TLS here"))?),
                false => None,
            },
            authority: format!("{host}:{port}"),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// The same server, with TLS believing `trust`; without TLS nothing changes.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn trusting(mut self, trust: &Trust) -> Self {
        if let Some(mine) = &mut self.trust {
            mine.clone_from(trust);
        }
        self
    }

    /// Another server that this one has named, under the same conditions; `None` when its URL is none, or
    /// would go without the TLS that this one has.
    pub(crate) fn named(&self, url: &str) -> Option<Self> {
        let other = Self::parse(url).ok()?;
        #[cfg(feature = "tls")]
        if let Some(trust) = &self.trust {
            return other.is_secure().then(|| other.trusting(trust));
        }
        Some(other)
    }

    /// Whether it is spoken to with TLS.
    pub fn is_secure(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.trust.is_some();
        #[cfg(not(feature = "tls"))]
        false
    }

    /// `host:port`.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// `path` below the prefix of the base URL.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// Opens a TCP connection with Nagle's delay off, and shakes hands where there is TLS.
    ///
    /// # Errors
    /// Whatever the system says, what is wrong with the certificate, or [`io::ErrorKind::TimedOut`] after
    /// `limit`.
    pub async fn connect(&self, limit: Duration) -> io::Result<Line> {
        tokio::time::timeout(limit, self.open())
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "no answer"))?
    }

    async fn open(&self) -> io::Result<Line> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        #[cfg(feature = "tls")]
        if let Some(trust) = &self.trust {
            let name = self.host.clone().try_into().map_err(io::Error::other)?;
            let connector = tokio_rustls::TlsConnector::from(trust.config());
            return Ok(Line::Tls(Box::new(connector.connect(name, stream).await?)));
        }
        Ok(Line::Plain(stream))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure() { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.prefix)
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

    #[cfg(feature = "tls")]
    #[test]
    fn with_tls_a_server_may_name_only_others_that_have_it() {
        let address = Address::parse("https://play.example/tick/").unwrap();
        assert_eq!((address.authority(), address.is_secure()), ("play.example:443", true));
        assert_eq!(address.to_string(), "https://play.example:443/tick");
        assert_eq!(Address::parse("wss://[::1]").unwrap().authority(), "[::1]:443");
        assert_eq!(address.named("https://b.example:1").unwrap().authority(), "b.example:1");
        assert_eq!(address.named("http://b.example:1"), None);
        let plain = Address::parse("http://play.example").unwrap();
        assert!(plain.named("http://b.example").is_some_and(|address| !address.is_secure()));
        assert!(plain.named("https://b.example").is_some_and(|address| address.is_secure()));
    }

    #[test]
    fn what_cannot_work_is_refused_with_a_reason() {
        for (url, reason) in [
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
