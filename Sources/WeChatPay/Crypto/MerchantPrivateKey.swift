import Crypto
import CryptoExtras
import Foundation

/// A merchant's API private key (`apiclient_key.pem`), parsed once and kept.
///
/// Follows 《签名生成》: RSASSA-PKCS1-v1_5 with SHA-256. Its description never shows the key.
public struct MerchantPrivateKey: RSASigner, RSADecrypter, CustomStringConvertible, CustomReflectable {
    private let key: _RSA.Signing.PrivateKey

    /// Reads a PEM text, PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`), of at least 2048 bits.
    ///
    /// - Throws: ``WeChatPayError`` with code ``WeChatPayError/Code/invalidKey``.
    public init(pem: String) throws(WeChatPayError) {
        do {
            key = try _RSA.Signing.PrivateKey(pemRepresentation: pem)
        } catch {
            throw WeChatPayError(
                .invalidKey, "the merchant's private key is not a PEM RSA key of 2048 bits or more (apiclient_key.pem)")
        }
    }

    /// The PEM text of the matching public key.
    public var publicKeyPEM: String { key.publicKey.pemRepresentation }

    /// The matching public key.
    package var publicKey: RSAVerificationKey { RSAVerificationKey(key.publicKey) }

    public func signature(for message: [UInt8]) throws -> [UInt8] {
        Array(try key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation)
    }

    public func decrypt(_ ciphertext: [UInt8]) throws -> [UInt8] {
        // swift-crypto's type for it may not cross tasks, so it is made anew; fields to decrypt are few.
        let key = try _RSA.Encryption.PrivateKey(derRepresentation: key.derRepresentation)
        return Array(try key.decrypt(ciphertext, padding: .PKCS1_OAEP))
    }

    public var description: String { "MerchantPrivateKey(***)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
