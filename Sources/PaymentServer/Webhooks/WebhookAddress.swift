import PaymentPrimitives

/// Which addresses a webhook may be sent to: those that anybody in the world may have, and no others.
package enum WebhookAddress {
    private static let refused = [
        // This host, private networks, carriers' networks, loopback, link-local (and with it the clouds' metadata).
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        // Protocol assignments, documentation, relays of 6to4, measuring networks.
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        // Multicast, reserved, broadcast.
        "224.0.0.0/4", "240.0.0.0/4",
        // Of the global IPv6 addresses: Teredo and other protocols, documentation, and 6to4, which hides an IPv4 address.
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    ].compactMap(Network.init)

    /// Of IPv6 only these are handed out; loopback, ULA, link-local, multicast, NAT64 and IPv4 in disguise are elsewhere.
    private static let global = Network("2000::/3")

    /// Whether an address is one of the public internet; nil for a text that is no address.
    package static func isPublic(_ text: String) -> Bool? {
        IPAddress(text).map(isPublic)
    }

    static func isPublic(_ address: IPAddress) -> Bool {
        if address.bytes.count == 16, global?.contains(address) != true { return false }
        return !refused.contains { $0.contains(address) }
    }
}
