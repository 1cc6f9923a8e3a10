/// What WeChat encrypts with the API v3 key: certificates and the resources of notifications.
struct EncryptedResource: Decodable {
    let algorithm: String
    let ciphertext: String
    let nonce: String
    let associatedData: String?
    let originalType: String?

    enum CodingKeys: String, CodingKey {
        case algorithm, ciphertext, nonce
        case associatedData = "associated_data"
        case originalType = "original_type"
    }

    var isAES: Bool { algorithm == "AEAD_AES_256_GCM" }

    func open(key: Secret) throws(WeChatPayError) -> [UInt8] {
        guard isAES else {
            throw WeChatPayError(.malformed, "resource.algorithm: only AEAD_AES_256_GCM is supported")
        }
        return try AESGCM.open(base64: ciphertext, nonce: nonce, associatedData: associatedData ?? "", key: key)
    }
}
