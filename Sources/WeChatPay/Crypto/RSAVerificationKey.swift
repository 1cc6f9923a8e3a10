import Crypto
import CryptoExtras
import Foundation

/// A public RSA key that checks RSASSA-PKCS1-v1_5 signatures with SHA-256.
package struct RSAVerificationKey: Sendable {
    private let key: _RSA.Signing.PublicKey

    init(_ key: _RSA.Signing.PublicKey) {
        self.key = key
    }

    /// Reads a PEM text (`BEGIN PUBLIC KEY`).
    package init(pem: String) throws(WeChatPayError) {
        do {
            key = try _RSA.Signing.PublicKey(pemRepresentation: pem)
        } catch {
            throw WeChatPayError(.invalidKey, "not a PEM public key of 2048 bits or more (pub_key.pem)")
        }
    }

    /// Reads a DER SubjectPublicKeyInfo.
    package init(der: [UInt8]) throws(WeChatPayError) {
        do {
            key = try _RSA.Signing.PublicKey(derRepresentation: der)
        } catch {
            throw WeChatPayError(.invalidKey, "not an RSA public key of 2048 bits or more")
        }
    }

    /// The key as a DER SubjectPublicKeyInfo.
    var derRepresentation: [UInt8] { Array(key.derRepresentation) }

    package func isValid(signature: [UInt8], for message: [UInt8]) -> Bool {
        key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
            padding: .insecurePKCS1v1_5)
    }
}
