import HTTPTypes

/// The header names of WeChat Pay, in the spelling that case-sensitive clients look for.
enum WireNames {
    static let timestamp = name("Wechatpay-Timestamp")
    static let nonce = name("Wechatpay-Nonce")
    static let signature = name("Wechatpay-Signature")
    static let serial = name("Wechatpay-Serial")
    static let signatureType = name("Wechatpay-Signature-Type")
    static let requestID = name("Request-ID")
    static let keepAlive = name("Keep-Alive")
    static let negativeTest = name("Wechatpay-Negative-Test")
    static let pragma = name("Pragma")

    /// The only scheme that is spoken here, and the value of `Wechatpay-Signature-Type`.
    static let scheme = "WECHATPAY2-SHA256-RSA2048"

    private static func name(_ text: String) -> HTTPField.Name {
        // Each of these is a valid token; `accept` is never reached, and keeps this free of a forced unwrap.
        HTTPField.Name(text) ?? .accept
    }
}
