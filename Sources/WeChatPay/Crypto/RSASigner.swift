/// Makes RSASSA-PKCS1-v1_5 signatures with SHA-256: the seam behind which a merchant's private key lies.
///
/// ``MerchantPrivateKey`` is the usual one; a key that lives in an HSM or a KMS is another.
public protocol RSASigner: Sendable {
    /// The signature of `message`, as raw bytes.
    func signature(for message: [UInt8]) throws -> [UInt8]
}
