//! Limits per client address: sockets, sockets that have not said who they are, seats reserved but not
//! taken, REST calls.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::config::{Limits, Subnet};

/// Call rates remembered before the full buckets among them are forgotten.
const RATES_KEPT: usize = 10_000;

/// The counts of every address that has a socket or a reserved seat here.
#[derive(Debug)]
pub(crate) struct PerIp {
    /// Shards take this lock when a client is welcomed or ends, for as long as one entry takes.
    counts: Mutex<HashMap<IpAddr, Counts>>,
    /// Apart, because forgetting full buckets takes longer.
    rates: Mutex<HashMap<IpAddr, Rate>>,
    unauthenticated: u32,
    sockets: u32,
    reservations: u32,
    rest_per_s: f64,
    exempt: Vec<Subnet>,
}

#[derive(Debug, Default)]
struct Counts {
    sockets: u32,
    unauthenticated: u32,
    reservations: u32,
}

impl Counts {
    fn is_empty(&self) -> bool {
        self.sockets == 0 && self.reservations == 0
    }
}

/// A token bucket.
#[derive(Debug)]
struct Rate {
    tokens: f64,
    at: Instant,
}

/// Which limit an address has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PerIpError {
    #[error("too many connections from your address that have not sent a request or Hello")]
    Unauthenticated,
    #[error("too many connections from your address")]
    Sockets,
    #[error("too many seats are reserved from your address and not taken")]
    Reservations,
}

impl PerIp {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            counts: Mutex::default(),
            rates: Mutex::default(),
            unauthenticated: limits.per_ip_unauthenticated,
            sockets: limits.per_ip_sockets,
            reservations: limits.per_ip_reservations,
            rest_per_s: f64::from(limits.rest_per_s),
            exempt: limits.per_ip_exempt.clone(),
        })
    }

    /// Counts a new socket of `address`, as unauthenticated.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Result<Permit, PerIpError> {
        let address = counted(address);
        let exempt = self.is_exempt(address);
        if !exempt {
            let mut all = self.counts();
            let counts = all.entry(address).or_default();
            if counts.sockets >= self.sockets {
                return Err(PerIpError::Sockets);
            }
            if counts.unauthenticated >= self.unauthenticated {
                return Err(PerIpError::Unauthenticated);
            }
            counts.sockets += 1;
            counts.unauthenticated += 1;
        }
        let unauthenticated = AtomicBool::new(true);
        Ok(Permit { per_ip: Arc::clone(self), address, exempt, unauthenticated })
    }

    /// Counts a seat that `address` is about to reserve.
    pub(crate) fn reserve(self: &Arc<Self>, address: IpAddr) -> Result<Reserved, PerIpError> {
        let address = counted(address);
        let exempt = self.is_exempt(address);
        if !exempt {
            let mut all = self.counts();
            let counts = all.entry(address).or_default();
            if counts.reservations >= self.reservations {
                return Err(PerIpError::Reservations);
            }
            counts.reservations += 1;
        }
        Ok(Reserved { per_ip: Arc::clone(self), address, exempt })
    }

    /// Takes one call from the address's rate; the error is the time until the next is free, seconds.
    pub(crate) fn call(&self, address: IpAddr) -> Result<(), f64> {
        let address = counted(address);
        if self.is_exempt(address) {
            return Ok(());
        }
        let now = Instant::now();
        let full = self.rest_per_s;
        let mut rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        if rates.len() > RATES_KEPT {
            rates.retain(|_, rate| rate.refilled(now, full) < full);
        }
        let rate = rates.entry(address).or_insert(Rate { tokens: full, at: now });
        rate.tokens = rate.refilled(now, full);
        rate.at = now;
        if rate.tokens < 1.0 {
            return Err((1.0 - rate.tokens) / full);
        }
        rate.tokens -= 1.0;
        Ok(())
    }

    fn is_exempt(&self, address: IpAddr) -> bool {
        self.exempt.iter().any(|subnet| subnet.contains(address))
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, Counts>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rate {
    fn refilled(&self, now: Instant, per_s: f64) -> f64 {
        let gained = now.duration_since(self.at).as_secs_f64() * per_s;
        (self.tokens + gained).min(per_s)
    }
}

/// The address under which a socket is counted: an IPv6 customer has a whole /64.
fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => {
            IpAddr::V6((v6.to_bits() & (u128::MAX << 64)).into())
        }
        other => other,
    }
}

/// One counted socket; dropping it gives its place back.
#[derive(Debug)]
pub(crate) struct Permit {
    per_ip: Arc<PerIp>,
    address: IpAddr,
    exempt: bool,
    unauthenticated: AtomicBool,
}

impl Permit {
    /// The socket has shown a valid request or Hello.
    pub(crate) fn authenticated(&self) {
        if self.unauthenticated.swap(false, Ordering::Relaxed) && !self.exempt {
            let mut all = self.per_ip.counts();
            if let Some(counts) = all.get_mut(&self.address) {
                counts.unauthenticated -= 1;
            }
        }
    }

    /// The socket becomes a match socket, of which a Hello is yet to come.
    pub(crate) fn await_hello(&self) -> Result<(), PerIpError> {
        if self.exempt || self.unauthenticated.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut all = self.per_ip.counts();
        let counts = all.entry(self.address).or_default();
        if counts.unauthenticated >= self.per_ip.unauthenticated {
            return Err(PerIpError::Unauthenticated);
        }
        counts.unauthenticated += 1;
        self.unauthenticated.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.exempt {
            return;
        }
        let mut all = self.per_ip.counts();
        if let Some(counts) = all.get_mut(&self.address) {
            counts.sockets -= 1;
            counts.unauthenticated -= u32::from(self.unauthenticated.load(Ordering::Relaxed));
            if counts.is_empty() {
                all.remove(&self.address);
            }
        }
    }
}

/// One counted reservation; dropping it gives its place back.
#[derive(Debug)]
pub(crate) struct Reserved {
    per_ip: Arc<PerIp>,
    address: IpAddr,
    exempt: bool,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.exempt {
            return;
        }
        let mut all = self.per_ip.counts();
        if let Some(counts) = all.get_mut(&self.address) {
            counts.reservations -= 1;
            if counts.is_empty() {
                all.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited() -> Arc<PerIp> {
        let limits = Limits {
            per_ip_unauthenticated: 2,
            per_ip_sockets: 3,
            per_ip_reservations: 2,
            rest_per_s: 2,
            ..Limits::default()
        };
        PerIp::new(&limits)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn strangers_are_few_and_known_sockets_more() {
        let per_ip = limited();
        let first = per_ip.admit(ip("192.0.2.1")).unwrap();
        let second = per_ip.admit(ip("192.0.2.1")).unwrap();
        assert_eq!(per_ip.admit(ip("192.0.2.1")).unwrap_err(), PerIpError::Unauthenticated);
        assert!(per_ip.admit(ip("192.0.2.2")).is_ok(), "other addresses do not count");
        first.authenticated();
        first.authenticated();
        let third = per_ip.admit(ip("192.0.2.1")).unwrap();
        assert_eq!(first.await_hello().unwrap_err(), PerIpError::Unauthenticated);
        second.authenticated();
        third.authenticated();
        assert_eq!(per_ip.admit(ip("192.0.2.1")).unwrap_err(), PerIpError::Sockets);
        drop((first, second, third));
        assert!(per_ip.counts().is_empty(), "every place was given back");
    }

    #[test]
    fn reservations_are_counted_until_they_end() {
        let per_ip = limited();
        let _other = per_ip.reserve(ip("192.0.2.2")).unwrap();
        let first = per_ip.reserve(ip("192.0.2.1")).unwrap();
        let second = per_ip.reserve(ip("192.0.2.1")).unwrap();
        assert_eq!(per_ip.reserve(ip("192.0.2.1")).unwrap_err(), PerIpError::Reservations);
        drop(first);
        let third = per_ip.reserve(ip("192.0.2.1")).unwrap();
        assert!(per_ip.admit(ip("192.0.2.1")).is_ok(), "sockets are counted apart");
        drop((second, third));
        assert_eq!(per_ip.counts().len(), 1, "every place was given back");
        let free: Vec<_> = (0..50).map(|_| per_ip.reserve(ip("127.0.0.1")).unwrap()).collect();
        drop(free);
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        let per_ip = limited();
        let _first = per_ip.admit(ip("2001:db8::1")).unwrap();
        let _second = per_ip.admit(ip("2001:db8::2")).unwrap();
        assert!(per_ip.admit(ip("2001:db8::3")).is_err());
        assert!(per_ip.admit(ip("2001:db8:0:1::3")).is_ok());
    }

    #[test]
    fn loopback_is_free_by_default() {
        let per_ip = limited();
        let permits: Vec<_> = (0..50).map(|_| per_ip.admit(ip("127.0.0.1")).unwrap()).collect();
        assert!((0..50).all(|_| per_ip.call(ip("::1")).is_ok()));
        drop(permits);
    }

    #[test]
    fn calls_past_the_rate_are_told_when_to_come_back() {
        let per_ip = limited();
        assert!(per_ip.call(ip("192.0.2.1")).is_ok());
        assert!(per_ip.call(ip("192.0.2.1")).is_ok());
        let wait_s = per_ip.call(ip("192.0.2.1")).unwrap_err();
        assert!(wait_s > 0.0 && wait_s <= 0.5, "{wait_s}");
    }
}
