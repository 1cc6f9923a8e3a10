import Crypto
import Foundation

/// `AEAD_AES_256_GCM` as notifications and `/v3/certificates` use it: key = the 32 bytes of the API v3 key, a 12-byte
/// text nonce, the 16-byte tag behind the ciphertext.
///
/// Follows 《证书和回调报文解密》.
package enum AESGCM {
    /// Opens Base64(ciphertext ‖ tag).
    ///
    /// - Throws: ``WeChatPayError`` with code ``WeChatPayError/Code/decryptionFailed``; which part was wrong is not
    ///   said, since nobody can tell.
    package static func open(
        base64 text: String, nonce: String, associatedData: String, key: Secret
    ) throws(WeChatPayError) -> [UInt8] {
        guard let sealed = Data(base64Encoded: text), sealed.count >= 16, nonce.utf8.count == 12 else {
            throw WeChatPayError(
                .decryptionFailed, "the ciphertext is not Base64 with a 16-byte tag, or the nonce is not 12 bytes")
        }
        do {
            return try key.withBytes { bytes in
                let box = try AES.GCM.SealedBox(
                    nonce: AES.GCM.Nonce(data: Data(nonce.utf8)), ciphertext: sealed.dropLast(16), tag: sealed.suffix(16))
                return Array(
                    try AES.GCM.open(box, using: SymmetricKey(data: bytes), authenticating: Data(associatedData.utf8)))
            }
        } catch {
            throw WeChatPayError(
                .decryptionFailed,
                "AES-256-GCM failed: the API v3 key, the nonce, the associated data or the ciphertext is wrong"
            )
        }
    }

    /// Seals to Base64(ciphertext ‖ tag).
    package static func seal(_ plaintext: [UInt8], nonce: String, associatedData: String, key: Secret) throws -> String {
        try key.withBytes { bytes in
            let box = try AES.GCM.seal(
                plaintext, using: SymmetricKey(data: bytes), nonce: AES.GCM.Nonce(data: Data(nonce.utf8)),
                authenticating: Data(associatedData.utf8))
            return (box.ciphertext + box.tag).base64EncodedString()
        }
    }
}
