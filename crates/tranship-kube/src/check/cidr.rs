//! IP addresses and networks as text.

use std::net::IpAddr;

/// Reads an IP address.
pub fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// Reads a network such as `10.0.0.0/8`: the address and how many of its bits count.
pub fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (ip, bits) = text.split_once('/')?;
    let ip: IpAddr = ip.parse().ok()?;
    if bits.is_empty() || !bits.bytes().all(|b| b.is_ascii_digit()) || (bits.len() > 1 && bits.starts_with('0')) {
        return None;
    }
    let bits: u32 = bits.parse().ok()?;
    (bits <= if ip.is_ipv4() { 32 } else { 128 }).then_some((ip, bits))
}

/// Whether an address lies in a network.
pub fn contains((base, bits): (IpAddr, u32), ip: IpAddr) -> bool {
    let (width, base, ip) = match (base, ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (32, u128::from(u32::from(a)), u128::from(u32::from(b))),
        (IpAddr::V6(a), IpAddr::V6(b)) => (128, u128::from(a), u128::from(b)),
        _ => return false,
    };
    let free = width - bits.min(width);
    (base ^ ip).checked_shr(free).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        let net = network("10.1.0.0/16").unwrap();
        assert!(contains(net, address("10.1.2.3").unwrap()) && !contains(net, address("10.2.0.0").unwrap()));
        assert!(contains(network("0.0.0.0/0").unwrap(), address("1.2.3.4").unwrap()));
        for bad in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "a/8", "10.0.0.0/", "10.0.0.0/08"] {
            assert!(network(bad).is_none(), "{bad}");
        }
    }
}
