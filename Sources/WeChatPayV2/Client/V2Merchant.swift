/// A merchant of WeChat Pay with the key of its API v2: who signs. Its description and its mirror never show the key.
public struct V2Merchant: Sendable, CustomStringConvertible, CustomReflectable {
    /// The merchant number (商户号).
    public let mchid: String
    /// The API key (API密钥), 32 characters; not the API v3 key.
    public let apiKey: Secret
    /// How both sides sign.
    public let signType: V2SignType

    /// A merchant out of its number and key.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a number that is not 1 to 32 letters and digits,
    ///   `invalidKey` for a key that is blank or has not 32 bytes.
    public init(mchid: String, apiKey: Secret, signType: V2SignType = .md5) throws(WeChatPayError) {
        try WeChatText.checkMchid(mchid, "mch_id")
        guard apiKey.count == 32, !apiKey.isBlank else {
            throw WeChatPayError(.invalidKey, "the API key of API v2 has \(apiKey.count) bytes, it must have 32")
        }
        self.mchid = mchid
        self.apiKey = apiKey
        self.signType = signType
    }

    public var description: String { "V2Merchant(mchid: \(mchid), signType: \(signType))" }
    public var customMirror: Mirror { Mirror(self, children: ["mchid": mchid, "signType": signType.rawValue]) }
}

/// The merchant below a service provider whom a request concerns.
public struct V2SubMerchant: Hashable, Sendable {
    /// The sub-merchant's number.
    public var subMchid: String
    /// The sub-merchant's own app, if it has one; at most 32 bytes.
    public var subAppid: String?

    /// A sub-merchant out of its numbers; nothing is checked before it is sent.
    public init(subMchid: String, subAppid: String? = nil) {
        self.subMchid = subMchid
        self.subAppid = subAppid
    }
}
