import PaymentChannels
import PaymentPrimitives
import Payments
import WeChatPay

/// The merchants of a configuration, with their channels ready. Keys are parsed here, once.
struct ConfiguredMerchants: Sendable {
    /// All of which a merchant's channel is made: as long as it is the same, the channel and WeChat's keys in it stay.
    private struct ChannelSource: Equatable {
        let mchid: String
        let serialNo: String
        let baseURL: String
        let privateKeyPEM: Secret
        let apiV3Key: Secret
        let publicKeyID: String?
        let publicKeyPEM: String?

        init(_ entry: Configuration.MerchantEntry) {
            mchid = entry.mchid
            serialNo = entry.serialNo
            baseURL = entry.baseURL
            privateKeyPEM = entry.privateKeyPEM
            apiV3Key = entry.apiV3Key
            publicKeyID = entry.publicKeyID
            publicKeyPEM = entry.publicKeyPEM
        }

        /// Whether what WeChat signs for the one, it signs for the other: the certificates came from the same address, for
        /// the same number, and were opened with the same key. The merchant's own key may have changed.
        func hasSamePlatform(as other: Self) -> Bool {
            mchid == other.mchid && baseURL == other.baseURL && apiV3Key == other.apiV3Key
        }
    }

    /// What channels are made with.
    struct Tools: Sendable {
        let transport: any Transport
        /// Signatures and certificates live in wire time.
        let wireClock: any WallClock
        let random: any RandomSource
    }

    /// By their ids.
    let contexts: [String: MerchantContext]
    private let sources: [String: ChannelSource]

    /// - Parameters:
    ///   - publicURL: where notifications are sent to.
    ///   - old: merchants whose channels are kept where nothing about them has changed.
    /// - Throws: ``WeChatPayError`` when a key cannot be used.
    init(
        _ configuration: Configuration, publicURL: String, _ tools: Tools, keeping old: ConfiguredMerchants? = nil
    ) throws {
        var contexts: [String: MerchantContext] = [:]
        var sources: [String: ChannelSource] = [:]
        for entry in configuration.merchants {
            let source = ChannelSource(entry)
            let kept = old?.sources[entry.id] == source ? old?.contexts[entry.id]?.channels : nil
            contexts[entry.id] = MerchantContext(
                id: entry.id, mchid: entry.mchid, appids: entry.apps.map(\.appid),
                subMerchants: entry.subMerchants?.map { SubMerchant(mchid: $0.subMchid, appid: $0.subAppid) }, newPayments: .v3,
                channels: try kept
                    ?? Self.channels(entry, tools, certificates: old?.platformCertificates(entry.id, for: source) ?? []),
                notifyURLs: [.v3: "\(publicURL)/notify/v3/\(entry.id)"],
                orderTTL: configuration.policies.orderTTL)
            sources[entry.id] = source
        }
        self.contexts = contexts
        self.sources = sources
    }

    /// The certificates that a merchant's channel has and its next one may trust. Without them a notification that comes
    /// while WeChat cannot be reached could not be verified, only because the merchant's key was changed.
    private func platformCertificates(_ id: String, for source: ChannelSource) -> [PlatformCertificate] {
        guard sources[id]?.hasSamePlatform(as: source) == true, let channel = contexts[id]?.channels[.v3] as? V3Channel else {
            return []
        }
        return channel.platformCertificates
    }

    private static func channels(
        _ entry: Configuration.MerchantEntry, _ tools: Tools, certificates: [PlatformCertificate]
    ) throws -> [ChannelKind: any PaymentChannel] {
        [.v3: V3Channel(client: try client(entry, tools, certificates: certificates))]
    }

    /// A merchant's client of API v3.
    ///
    /// - Parameter certificates: WeChat's certificates that are known already.
    /// - Throws: ``WeChatPayError`` when a key cannot be used.
    static func client(
        _ entry: Configuration.MerchantEntry, _ tools: Tools, certificates: [PlatformCertificate] = []
    ) throws -> WeChatPay.Client {
        try WeChatPay.Client(
            merchant: Merchant(
                mchid: entry.mchid, serialNo: entry.serialNo,
                privateKey: MerchantPrivateKey.fastestSigner(
                    pem: entry.privateKeyPEM.withBytes { String(decoding: $0, as: UTF8.self) }),
                apiV3Key: entry.apiV3Key, publicKeys: try publicKeys(entry)),
            baseURL: entry.baseURL, platformCertificates: certificates, transport: tools.transport, clock: tools.wireClock,
            random: tools.random)
    }

    private static func publicKeys(_ entry: Configuration.MerchantEntry) throws -> [WeChatPayPublicKey] {
        guard let id = entry.publicKeyID, let pem = entry.publicKeyPEM else { return [] }
        return [try WeChatPayPublicKey(id: id, pem: pem)]
    }
}
