import AsyncHTTPClient
import PaymentPrimitives
import Synchronization
import WeChatPay
import WeChatPayV2

/// The transports that show a merchant's certificate. Each is a pool of connections that somebody must shut down; a reload
/// with the same certificate keeps its pool.
final class CertificateTransports: Sendable {
    private let clients = Mutex<[(certificate: Secret, client: HTTPClient)]>([])

    /// The transport of a certificate.
    ///
    /// - Throws: ``WeChatPayError`` when the certificate cannot be used.
    func transport(for certificate: Secret, mchid: String) throws -> any Transport {
        try clients.withLock { clients in
            if let known = clients.first(where: { $0.certificate == certificate }) {
                return AsyncHTTPClientTransport(client: known.client)
            }
            let identity = try certificate.withBytes { try ClientIdentity(file: $0, mchid: mchid) }
            let client = HTTPClient(
                eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: identity.configuration())
            clients.append((certificate, client))
            return AsyncHTTPClientTransport(client: client)
        }
    }

    /// Shuts all of them down; to be called once, after the last request.
    func close() async throws {
        let all = clients.withLock { clients in
            defer { clients = [] }
            return clients.map(\.client)
        }
        for client in all { try await client.shutdown() }
    }
}
