import PaymentChannels
import PaymentPrimitives
import Payments
import WeChatPay
import WeChatPayV2

/// The merchants of a configuration, with their channels ready. Keys are parsed here, once.
struct ConfiguredMerchants: Sendable {
    /// All of which a merchant's channel is made: as long as it is the same, the channel and WeChat's keys in it stay.
    private struct ChannelSource: Equatable {
        let mchid: String
        let baseURL: String
        let v3: Configuration.V3Keys?
        let v2: Configuration.V2Keys?

        init(_ entry: Configuration.MerchantEntry) {
            mchid = entry.mchid
            baseURL = entry.baseURL
            v3 = entry.v3
            v2 = entry.v2
        }

        /// Whether what WeChat signs for the one, it signs for the other: the certificates came from the same address, for
        /// the same number, and were opened with the same key. The merchant's own key may have changed.
        func hasSamePlatform(as other: Self) -> Bool {
            mchid == other.mchid && baseURL == other.baseURL && v3 != nil && v3?.apiV3Key == other.v3?.apiV3Key
        }
    }

    /// What channels are made with.
    struct Tools: Sendable {
        let transport: any Transport
        /// Signatures and certificates live in wire time.
        let wireClock: any WallClock
        let random: any RandomSource
        /// Those that show a merchant's certificate, which API v2 wants.
        var certificates = CertificateTransports()
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
                subMerchants: entry.subMerchants?.map { SubMerchant(mchid: $0.subMchid, appid: $0.subAppid) },
                newPayments: entry.channel == .v2 ? .v2 : .v3,
                channels: try kept
                    ?? Self.channels(
                        entry, publicURL, tools, certificates: old?.platformCertificates(entry.id, for: source) ?? []),
                notifyURLs: [.v3: "\(publicURL)/notify/v3/\(entry.id)", .v2: "\(publicURL)/notify/v2/\(entry.id)"],
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
        _ entry: Configuration.MerchantEntry, _ publicURL: String, _ tools: Tools, certificates: [PlatformCertificate]
    ) throws -> [ChannelKind: any PaymentChannel] {
        var channels: [ChannelKind: any PaymentChannel] = [:]
        if let keys = entry.v3 {
            channels[.v3] = V3Channel(client: try client(entry, keys, tools, certificates: certificates))
        }
        if let keys = entry.v2 {
            channels[.v2] = V2Channel(
                client: try V2Client(
                    merchant: V2Merchant(mchid: entry.mchid, apiKey: keys.apiKey, signType: keys.signType),
                    baseURL: entry.baseURL, transport: tools.transport,
                    certificateTransport: try keys.clientCertificate.map {
                        try tools.certificates.transport(for: $0, mchid: entry.mchid)
                    }, clock: tools.wireClock, random: tools.random),
                refundNotifyURL: "\(publicURL)/notify/refund-v2/\(entry.id)")
        }
        return channels
    }

    /// A merchant's client of API v3.
    ///
    /// - Parameter certificates: WeChat's certificates that are known already.
    /// - Throws: ``WeChatPayError`` when a key cannot be used.
    static func client(
        _ entry: Configuration.MerchantEntry, _ keys: Configuration.V3Keys, _ tools: Tools,
        certificates: [PlatformCertificate] = []
    ) throws -> WeChatPay.Client {
        try WeChatPay.Client(
            merchant: Merchant(
                mchid: entry.mchid, serialNo: keys.serialNo,
                privateKey: MerchantPrivateKey.fastestSigner(
                    pem: keys.privateKeyPEM.withBytes { String(decoding: $0, as: UTF8.self) }),
                apiV3Key: keys.apiV3Key, publicKeys: try publicKeys(keys)),
            baseURL: entry.baseURL, platformCertificates: certificates, transport: tools.transport, clock: tools.wireClock,
            random: tools.random)
    }

    private static func publicKeys(_ keys: Configuration.V3Keys) throws -> [WeChatPayPublicKey] {
        guard let id = keys.publicKeyID, let pem = keys.publicKeyPEM else { return [] }
        return [try WeChatPayPublicKey(id: id, pem: pem)]
    }
}
