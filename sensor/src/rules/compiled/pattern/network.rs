//! Addresses and networks of the Internet Protocol. IPv4 in the form of IPv6 (`::ffff:1.2.3.4`) is IPv4.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

/// A comparison of an address with addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AddressTest {
    /// It is one of these, which are sorted.
    Is(Box<[IpAddr]>),
    /// It is another one.
    IsNot(IpAddr),
}

/// A comparison of an address with networks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkTest {
    /// It belongs to one of these.
    Within(Box<[IpNet]>),
    /// It does not belong to this one.
    Outside(IpNet),
}

impl AddressTest {
    /// Whether `address` satisfies it.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match self {
            Self::Is(addresses) => addresses.binary_search(&address).is_ok(),
            Self::IsNot(other) => address != *other,
        }
    }
}

impl NetworkTest {
    /// Whether `address` satisfies it.
    pub fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match self {
            Self::Within(networks) => networks.iter().any(|network| network.contains(&address)),
            Self::Outside(network) => !network.contains(&address),
        }
    }
}

/// Reads an address.
pub fn address(text: &[u8]) -> Option<IpAddr> {
    let address: IpAddr = std::str::from_utf8(text).ok()?.parse().ok()?;
    Some(address.to_canonical())
}

/// Reads an address with the length of its network behind a slash; without one it stands for itself.
pub fn network(text: &[u8]) -> Option<IpNet> {
    if let Some(address) = address(text) {
        return Some(address.into());
    }
    Some(canonical(std::str::from_utf8(text).ok()?.parse().ok()?))
}

fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else { return network };
    let v4 = mapped.addr().to_ipv4_mapped().zip(mapped.prefix_len().checked_sub(96));
    let v4 = v4.and_then(|(address, length)| Ipv4Net::new(address, length).ok());
    v4.map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(net: &str, ip: &str) -> bool {
        NetworkTest::Within([network(net.as_bytes()).unwrap()].into()).holds(ip.parse().unwrap())
    }

    #[test]
    fn networks_hold_their_addresses() {
        assert!(within("10.0.0.0/8", "10.255.0.1") && !within("10.0.0.0/8", "11.0.0.1"));
        assert!(within("10.1.2.3/8", "10.9.9.9") && within("0.0.0.0/0", "1.2.3.4"));
        assert!(within("fe80::/10", "fe80::1") && !within("fe80::/10", "2001:db8::1"));
        assert!(within("127.0.0.1", "127.0.0.1") && !within("127.0.0.1", "127.0.0.2"));
        assert!(!within("::/0", "1.2.3.4") && !within("0.0.0.0/0", "::1"));
    }

    #[test]
    fn the_two_ways_of_writing_version_4_are_one() {
        assert!(within("10.0.0.0/8", "::ffff:10.0.0.1") && within("::ffff:10.0.0.0/104", "10.0.0.1"));
        let is = AddressTest::Is([address(b"::ffff:10.0.0.1").unwrap()].into());
        assert!(is.holds("10.0.0.1".parse().unwrap()) && is.holds("::ffff:10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "10.0.0", "10.0.0.256", "host", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/-1"]
        {
            assert_eq!(network(text.as_bytes()), None, "{text}");
        }
        assert_eq!(address(b"10.0.0.0/8"), None);
    }
}
