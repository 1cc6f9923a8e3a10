import PaymentPrimitives

/// Where a system of the merchant's wants to be told of events.
package struct WebhookEndpoint: Sendable, Equatable {
    /// The client of `/v1` whose address it is; it has one at most.
    package let client: String
    /// https, or http to this machine. Its query may be a secret.
    package let url: String
    /// The client sees nothing else in `/v1`, and is told of nothing else.
    package let scopes: [MerchantScope]
    /// The keys with which each message is signed, the newest first; two while the receiver moves from one to the other.
    package let keys: [Secret]
    /// Whether the address may be one that only this machine or its network reaches.
    package let allowsPrivateAddresses: Bool

    package init(client: String, url: String, scopes: [MerchantScope], keys: [Secret], allowsPrivateAddresses: Bool) {
        self.client = client
        self.url = url
        self.scopes = scopes
        self.keys = keys
        self.allowsPrivateAddresses = allowsPrivateAddresses
    }
}
