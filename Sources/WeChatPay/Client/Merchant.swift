/// A merchant of WeChat Pay with the keys of its API v3: who signs.
///
/// Its description and its mirror show the merchant number and the certificate serial, never a key.
public struct Merchant: Sendable, CustomStringConvertible, CustomReflectable {
    /// The merchant number (商户号).
    public let mchid: String
    /// The serial number of the merchant's API certificate, 40 hexadecimal characters.
    public let serialNo: String
    /// Signs requests and payment parameters.
    public let privateKey: any RSASigner
    /// The API v3 key (APIv3密钥), 32 bytes: opens notifications and platform certificates.
    public let apiV3Key: Secret
    /// The WeChat Pay public keys (微信支付公钥) that were downloaded from the merchant console; may be empty. The last
    /// one is asked for in requests.
    public let publicKeys: [WeChatPayPublicKey]

    /// A merchant out of its numbers and keys.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a number or serial that is blank or has characters
    ///   other than letters, digits, `_` and `-`; `invalidKey` for an API v3 key that is not 32 bytes long.
    public init(
        mchid: String, serialNo: String, privateKey: any RSASigner, apiV3Key: Secret, publicKeys: [WeChatPayPublicKey] = []
    ) throws(WeChatPayError) {
        // Both go into the Authorization header between quotes.
        guard mchid.isToken, mchid.utf8.count <= 32 else {
            throw WeChatPayError(.invalidArgument, "mchid: blank, longer than 32 bytes, or not letters and digits")
        }
        guard serialNo.isToken else {
            throw WeChatPayError(.invalidArgument, "serial_no: blank, or not hexadecimal (serial of apiclient_cert.pem)")
        }
        guard apiV3Key.count == 32, !apiV3Key.isBlank else {
            throw WeChatPayError(.invalidKey, "the API v3 key has \(apiV3Key.count) bytes, it must have 32")
        }
        self.mchid = mchid
        self.serialNo = serialNo
        self.privateKey = privateKey
        self.apiV3Key = apiV3Key
        self.publicKeys = publicKeys
    }

    public var description: String { "Merchant(mchid: \(mchid), serialNo: \(serialNo))" }
    public var customMirror: Mirror { Mirror(self, children: ["mchid": mchid, "serialNo": serialNo]) }
}
