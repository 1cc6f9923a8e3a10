import Crypto
import CryptoExtras
import Foundation

/// Encrypts texts for WeChat with one of its keys: RSA-OAEP with SHA-1 and MGF1-SHA1 (《敏感信息加解密》).
///
/// All fields of one request must be encrypted with one key, so take one cipher a request.
public struct SensitiveCipher: Sendable {
    /// The certificate serial or public key id of the key.
    public let serial: String
    private let key: RSAVerificationKey

    init(serial: String, key: RSAVerificationKey) {
        self.serial = serial
        self.key = key
    }

    /// Encrypts a text of at most 214 UTF-8 bytes (with a key of 2048 bits). Each call gives another ciphertext.
    ///
    /// - Throws: ``WeChatPayError`` with code `invalidArgument` for a text that is empty or too long.
    public func encrypt(_ text: String) throws(WeChatPayError) -> EncryptedText {
        guard !text.isEmpty else { throw WeChatPayError(.invalidArgument, "sensitive field: empty") }
        return EncryptedText(ciphertext: Data(try key.encrypt(Array(text.utf8))).base64EncodedString(), serial: serial)
    }
}

extension RSAVerificationKey {
    /// RSA-OAEP with SHA-1.
    func encrypt(_ bytes: [UInt8]) throws(WeChatPayError) -> [UInt8] {
        do {
            let key = try _RSA.Encryption.PublicKey(derRepresentation: derRepresentation)
            let most = key.maximumEncryptSize(with: .PKCS1_OAEP)
            guard bytes.count <= most else {
                throw WeChatPayError(.invalidArgument, "sensitive field: \(bytes.count) bytes, this key takes at most \(most)")
            }
            return Array(try key.encrypt(bytes, padding: .PKCS1_OAEP))
        } catch let error as WeChatPayError {
            throw error
        } catch {
            throw WeChatPayError(.invalidKey, "WeChat's key could not encrypt")
        }
    }
}

extension Client {
    /// A cipher with the key that WeChat wants now: the preferred public key, or else the newest platform certificate,
    /// which is downloaded first if there is none.
    ///
    /// - Throws: ``WeChatPayError`` with code `unknownPlatformKey` when there is no key, and what a download throws.
    public func sensitiveCipher() async throws(WeChatPayError) -> SensitiveCipher {
        do throws(WeChatPayError) {
            try await refreshKeysIfDue()
        } catch {
            if keys.isEmpty(at: clock.now) { throw error }
        }
        guard let (serial, key) = keys.encryptionKey(at: clock.now) else {
            throw WeChatPayError(.unknownPlatformKey, "there is no valid key of WeChat's to encrypt with")
        }
        return SensitiveCipher(serial: serial, key: key)
    }

    /// Encrypts one text. For several fields of one request take ``sensitiveCipher()`` once: between two calls the key may
    /// change.
    ///
    /// - Throws: as ``sensitiveCipher()`` and ``SensitiveCipher/encrypt(_:)``.
    public func encrypt(_ text: String) async throws(WeChatPayError) -> EncryptedText {
        try await sensitiveCipher().encrypt(text)
    }

    /// Decrypts a field of an answer, which WeChat has encrypted with the key of the merchant's API certificate.
    ///
    /// - Parameter ciphertext: in Base64.
    /// - Throws: ``WeChatPayError`` with code `invalidKey` when the merchant's key can only sign, `decryptionFailed`.
    public func decrypt(_ ciphertext: String) throws(WeChatPayError) -> String {
        guard let key = merchant.privateKey as? any RSADecrypter else {
            throw WeChatPayError(.invalidKey, "the merchant's private key can only sign: make it an RSADecrypter too")
        }
        guard let bytes = Data(base64Encoded: ciphertext), !bytes.isEmpty else {
            throw WeChatPayError(.decryptionFailed, "sensitive field: not Base64")
        }
        // Why it failed is not said: whoever learns that can decrypt by asking often enough.
        guard let plain = try? key.decrypt(Array(bytes)), let text = String(validating: plain, as: UTF8.self) else {
            throw WeChatPayError(.decryptionFailed, "sensitive field: not encrypted with RSA-OAEP for this merchant's key")
        }
        return text
    }
}
