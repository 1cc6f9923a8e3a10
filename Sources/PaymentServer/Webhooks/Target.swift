import Foundation
import PaymentPrimitives

/// Where a webhook's URL leads.
struct Target: Sendable {
    /// As the HTTP client takes it from the URL.
    let host: String
    private let isPlain: Bool

    struct Refusal: Error {
        let reason: String
    }

    init(_ url: String) throws {
        guard let parts = URL(string: url), let host = parts.host, !host.isEmpty, let scheme = parts.scheme?.lowercased(),
            ["http", "https"].contains(scheme)
        else { throw Refusal(reason: "the URL cannot be used") }
        self.host = host
        isPlain = scheme == "http"
    }

    /// The address to connect to: with each attempt the next one.
    ///
    /// - Throws: ``Refusal`` when one of the host's addresses may not be reached: then none is, since a host that has
    ///   public and private ones is a trap or a mistake.
    func address(allowingPrivate: Bool, attempt: Int64) async throws -> IPAddress {
        let literal = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let addresses: [IPAddress]
        do {
            addresses = try await HostResolver().addresses(of: literal)
        } catch let failure as HostResolver.Failure {
            throw Refusal(reason: "the host has no address: \(failure.reason)")
        }
        guard !addresses.isEmpty else { throw Refusal(reason: "the host has no address") }
        if !allowingPrivate, let hidden = addresses.first(where: { !WebhookAddress.isPublic($0) }) {
            throw Refusal(
                reason: "the host has the address \(hidden.text), which is not of the public internet; set "
                    + "webhook_allow_private: true if it may be reached")
        }
        if isPlain, let far = addresses.first(where: { !$0.isLoopback }) {
            throw Refusal(reason: "the host has the address \(far.text), but http is for this machine alone; use https")
        }
        return addresses[Int(max(0, attempt - 1) % Int64(addresses.count))]
    }

    /// A URL without what may be secret about it.
    static func shown(_ url: String) -> String {
        String(url.prefix { $0 != "?" && $0 != "#" })
    }
}

extension IPAddress {
    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}
