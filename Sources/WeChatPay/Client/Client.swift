/// A merchant's connection to WeChat Pay's API v3.
///
/// Signs each request, verifies each answer, keeps WeChat's keys fresh. Cheap to copy: all copies share one key ring.
///
/// ```swift
/// let client = try WeChatPay.Client(merchant: merchant, transport: AsyncHTTPClientTransport())
/// let prepay = try await client.transactions.jsapi(request)
/// ```
public struct Client: Sendable, CustomStringConvertible, CustomReflectable {
    /// Who signs.
    public let merchant: Merchant
    /// How requests are sent.
    public let options: Options

    let baseURL: BaseURL
    let transport: any Transport
    let clock: any WallClock
    let random: any RandomSource
    let keys: PlatformKeys

    /// A connection for one merchant.
    ///
    /// - Parameters:
    ///   - merchant: numbers and keys of the merchant.
    ///   - baseURL: scheme, host and port, without a path. With WeChat's own address a second attempt goes to its backup
    ///     host.
    ///   - platformCertificates: certificates that are known already; others are downloaded when they are needed.
    ///   - transport: how requests reach WeChat.
    ///   - clock: signs requests and judges timestamps: the real time of day, unless the other side has another clock.
    ///   - random: makes nonces.
    ///   - options: time-outs, attempts, limits.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` when the base URL is not one.
    public init(
        merchant: Merchant, baseURL: String = "https://api.mch.weixin.qq.com",
        platformCertificates: [PlatformCertificate] = [], transport: any Transport, clock: any WallClock = SystemClock(),
        random: any RandomSource = SystemRandom(), options: Options = Options()
    ) throws(WeChatPayError) {
        self.merchant = merchant
        self.options = options
        self.baseURL = try BaseURL(baseURL)
        self.transport = transport
        self.clock = clock
        self.random = random
        keys = PlatformKeys(publicKeys: merchant.publicKeys, certificates: platformCertificates, now: clock.now)
    }

    /// Orders: prepay, query, close, payment parameters.
    public var transactions: Transactions { Transactions(client: self) }

    /// What WeChat tells by itself.
    public var notifications: Notifications { Notifications(client: self) }

    /// WeChat's keys.
    public var certificates: Certificates { Certificates(client: self) }

    public var description: String { "Client(mchid: \(merchant.mchid), baseURL: \(baseURL))" }
    public var customMirror: Mirror {
        Mirror(self, children: ["mchid": merchant.mchid, "baseURL": baseURL.description])
    }
}
