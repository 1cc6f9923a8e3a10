import PaymentPrimitives
import WeChatPay

/// Who exists in a sandbox: merchants with their keys, and users.
public struct SandboxSetup: Sendable {
    /// The merchant accounts.
    public var merchants: [SandboxMerchant]
    /// The users.
    public var users: [SandboxUser]

    /// A setup out of its parts.
    public init(merchants: [SandboxMerchant], users: [SandboxUser]) {
        self.merchants = merchants
        self.users = users
    }

    /// Three merchants and their users, with fixed published test keys: the same on every machine and in every run.
    ///
    /// `1900000001` is migrating from certificate to public key, `1900000002` has the public key only, `1900000003` is a
    /// service provider with two merchants below it.
    public static var standard: SandboxSetup {
        SandboxSetup(
            merchants: MerchantOutline.standard.enumerated().map { index, outline in
                let number = index + 1
                let keys: PublishedTestKeys = [.migrating, .publicKey, .partner][index]
                return SandboxMerchant(
                    mchid: outline.mchid, name: outline.name, role: outline.role, keyMode: outline.keyMode,
                    appid: outline.appid, appSecret: Secret("0000000000000000000000000000000\(number)"),
                    apiV2Key: Secret("SandboxApiV2KeyOfMerchant000000\(number)"),
                    apiV3Key: Secret("SandboxApiV3KeyOfMerchant000000\(number)"), serialNo: keys.serialNo,
                    privateKeyPEM: keys.privateKeyPEM, certificatePEM: keys.certificatePEM,
                    platformSerial: keys.platformSerial, platformCertificatePEM: keys.platformCertificatePEM,
                    platformPrivateKeyPEM: keys.platformPrivateKeyPEM, publicKeyID: outline.publicKeyID,
                    publicKeyPEM: (try? MerchantPrivateKey(pem: keys.publicKeyPrivatePEM).publicKeyPEM) ?? "",
                    publicKeyPrivatePEM: keys.publicKeyPrivatePEM, subMerchants: outline.subMerchants)
            },
            users: Self.standardUsers)
    }

    /// Two users of the first app, one of each other.
    static let standardUsers = [
        SandboxUser(openid: "oSandboxBuyer000000000000001", appid: "wx0000000000000001"),
        SandboxUser(openid: "oSandboxBuyer000000000000002", appid: "wx0000000000000001"),
        SandboxUser(openid: "oSandboxBuyer000000000000003", appid: "wx0000000000000002"),
        SandboxUser(openid: "oSandboxBuyer000000000000004", appid: "wx0000000000000003"),
    ]
}

/// A default merchant without its keys.
struct MerchantOutline {
    let mchid: String
    let name: String
    var role = SandboxMerchant.Role.merchant
    let keyMode: SandboxMerchant.KeyMode
    let appid: String
    var subMerchants: [SandboxMerchant.SubMerchant] = []

    var publicKeyID: String { "PUB_KEY_ID_01" + mchid + "2025010100000000" }

    static let standard = [
        MerchantOutline(mchid: "1900000001", name: "沙箱商户一", keyMode: .migrating, appid: "wx0000000000000001"),
        MerchantOutline(mchid: "1900000002", name: "沙箱商户二", keyMode: .publicKey, appid: "wx0000000000000002"),
        MerchantOutline(
            mchid: "1900000003", name: "沙箱服务商", role: .partner, keyMode: .certificate, appid: "wx0000000000000003",
            subMerchants: [
                .init(subMchid: "1900000101", name: "沙箱特约商户一"),
                .init(subMchid: "1900000102", name: "沙箱特约商户二", subAppid: "wx0000000000000102"),
            ]),
    ]
}
