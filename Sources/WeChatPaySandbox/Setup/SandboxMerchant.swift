import PaymentPrimitives

/// A merchant account at the sandbox, with everything that both sides of it know.
///
/// The platform's private keys are here too: it is a sandbox, and a test may play WeChat.
public struct SandboxMerchant: Sendable {
    /// The merchant number.
    public var mchid: String
    /// The name that a buyer sees.
    public var name: String
    /// What the account is.
    public var role: Role
    /// Which key signs WeChat's answers.
    public var keyMode: KeyMode
    /// The app id that is bound to the account.
    public var appid: String
    /// The app's secret, for `jscode2session`.
    public var appSecret: Secret
    /// The API v2 key, 32 bytes.
    public var apiV2Key: Secret
    /// The API v3 key, 32 bytes.
    public var apiV3Key: Secret
    /// The serial of the merchant's API certificate, 40 upper-case hexadecimal characters.
    public var serialNo: String
    /// The merchant's private key, PEM.
    public var privateKeyPEM: String
    /// The merchant's API certificate, PEM.
    public var certificatePEM: String
    /// The serial of the platform certificate.
    public var platformSerial: String
    /// The platform certificate, PEM: what `GET /v3/certificates` hands out.
    public var platformCertificatePEM: String
    /// The private key of the platform certificate, PEM.
    public var platformPrivateKeyPEM: String
    /// The id of the WeChat Pay public key, with its prefix `PUB_KEY_ID_`.
    public var publicKeyID: String
    /// The WeChat Pay public key, PEM.
    public var publicKeyPEM: String
    /// The private key of the WeChat Pay public key, PEM.
    public var publicKeyPrivatePEM: String
    /// The merchants below a service provider.
    public var subMerchants: [SubMerchant]
    /// Where refunds are notified that name no `notify_url` themselves, as set in the merchant console; `nil`: nowhere.
    public var refundNotifyURL: String?

    /// An account out of its parts.
    public init(
        mchid: String, name: String, role: Role = .merchant, keyMode: KeyMode, appid: String, appSecret: Secret,
        apiV2Key: Secret, apiV3Key: Secret, serialNo: String, privateKeyPEM: String, certificatePEM: String,
        platformSerial: String,
        platformCertificatePEM: String, platformPrivateKeyPEM: String, publicKeyID: String, publicKeyPEM: String,
        publicKeyPrivatePEM: String, subMerchants: [SubMerchant] = [], refundNotifyURL: String? = nil
    ) {
        self.mchid = mchid
        self.name = name
        self.role = role
        self.keyMode = keyMode
        self.appid = appid
        self.appSecret = appSecret
        self.apiV2Key = apiV2Key
        self.apiV3Key = apiV3Key
        self.serialNo = serialNo
        self.privateKeyPEM = privateKeyPEM
        self.certificatePEM = certificatePEM
        self.platformSerial = platformSerial
        self.platformCertificatePEM = platformCertificatePEM
        self.platformPrivateKeyPEM = platformPrivateKeyPEM
        self.publicKeyID = publicKeyID
        self.publicKeyPEM = publicKeyPEM
        self.publicKeyPrivatePEM = publicKeyPrivatePEM
        self.subMerchants = subMerchants
        self.refundNotifyURL = refundNotifyURL
    }

    /// What an account is.
    public enum Role: String, Sendable, CaseIterable {
        /// A direct merchant.
        case merchant
        /// A service provider with merchants below it.
        case partner
    }

    /// Which key signs WeChat's answers and notifications.
    public enum KeyMode: String, Sendable, CaseIterable {
        /// The platform certificate, as for merchants of long standing.
        case certificate
        /// The WeChat Pay public key, as for merchants that joined recently: `/v3/certificates` is 404.
        case publicKey = "public_key"
        /// Both: an answer is signed by the key that the request asks for with `Wechatpay-Serial`.
        case migrating
    }

    /// A merchant below a service provider.
    public struct SubMerchant: Sendable, Hashable {
        /// Its merchant number.
        public var subMchid: String
        /// The name that a buyer sees.
        public var name: String
        /// Its own app id, where it has one.
        public var subAppid: String?

        /// A sub-merchant out of its parts.
        public init(subMchid: String, name: String, subAppid: String? = nil) {
            self.subMchid = subMchid
            self.name = name
            self.subAppid = subAppid
        }
    }
}
