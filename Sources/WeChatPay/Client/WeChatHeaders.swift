import HTTPTypes

extension HTTPField.Name {
    /// The moment at which an answer or notification was signed, in seconds.
    static let wechatpayTimestamp = HTTPField.Name("Wechatpay-Timestamp")!
    /// The nonce that was signed with it.
    static let wechatpayNonce = HTTPField.Name("Wechatpay-Nonce")!
    /// The signature in Base64.
    static let wechatpaySignature = HTTPField.Name("Wechatpay-Signature")!
    /// The key: a certificate serial or the id of a public key.
    static let wechatpaySerial = HTTPField.Name("Wechatpay-Serial")!
    /// The scheme of the signature.
    static let wechatpaySignatureType = HTTPField.Name("Wechatpay-Signature-Type")!
    /// What WeChat's support asks for.
    static let wechatRequestID = HTTPField.Name("Request-ID")!
}
