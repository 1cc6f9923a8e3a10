/// Opens RSA-OAEP with SHA-1 and MGF1-SHA1: what WeChat encrypts for the merchant.
///
/// ``MerchantPrivateKey`` is one. A ``RSASigner`` of your own that is also this can be used with ``Client/decrypt(_:)``.
public protocol RSADecrypter: Sendable {
    /// The plaintext.
    func decrypt(_ ciphertext: [UInt8]) throws -> [UInt8]
}
