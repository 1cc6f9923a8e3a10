import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Who the client is when proxies stand between: `X-Forwarded-For` counts only as far as those whom we trust wrote it.
package struct TrustedProxies: Sendable {
    private static let header = HTTPField.Name("X-Forwarded-For")
    private let networks: [Network]

    /// Addresses and networks, such as `10.0.0.0/8`; what is neither is left out.
    package init(_ texts: [String]) {
        networks = texts.compactMap(Network.init)
    }

    /// The address of the client of a request; nil when the connection has none.
    package func clientAddress(of request: Request, _ context: ServerRequestContext) -> String? {
        clientAddress(peer: context.peer?.ipAddress, forwarded: Self.header.map { request.headers[values: $0] } ?? [])
    }

    /// From the connection inwards: the first address that is none of the trusted ones. A text that is no address ends the
    /// walk: whoever wrote it may have written the rest.
    func clientAddress(peer: String?, forwarded: [String]) -> String? {
        guard let peer, var client = IPAddress(peer) else { return nil }
        let hops = forwarded.joined(separator: ",").split(separator: ",").reversed()
        for hop in hops {
            guard networks.contains(where: { $0.contains(client) }),
                let next = IPAddress(hop.trimmingCharacters(in: .whitespaces))
            else { break }
            client = next
        }
        return client.text
    }
}

/// An address, v4 or v6; a v4 address that is written as v6 is the v4 address.
struct IPAddress: Equatable, Sendable {
    let bytes: [UInt8]
    let text: String

    init?(_ text: String) {
        var short = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &short) == 1 {
            bytes = short
            self.text = text
            return
        }
        var long = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &long) == 1 else { return nil }
        if long.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF] {
            bytes = Array(long.suffix(4))
            self.text = bytes.map(String.init).joined(separator: ".")
        } else {
            bytes = long
            self.text = text
        }
    }
}

/// Addresses with the same beginning.
struct Network: Sendable {
    let address: IPAddress
    let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let most = address.bytes.count * 8
        guard parts.count == 1 || Int(parts[1]).map({ (0...most).contains($0) }) == true else { return nil }
        self.address = address
        bits = parts.count == 1 ? most : Int(parts[1]) ?? most
    }

    func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in
            (other.bytes[bit / 8] ^ address.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }
}
