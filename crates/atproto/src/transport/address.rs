//! Which addresses of the internet are for everybody, and which are somebody's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is one that anybody may reach: not private, local, reserved, or for many.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224 // for many, reserved, for all
        || (a == 100 && b & 0b1100_0000 == 64) // shared by a provider's customers
        || (a == 192 && b == 0 && c == 0) // for protocols
        || (a == 192 && b == 88 && c == 99) // relays from IPv6
        || (a == 198 && b & 0b1111_1110 == 18); // for measurements
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded_v4(address) {
        return is_public_v4(inner);
    }
    let [a, b, ..] = address.segments();
    let global = a & 0xe000 == 0x2000;
    let special = (a == 0x2001 && (b < 0x0200 || b == 0x0db8)) // for protocols, tunnels, documents
        || (a == 0x3fff && b & 0xf000 == 0); // for documents
    global && !special
}

/// The IPv4 address that is reached through an IPv6 one: mapped, behind NAT64, or 6to4.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(v4(high, low))
        }
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn only_what_everybody_may_reach_is_public() {
        let own = "0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.8.8.8 169.254.169.254 172.16.0.1 \
                   172.31.255.255 192.168.1.1 192.0.2.1 198.51.100.7 203.0.113.9 198.18.0.1 \
                   192.0.0.8 224.0.0.1 255.255.255.255 240.0.0.1 :: ::1 fe80::1 fc00::1 fd12::1 \
                   ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b:1::808:808 \
                   2002:7f00:1:: 2002:a00:1::1 2001:db8::1 2001::1 ::7f00:1 100::1 3fff::1 fec0::1";
        for address in own.split_whitespace() {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        let public = "1.1.1.1 8.8.8.8 100.63.0.1 100.128.0.1 172.32.0.1 192.0.1.1 198.20.0.1 \
                      2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1";
        for address in public.split_whitespace() {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }
}
