import Hummingbird
import Logging
import NIOCore
import Payments

/// What a request carries through the server.
package struct ServerRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The merchant's system that was recognised by its key; nil outside of `/v1`.
    package var client: APIClient?
    /// Who is at the other end of the connection; behind a proxy that is the proxy.
    package let peer: SocketAddress?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        peer = source.channel.remoteAddress
    }
}

/// A system of the merchant's that may call `/v1`.
package struct APIClient: Sendable {
    package let name: String
    /// What it may see.
    package let scopes: [MerchantScope]
    /// SHA-256 of its key: the key itself is not kept.
    package let keyDigest: [UInt8]

    package init(name: String, scopes: [MerchantScope], keyDigest: [UInt8]) {
        self.name = name
        self.scopes = scopes
        self.keyDigest = keyDigest
    }

    /// Whether it may see what belongs to a merchant and, with a service provider, to a sub-merchant.
    package func reaches(_ merchant: String, subMchid: String?) -> Bool {
        scopes.contains { $0.merchant == merchant && $0.covers(subMchid: subMchid) }
    }
}
