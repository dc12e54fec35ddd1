//! Names of the services behind ports. The table is the program's own, so that a rule means the same on every
//! host, whatever its `/etc/services` says.

/// Names as the register of port numbers has them, and usual other ones; sorted.
const SERVICES: [(&str, i64); 73] = [
    ("amqp", 5672),
    ("amqps", 5671),
    ("auth", 113),
    ("bgp", 179),
    ("bootpc", 68),
    ("bootps", 67),
    ("chargen", 19),
    ("daytime", 13),
    ("dhcpv6-client", 546),
    ("dhcpv6-server", 547),
    ("discard", 9),
    ("domain", 53),
    ("domain-s", 853),
    ("echo", 7),
    ("epmap", 135),
    ("exec", 512),
    ("finger", 79),
    ("ftp", 21),
    ("ftp-data", 20),
    ("ftps", 990),
    ("ftps-data", 989),
    ("gopher", 70),
    ("http", 80),
    ("http-alt", 8080),
    ("https", 443),
    ("imap2", 143),
    ("imaps", 993),
    ("ipp", 631),
    ("irc", 194),
    ("iscsi-target", 3260),
    ("kerberos", 88),
    ("kshell", 544),
    ("ldap", 389),
    ("ldaps", 636),
    ("login", 513),
    ("mdns", 5353),
    ("microsoft-ds", 445),
    ("ms-sql-s", 1433),
    ("mysql", 3306),
    ("netbios-dgm", 138),
    ("netbios-ns", 137),
    ("netbios-ssn", 139),
    ("nfs", 2049),
    ("nntp", 119),
    ("ntp", 123),
    ("openvpn", 1194),
    ("pop3", 110),
    ("pop3s", 995),
    ("postgresql", 5432),
    ("printer", 515),
    ("radius", 1812),
    ("redis", 6379),
    ("rsync", 873),
    ("rtsp", 554),
    ("shell", 514),
    ("sip", 5060),
    ("sip-tls", 5061),
    ("smtp", 25),
    ("snmp", 161),
    ("snmp-trap", 162),
    ("socks", 1080),
    ("ssh", 22),
    ("submission", 587),
    ("submissions", 465),
    ("sunrpc", 111),
    ("svn", 3690),
    ("syslog", 514),
    ("telnet", 23),
    ("telnets", 992),
    ("tftp", 69),
    ("time", 37),
    ("whois", 43),
    ("x11", 6000),
];

/// The port of a service.
pub(in crate::rules) fn port(name: &str) -> Option<i64> {
    let at = SERVICES.binary_search_by_key(&name, |(known, _)| known).ok()?;
    SERVICES.get(at).map(|(_, port)| *port)
}

/// The service of a port; of several the first by name.
pub(crate) fn name(port: u16) -> Option<&'static str> {
    SERVICES.iter().find(|(_, known)| *known == i64::from(port)).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_found() {
        assert!(SERVICES.is_sorted_by(|(one, _), (next, _)| one < next));
        for (name, number) in SERVICES {
            assert_eq!(port(name), Some(number));
        }
        assert_eq!((port("https"), port("zebra")), (Some(443), None));
        assert_eq!((name(443), name(53), name(4444)), (Some("https"), Some("domain"), None));
    }
}
