import AsyncHTTPClient
import NIOCore
import NIOSSL

/// The merchant's API certificate with its key, for the operations at which WeChat demands it: mutual TLS.
///
/// ```swift
/// let identity = try ClientIdentity(pkcs12: bytes, password: Secret("1900000001"))
/// let http = HTTPClient(configuration: identity.configuration())
/// let client = try V2Client(
///     merchant: merchant, transport: AsyncHTTPClientTransport(), certificateTransport: AsyncHTTPClientTransport(client: http))
/// ```
///
/// The `HTTPClient` is yours to shut down.
public struct ClientIdentity: Sendable, CustomStringConvertible, CustomReflectable {
    private let chain: [NIOSSLCertificate]
    private let key: NIOSSLPrivateKey

    /// Out of `apiclient_cert.p12`.
    ///
    /// - Parameter password: the merchant number, unless somebody changed it.
    /// - Throws: ``WeChatPayError`` with code `invalidKey`.
    public init(pkcs12 bytes: [UInt8], password: Secret) throws(WeChatPayError) {
        do {
            let bundle = try password.withBytes { try NIOSSLPKCS12Bundle(buffer: bytes, passphrase: $0) }
            chain = bundle.certificateChain
            key = bundle.privateKey
        } catch {
            throw WeChatPayError(
                .invalidKey, "apiclient_cert.p12: cannot be opened; its password is the merchant number unless it was changed",
                underlying: error)
        }
    }

    /// Out of `apiclient_cert.pem` and `apiclient_key.pem`.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidKey`.
    public init(certificatePEM: String, keyPEM: Secret) throws(WeChatPayError) {
        do {
            chain = try NIOSSLCertificate.fromPEMBytes(Array(certificatePEM.utf8))
        } catch {
            throw WeChatPayError(.invalidKey, "apiclient_cert.pem: no certificate can be read", underlying: error)
        }
        do {
            key = try keyPEM.withBytes { try NIOSSLPrivateKey(bytes: $0, format: .pem) }
        } catch {
            // The error below could quote the file.
            throw WeChatPayError(.invalidKey, "apiclient_key.pem: no private key can be read")
        }
        guard !chain.isEmpty else { throw WeChatPayError(.invalidKey, "apiclient_cert.pem: no certificate is in it") }
    }

    /// The configuration of an `HTTPClient` that shows the certificate, follows no redirect, and verifies the other side.
    ///
    /// - Parameter trustRoots: who vouches for the other side; the system's by default, the sandbox's `ca.pem` in tests.
    public func configuration(trustRoots: NIOSSLTrustRoots = .default) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateChain = chain.map { .certificate($0) }
        tls.privateKey = .privateKey(key)
        tls.trustRoots = trustRoots
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: .init(connect: .seconds(5)))
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    public var description: String { "ClientIdentity" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
