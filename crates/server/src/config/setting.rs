//! The types that a configuration value can have, and how each is read and shown.

use std::net::{IpAddr, SocketAddr};

use serde_json::Value as Json;
use tickwire_game::Level;
use toml::de::DeValue;

use crate::driver::IoChoice;

/// A type that a configuration key can hold.
pub(crate) trait Setting: Sized {
    /// What a message calls it: "must be {KIND}".
    const KIND: &'static str;
    /// From a value in a TOML file; `None` when it is of another type or out of the type's range.
    fn from_toml(value: &DeValue<'_>) -> Option<Self>;
    /// From an environment variable or a flag.
    fn from_text(text: &str) -> Option<Self>;
    /// As JSON; the text of that JSON is also valid as a TOML value.
    fn to_json(&self) -> Json;
}

macro_rules! integers {
    ($($int:ty),*) => {$(
        impl Setting for $int {
            const KIND: &'static str = "a whole number";
            fn from_toml(value: &DeValue<'_>) -> Option<Self> {
                let integer = value.as_integer()?;
                Self::from_str_radix(integer.as_str(), integer.radix()).ok()
            }
            fn from_text(text: &str) -> Option<Self> {
                text.trim().parse().ok()
            }
            fn to_json(&self) -> Json {
                Json::from(*self)
            }
        }
    )*};
}
integers!(u16, u32, u64);

impl Setting for String {
    const KIND: &'static str = "a string";
    fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
    fn to_json(&self) -> Json {
        Json::from(self.as_str())
    }
}

impl Setting for SocketAddr {
    const KIND: &'static str = "an address and port such as \"127.0.0.1:7777\"";
    fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        value.as_str().and_then(Self::from_text)
    }
    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }
    fn to_json(&self) -> Json {
        Json::from(self.to_string())
    }
}

impl Setting for Option<Level> {
    const KIND: &'static str = "\"packed\", \"ranged\", \"ranged-max\" or empty";
    fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        value.as_str().and_then(Self::from_text)
    }
    fn from_text(text: &str) -> Option<Self> {
        match text.trim() {
            "" => Some(None),
            name => name.parse().ok().map(Some),
        }
    }
    fn to_json(&self) -> Json {
        Json::from(self.map_or("", Level::name))
    }
}

impl Setting for IoChoice {
    const KIND: &'static str = "\"auto\", \"epoll\", \"uring\" or \"poll\"";
    fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        value.as_str().and_then(Self::from_text)
    }
    fn from_text(text: &str) -> Option<Self> {
        Self::by_name(text.trim())
    }
    fn to_json(&self) -> Json {
        Json::from(self.name())
    }
}

impl Setting for Vec<String> {
    const KIND: &'static str = "a list of strings";
    fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        value.as_array()?.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect()
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(items(text).map(str::to_owned).collect())
    }
    fn to_json(&self) -> Json {
        Json::from(self.as_slice())
    }
}

impl Setting for Vec<Subnet> {
    const KIND: &'static str = "a list of addresses or subnets such as \"10.0.0.0/8\"";
    fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        value.as_array()?.iter().map(|item| Subnet::parse(item.get_ref().as_str()?)).collect()
    }
    fn from_text(text: &str) -> Option<Self> {
        items(text).map(Subnet::parse).collect()
    }
    fn to_json(&self) -> Json {
        self.iter().map(|subnet| Json::from(subnet.to_string())).collect()
    }
}

/// The items of a comma-separated list; an empty text is an empty list, and so is `[]`, as in a file.
fn items(text: &str) -> impl Iterator<Item = &str> {
    let text = if text.trim() == "[]" { "" } else { text };
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// A range of addresses: all that agree with `address` in their first `bits` bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subnet {
    address: IpAddr,
    bits: u8,
}

impl Subnet {
    /// Reads `10.0.0.0/8`, `::1/128`, or one address alone.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.trim().parse().ok().filter(|bits| *bits <= width)?,
            None => width,
        };
        Some(Self { address, bits })
    }

    /// Whether `address` lies in it. An IPv4 address that came through an IPv6 socket counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.bits);
                (own.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.bits);
                (own.to_bits() ^ other.to_bits()).checked_shr(shift).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl std::fmt::Display for Subnet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_subnet_holds_exactly_its_addresses() {
        let loopback = Subnet::parse("127.0.0.0/8").unwrap();
        assert!(loopback.contains(ip("127.9.9.9")));
        assert!(loopback.contains(ip("::ffff:127.0.0.1")), "through a dual-stack socket");
        assert!(!loopback.contains(ip("128.0.0.1")));
        assert!(!loopback.contains(ip("::1")));
        assert!(Subnet::parse("::/0").unwrap().contains(ip("2001:db8::1")));
        assert!(Subnet::parse("10.1.2.3").unwrap().contains(ip("10.1.2.3")));
        assert!(!Subnet::parse("10.1.2.3").unwrap().contains(ip("10.1.2.2")));
    }

    #[test]
    fn a_list_may_be_empty_in_two_ways() {
        for text in ["", " ", "[]", " [] "] {
            assert_eq!(Vec::<String>::from_text(text).unwrap(), [""; 0], "{text:?}");
            assert_eq!(Vec::<Subnet>::from_text(text).unwrap(), [], "{text:?}");
        }
        assert_eq!(Vec::<String>::from_text("a, b").unwrap(), ["a", "b"]);
    }

    #[test]
    fn what_is_no_subnet_is_refused() {
        for text in ["", "10.0.0.0/33", "::/129", "ten", "10.0.0.0/", "10.0.0/8"] {
            assert_eq!(Subnet::parse(text), None, "{text}");
        }
    }
}
