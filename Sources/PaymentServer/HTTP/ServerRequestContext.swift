import Hummingbird
import Logging
import NIOCore

/// What a request carries through the server.
package struct ServerRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The merchant's system that was recognised by its key; nil outside of `/v1`.
    package var client: APIClient?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}

/// A system of the merchant's that may call `/v1`.
package struct APIClient: Sendable {
    package let name: String
    /// The merchants that it may see.
    package let merchants: [String]
    /// SHA-256 of its key: the key itself is not kept.
    package let keyDigest: [UInt8]

    package init(name: String, merchants: [String], keyDigest: [UInt8]) {
        self.name = name
        self.merchants = merchants
        self.keyDigest = keyDigest
    }
}
