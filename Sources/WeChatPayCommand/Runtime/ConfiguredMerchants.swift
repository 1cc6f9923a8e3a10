import PaymentChannels
import PaymentPrimitives
import Payments
import WeChatPay

/// The merchants of a configuration, with their channels ready. Keys are parsed here, once.
struct ConfiguredMerchants: MerchantDirectory {
    private let merchants: [String: MerchantContext]

    /// - Throws: ``WeChatPayError`` when a key cannot be used.
    init(_ configuration: Configuration, transport: any Transport, wireClock: any WallClock, random: any RandomSource) throws {
        var merchants: [String: MerchantContext] = [:]
        for entry in configuration.merchants {
            let client = try WeChatPay.Client(
                merchant: Merchant(
                    mchid: entry.mchid, serialNo: entry.serialNo,
                    privateKey: MerchantPrivateKey(
                        pem: entry.privateKeyPEM.withBytes { String(decoding: $0, as: UTF8.self) }),
                    apiV3Key: entry.apiV3Key, publicKeys: try Self.publicKeys(entry)),
                baseURL: entry.baseURL, transport: transport, clock: wireClock, random: random)
            merchants[entry.id] = MerchantContext(
                id: entry.id, mchid: entry.mchid, appids: entry.apps.map(\.appid), newPayments: .v3,
                channels: [.v3: V3Channel(client: client)],
                notifyURLs: [.v3: "\(configuration.server.publicURL)/notify/v3/\(entry.id)"],
                orderTTL: configuration.policies.orderTTL)
        }
        self.merchants = merchants
    }

    func snapshot() -> [String: MerchantContext] { merchants }

    private static func publicKeys(_ entry: Configuration.MerchantEntry) throws -> [WeChatPayPublicKey] {
        guard let id = entry.publicKeyID, let pem = entry.publicKeyPEM else { return [] }
        return [try WeChatPayPublicKey(id: id, pem: pem)]
    }
}
