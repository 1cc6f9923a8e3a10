/// A text that only WeChat can read: a name, an account number.
///
/// Made by ``SensitiveCipher``; encoded as its ciphertext. The key's serial must go out as `Wechatpay-Serial` of the very
/// request that holds the text. Follows 《敏感信息加解密》.
public struct EncryptedText: Hashable, Sendable {
    /// RSA-OAEP with SHA-1, in Base64.
    public let ciphertext: String
    /// The certificate serial or public key id of the key.
    public let serial: String

    /// A text that was encrypted elsewhere.
    public init(ciphertext: String, serial: String) {
        self.ciphertext = ciphertext
        self.serial = serial
    }
}
