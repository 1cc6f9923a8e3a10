import Foundation
import SwiftASN1
import X509

/// A platform certificate of WeChat Pay: the key that signs its answers and notifications, until it expires.
///
/// Downloaded from `GET /v3/certificates`, see 《下载平台证书》.
public struct PlatformCertificate: Sendable {
    /// The serial number as WeChat writes it in `Wechatpay-Serial`: upper-case hexadecimal, usually 40 characters.
    public let serialNo: String
    /// The first moment at which the certificate is valid.
    public let effectiveTime: Timestamp
    /// The last moment at which the certificate is valid.
    public let expireTime: Timestamp

    let key: RSAVerificationKey

    /// Reads a PEM certificate.
    ///
    /// - Throws: ``WeChatPayError`` with code ``WeChatPayError/Code/invalidKey``.
    public init(pem: String) throws(WeChatPayError) {
        do {
            let certificate = try Certificate(pemEncoded: pem)
            var serializer = DER.Serializer()
            try certificate.publicKey.serialize(into: &serializer)
            serialNo = certificate.serialNumberHex
            effectiveTime = Timestamp(milliseconds: Int64(certificate.notValidBefore.timeIntervalSince1970 * 1000))
            expireTime = Timestamp(milliseconds: Int64(certificate.notValidAfter.timeIntervalSince1970 * 1000))
            key = try RSAVerificationKey(der: serializer.serializedBytes)
        } catch {
            throw WeChatPayError(.invalidKey, "not a PEM certificate with an RSA key of 2048 bits or more")
        }
    }
}

extension Certificate {
    /// The serial number as WeChat writes it: upper-case hexadecimal without separators.
    package var serialNumberHex: String {
        Hex.upper(serialNumber.bytes)
    }
}
