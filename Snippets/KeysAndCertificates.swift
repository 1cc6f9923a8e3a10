//! Which key signs what.
import WeChatPay

// snippet.merchant
func merchant(privateKeyPEM: String, publicKeyPEM: String, apiV3Key: Secret) throws -> Merchant {
    try Merchant(
        mchid: "1900000001", serialNo: "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
        privateKey: MerchantPrivateKey(pem: privateKeyPEM), apiV3Key: apiV3Key,
        publicKeys: [WeChatPayPublicKey(id: "PUB_KEY_ID_0119000000012025010100000000", pem: publicKeyPEM)])
}
// snippet.end

// snippet.refresh
func keepKeysFresh(_ client: WeChatPay.Client, clock: some WallClock) async throws {
    while true {
        do {
            try await client.certificates.refreshIfDue()
        } catch {
            // The keys that are there stay usable; the next round tries again.
            print("platform certificates: \(error)")
        }
        try await clock.sleep(until: clock.now.advanced(by: .seconds(60)))
    }
}
// snippet.end

// snippet.signer
/// A key that never leaves its machine.
struct RemoteSigner: RSASigner {
    let sign: @Sendable ([UInt8]) throws -> [UInt8]

    func signature(for message: [UInt8]) throws -> [UInt8] { try sign(message) }
}
// snippet.end
