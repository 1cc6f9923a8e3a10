/// A "WeChat Pay public key" (微信支付公钥): signs answers and notifications of merchants that have left platform
/// certificates, or never had them.
public struct WeChatPayPublicKey: Sendable {
    /// Its id as in `Wechatpay-Serial`: `PUB_KEY_ID_` and digits; the prefix is part of the id.
    public let id: String

    let key: RSAVerificationKey

    static let prefix = "PUB_KEY_ID_"

    /// A key as the merchant console gives it: an id, and `pub_key.pem`.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for an id that does not begin with `PUB_KEY_ID_`,
    ///   `invalidKey` for a text that is no PEM public key.
    public init(id: String, pem: String) throws(WeChatPayError) {
        guard id.hasPrefix(Self.prefix), id.utf8.count > Self.prefix.utf8.count, id.isToken else {
            throw WeChatPayError(.invalidArgument, "the id of a WeChat Pay public key begins with PUB_KEY_ID_")
        }
        self.id = id
        key = try RSAVerificationKey(pem: pem)
    }
}
