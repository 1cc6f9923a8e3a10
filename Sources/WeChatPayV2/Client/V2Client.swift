/// A merchant's connection to WeChat Pay's API v2, which speaks XML.
///
/// Signs each request and verifies each answer with the API key. Cheap to copy.
///
/// ```swift
/// let client = try V2Client(merchant: V2Merchant(mchid: "1900000001", apiKey: key), transport: AsyncHTTPClientTransport())
/// let order = try await client.unifiedOrder(request)
/// ```
public struct V2Client: Sendable, CustomStringConvertible, CustomReflectable {
    /// Who signs.
    public let merchant: V2Merchant
    /// How requests are sent; of these only what is not about API v3's certificates.
    public let options: Client.Options

    let baseURL: BaseURL
    let transport: any Transport
    let certificateTransport: (any Transport)?
    let clock: any WallClock
    let random: any RandomSource

    /// A connection for one merchant.
    ///
    /// - Parameters:
    ///   - merchant: its number and key.
    ///   - baseURL: scheme, host and port, without a path. With WeChat's own address a second attempt goes to its backup host.
    ///   - transport: how requests reach WeChat.
    ///   - certificateTransport: one that shows the merchant's certificate, see ``ClientIdentity``. Without it refunds,
    ///     reversals and fund-flow bills are refused here, before anything is sent.
    ///   - clock: the time of hand-offs and pauses.
    ///   - random: makes nonces.
    ///   - options: time-outs, attempts, limits.
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` when the base URL is not one.
    public init(
        merchant: V2Merchant, baseURL: String = "https://api.mch.weixin.qq.com", transport: any Transport,
        certificateTransport: (any Transport)? = nil, clock: any WallClock = SystemClock(),
        random: any RandomSource = SystemRandom(), options: Client.Options = Client.Options()
    ) throws(WeChatPayError) {
        self.merchant = merchant
        self.options = options
        self.baseURL = try BaseURL(baseURL)
        self.transport = transport
        self.certificateTransport = certificateTransport
        self.clock = clock
        self.random = random
    }

    /// Whether it can show the merchant's certificate, without which there are no refunds and no reversals.
    public var hasCertificate: Bool { certificateTransport != nil }

    /// What WeChat tells by itself.
    public var notifications: V2Notifications { V2Notifications(merchant: merchant) }

    public var description: String { "V2Client(mchid: \(merchant.mchid), baseURL: \(baseURL))" }
    public var customMirror: Mirror {
        Mirror(self, children: ["mchid": merchant.mchid, "baseURL": baseURL.description])
    }
}
