import PaymentPrimitives

/// Who may be paid, and how. Use cases take one snapshot a request or job, so that a reload never changes a merchant
/// half-way.
package protocol MerchantDirectory: Sendable {
    /// All merchants as configured at this moment.
    func snapshot() -> [String: MerchantContext]
}

extension MerchantDirectory {
    /// - Throws: ``PaymentError`` `.notFound`.
    package func merchant(_ id: String) throws(PaymentError) -> MerchantContext {
        guard let merchant = snapshot()[id] else { throw PaymentError(.notFound, "there is no merchant \"\(id.prefix(40))\"") }
        return merchant
    }
}

/// A merchant as use cases see it.
package struct MerchantContext: Sendable {
    package let id: String
    package let mchid: String
    /// The app ids that it may use.
    package let appids: [String]
    /// Those for whom a service provider takes payments; nil for a direct merchant.
    package let subMerchants: [SubMerchant]?
    /// The channel of new payments.
    package let newPayments: ChannelKind
    /// The channels that it has, old ones included.
    package let channels: [ChannelKind: any PaymentChannel]
    /// Where WeChat is told to send notifications; one path for each channel.
    package let notifyURLs: [ChannelKind: String]
    /// How long a new payment may be paid.
    package let orderTTL: Duration

    package init(
        id: String, mchid: String, appids: [String], subMerchants: [SubMerchant]? = nil, newPayments: ChannelKind,
        channels: [ChannelKind: any PaymentChannel], notifyURLs: [ChannelKind: String], orderTTL: Duration
    ) {
        self.id = id
        self.mchid = mchid
        self.appids = appids
        self.subMerchants = subMerchants
        self.newPayments = newPayments
        self.channels = channels
        self.notifyURLs = notifyURLs
        self.orderTTL = orderTTL
    }

    /// - Throws: ``PaymentError`` `.unavailable` when the merchant no longer has that channel.
    package func channel(_ kind: ChannelKind) throws(PaymentError) -> any PaymentChannel {
        guard let channel = channels[kind] else {
            throw PaymentError(
                .unavailable, "merchant \(id) has no channel \(kind.rawValue) any more; its keys must stay configured")
        }
        return channel
    }
}

/// A merchant for whom a service provider takes payments.
package struct SubMerchant: Sendable, Equatable {
    package let mchid: String
    /// The sub-merchant's own app, if it has one.
    package let appid: String?

    package init(mchid: String, appid: String? = nil) {
        self.mchid = mchid
        self.appid = appid
    }
}
