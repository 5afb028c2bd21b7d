//! How long the network address of who did something is kept whole, and what is left of it afterwards (seed 003, "Anonymize IP addresses").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use kernel::{SignedDuration, Timestamp};

/// How long an address is kept whole: as long as the owner of an account, or an admin, looks into a break-in. The mail about it comes within
/// seconds, and a month leaves time for who was away and for the police to ask a provider, most of whom keep no record of an address for longer.
pub const KEPT_WHOLE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Bits that are left of an IPv4 address: the smallest network that is announced by itself, so that it still tells provider and region.
const V4_BITS: u8 = 24;
/// Bits that are left of an IPv6 address: a site's network (RFC 6177, 2), of which one home has a part.
const V6_BITS: u8 = 48;

/// Whether the address of what happened at this moment is still kept whole.
pub fn is_whole(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at) < KEPT_WHOLE
}

/// An address as it is kept whole: in its one form, an IPv4 address that is written as an IPv6 address as the former (RFC 4291, 2.5.5.2). `None`
/// for whatever is no address: some hops of a proxy write words instead.
pub fn whole(text: &str) -> Option<String> {
    parse(text).map(|address| address.to_string())
}

/// What is left of an address: its network, such as `203.0.113.0/24` or `2001:db8:7::/48`. What was shortened stays as it is; whatever is no address
/// becomes empty.
pub fn shortened(text: &str) -> String {
    let network = |address| match address {
        IpAddr::V4(address) => {
            let bits = u32::from(address) & (u32::MAX << (32 - V4_BITS));
            format!("{}/{V4_BITS}", Ipv4Addr::from(bits))
        }
        IpAddr::V6(address) => {
            let bits = u128::from(address) & (u128::MAX << (128 - V6_BITS));
            format!("{}/{V6_BITS}", Ipv6Addr::from(bits))
        }
    };
    match text.split_once('/') {
        None => parse(text).map(network).unwrap_or_default(),
        Some((address, _)) => {
            parse(address).map(network).filter(|network| network == text).unwrap_or_default()
        }
    }
}

fn parse(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_network_is_what_is_left() {
        for (address, left) in [
            ("203.0.113.7", "203.0.113.0/24"),
            (" 203.0.113.255 ", "203.0.113.0/24"),
            ("::ffff:203.0.113.7", "203.0.113.0/24"),
            ("2001:db8:7:1:2:3:4:5", "2001:db8:7::/48"),
            ("2001:DB8::1", "2001:db8::/48"),
            ("::1", "::/48"),
            ("203.0.113.0/24", "203.0.113.0/24"),
            ("2001:db8:7::/48", "2001:db8:7::/48"),
            // No network that this rule makes.
            ("203.0.113.7/24", ""),
            ("203.0.0.0/16", ""),
            ("2001:db8:7::/64", ""),
            ("203.0.113.9:443", ""),
            ("unknown", ""),
            ("canary/24", ""),
            ("", ""),
        ] {
            assert_eq!(shortened(address), left, "{address}");
        }
        assert_eq!(whole("::ffff:203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(whole("203.0.113.0/24"), None);
        assert_eq!(whole("unknown"), None);
    }

    #[test]
    fn an_address_is_whole_for_thirty_days() {
        let at: Timestamp = "2026-06-01T12:00:00Z".parse().unwrap();
        assert!(is_whole(at, at));
        assert!(is_whole(at, at + KEPT_WHOLE - SignedDuration::from_millis(1)));
        assert!(!is_whole(at, at + KEPT_WHOLE));
    }

    proptest! {
        #[test]
        fn shortening_twice_is_shortening_once(text in ".{0,50}", v4: u32, v6: u128) {
            let mut cases = vec![text, Ipv4Addr::from(v4).to_string(), Ipv6Addr::from(v6).to_string()];
            cases.push(Ipv4Addr::from(v4).to_ipv6_mapped().to_string());
            for case in cases {
                let once = shortened(&case);
                prop_assert_eq!(shortened(&once), once.clone());
                prop_assert_eq!(whole(&once), None, "what was shortened passes for no whole address");
                prop_assert!(whole(&case).is_none() || !once.is_empty());
            }
        }

        #[test]
        fn all_of_a_network_are_one(network: u32, a: u8, b: u8, prefix: u128, x: u128, y: u128) {
            let v4 = |host: u8| shortened(&Ipv4Addr::from((network & !0xff) | u32::from(host)).to_string());
            prop_assert_eq!(v4(a), v4(b));
            let mask = u128::MAX << 80;
            // Not among the addresses that stand for IPv4.
            let prefix = (prefix & mask) | (1 << 127);
            let v6 = |host: u128| shortened(&Ipv6Addr::from(prefix | (host & !mask)).to_string());
            prop_assert_eq!(v6(x), v6(y));
        }

        #[test]
        fn neighbours_stay_apart(network: u32, host: u8) {
            let one = Ipv4Addr::from((network & !0xff) | u32::from(host));
            let next = Ipv4Addr::from((network & !0xff).wrapping_add(0x100) | u32::from(host));
            prop_assert_ne!(shortened(&one.to_string()), shortened(&next.to_string()));
        }
    }
}
