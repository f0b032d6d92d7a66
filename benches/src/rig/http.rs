//! Just enough HTTP to open rooms, reserve seats and read metrics: one connection, one request at a
//! time.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::limits::{HTTP_RETRY_MS, HTTP_S, HTTP_TRIES};

/// Longest line of a head that is read, bytes: the server's are below 200.
const MAX_LINE_BYTES: u64 = 4096;

/// A connection to the server.
#[derive(Debug)]
pub struct Http {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status, 200 when all is well.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Http {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn connect(address: SocketAddr) -> io::Result<Self> {
        let limit = Duration::from_secs(HTTP_S);
        let stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream: BufReader::new(stream) })
    }

    /// The body of a page.
    ///
    /// # Errors
    /// When the connection fails, or the answer is not 200.
    pub fn get(&mut self, path: &str) -> io::Result<String> {
        let answer = self.call("GET", path, "")?;
        match answer.status {
            200 => Ok(answer.body),
            status => Err(io::Error::other(format!("GET {path}: {status} {}", answer.body))),
        }
    }

    /// Posts JSON.
    ///
    /// # Errors
    /// When the connection fails.
    pub fn post(&mut self, path: &str, body: &Value) -> io::Result<Answer> {
        self.call("POST", path, &body.to_string())
    }

    /// The same, again and again while the answer is that there is no room for it at the moment.
    ///
    /// # Errors
    /// When the connection fails.
    pub fn post_patiently(&mut self, path: &str, body: &Value) -> io::Result<Answer> {
        let mut answer = self.post(path, body)?;
        for _ in 0..HTTP_TRIES {
            if !matches!(answer.status, 429 | 503) {
                break;
            }
            std::thread::sleep(Duration::from_millis(HTTP_RETRY_MS));
            answer = self.post(path, body)?;
        }
        Ok(answer)
    }

    fn call(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?;
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("this is no HTTP"))?;
        let mut length = 0;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut body = String::new();
        (&mut self.stream).take(length).read_to_string(&mut body)?;
        Ok(Answer { status, body })
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        (&mut self.stream).take(MAX_LINE_BYTES).read_line(&mut line)?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
