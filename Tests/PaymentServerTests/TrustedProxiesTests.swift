import Testing

@testable import PaymentServer

@Suite("Whose address it is")
struct TrustedProxiesTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let trusted: [String]
        let peer: String?
        let forwarded: [String]
        let client: String?

        var testDescription: String { "\(peer ?? "-") for \(forwarded) trusting \(trusted)" }
    }

    static let cases = [
        Case(trusted: [], peer: "192.0.2.1", forwarded: [], client: "192.0.2.1"),
        Case(trusted: [], peer: "192.0.2.1", forwarded: ["198.51.100.7"], client: "192.0.2.1"),
        Case(trusted: ["10.0.0.0/8"], peer: "192.0.2.1", forwarded: ["198.51.100.7"], client: "192.0.2.1"),
        Case(trusted: ["10.0.0.0/8"], peer: "10.1.2.3", forwarded: ["198.51.100.7"], client: "198.51.100.7"),
        Case(trusted: ["10.0.0.0/8"], peer: "10.1.2.3", forwarded: ["1.1.1.1, 198.51.100.7"], client: "198.51.100.7"),
        Case(trusted: ["10.0.0.0/8"], peer: "10.1.2.3", forwarded: ["1.1.1.1", "198.51.100.7,10.9.9.9"], client: "198.51.100.7"),
        Case(trusted: ["10.0.0.0/8"], peer: "10.1.2.3", forwarded: ["10.4.4.4"], client: "10.4.4.4"),
        Case(trusted: ["10.0.0.0/8"], peer: "10.1.2.3", forwarded: ["unknown"], client: "10.1.2.3"),
        Case(trusted: ["10.0.0.0/8"], peer: "10.1.2.3", forwarded: ["1.1.1.1, <script>, 10.0.0.1"], client: "10.0.0.1"),
        Case(trusted: ["10.0.0.0/8"], peer: "10.1.2.3", forwarded: ["", " "], client: "10.1.2.3"),
        Case(trusted: ["10.0.0.0/8"], peer: "::ffff:10.1.2.3", forwarded: ["2001:db8::7"], client: "2001:db8::7"),
        Case(trusted: ["192.0.2.1"], peer: "192.0.2.1", forwarded: ["198.51.100.7"], client: "198.51.100.7"),
        Case(trusted: ["192.0.2.1"], peer: "192.0.2.2", forwarded: ["198.51.100.7"], client: "192.0.2.2"),
        Case(trusted: ["fd00::/8"], peer: "fd12::1", forwarded: ["198.51.100.7"], client: "198.51.100.7"),
        Case(trusted: ["fd00::/8"], peer: "fe12::1", forwarded: ["198.51.100.7"], client: "fe12::1"),
        Case(trusted: ["0.0.0.0/0"], peer: "192.0.2.1", forwarded: ["198.51.100.7"], client: "198.51.100.7"),
        Case(trusted: ["10.0.0.0/12"], peer: "10.16.0.1", forwarded: ["198.51.100.7"], client: "10.16.0.1"),
        Case(trusted: ["10.0.0.0/12"], peer: "10.15.255.255", forwarded: ["198.51.100.7"], client: "198.51.100.7"),
        Case(trusted: ["10.0.0.0/8"], peer: nil, forwarded: ["198.51.100.7"], client: nil),
    ]

    @Test("X-Forwarded-For is believed as far as trusted proxies wrote it", arguments: cases)
    func address(_ row: Case) {
        #expect(TrustedProxies(row.trusted).clientAddress(peer: row.peer, forwarded: row.forwarded) == row.client)
    }
}
