import Foundation
import HTTPTypes

/// The signature headers of an answer or a notification, read strictly.
///
/// Follows 《签名验证》.
struct WireSignature: Sendable {
    /// As in the header: it is signed as text.
    let timestamp: String
    let seconds: Int64
    let nonce: String
    let signature: [UInt8]
    let serial: String

    /// The only scheme that is spoken here; SM2 needs other keys.
    static let scheme = "WECHATPAY2-SHA256-RSA2048"
    /// How far a timestamp may be from the clock, in seconds.
    static let tolerance: Int64 = 300

    /// Reads the headers.
    ///
    /// - Throws: `signatureMissing` when one is absent, empty or there twice; `signatureInvalid`, `signatureExpired`.
    init(_ fields: HTTPFields) throws(WeChatPayError) {
        let scheme = fields[values: .wechatpaySignatureType]
        guard scheme.isEmpty || scheme == [Self.scheme] else {
            throw WeChatPayError(.signatureInvalid, "Wechatpay-Signature-Type: only \(Self.scheme) is supported")
        }
        try self.init(
            timestamp: Self.one(.wechatpayTimestamp, in: fields), nonce: Self.one(.wechatpayNonce, in: fields),
            signature: Self.one(.wechatpaySignature, in: fields), serial: Self.one(.wechatpaySerial, in: fields))
    }

    init(timestamp: String, nonce: String, signature: String, serial: String) throws(WeChatPayError) {
        guard !timestamp.isEmpty, timestamp.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw WeChatPayError(.signatureInvalid, "Wechatpay-Timestamp: not a number of seconds in decimal digits")
        }
        guard let seconds = Int64(timestamp) else {
            throw WeChatPayError(.signatureExpired, "Wechatpay-Timestamp: out of range")
        }
        guard !nonce.isEmpty, nonce.utf8.count <= 128, !nonce.hasControlCharacter else {
            throw WeChatPayError(.signatureInvalid, "Wechatpay-Nonce: empty, too long or with a control character")
        }
        guard serial.isToken, serial.utf8.count <= 128 else {
            throw WeChatPayError(.unknownPlatformKey, "Wechatpay-Serial: neither a certificate serial nor a public key id")
        }
        guard !signature.isEmpty else { throw WeChatPayError(.signatureMissing, "Wechatpay-Signature: empty") }
        guard let bytes = Data(base64Encoded: signature) else {
            throw WeChatPayError(.signatureInvalid, "Wechatpay-Signature: not Base64")
        }
        self.timestamp = timestamp
        self.seconds = seconds
        self.nonce = nonce
        self.serial = serial
        self.signature = Array(bytes)
    }

    private static func one(_ name: HTTPField.Name, in fields: HTTPFields) throws(WeChatPayError) -> String {
        let values = fields[values: name]
        guard values.count == 1, let value = values.first, !value.isEmpty else {
            let problem = values.isEmpty ? "missing" : values.count == 1 ? "empty" : "there \(values.count) times"
            throw WeChatPayError(.signatureMissing, "\(name.rawName): \(problem)")
        }
        return value
    }

    /// Refuses a timestamp that is more than 300 s away from the clock.
    func checkFreshness(at now: Timestamp) throws(WeChatPayError) {
        let (difference, overflow) = now.seconds.subtractingReportingOverflow(seconds)
        guard !overflow, difference.magnitude <= Self.tolerance.magnitude else {
            throw WeChatPayError(
                .signatureExpired, "Wechatpay-Timestamp: more than \(Self.tolerance) s away from this machine's clock")
        }
    }

    /// Refuses a signature that is not the one of `key` over the raw bytes.
    func check(_ body: [UInt8], with key: RSAVerificationKey) throws(WeChatPayError) {
        guard key.isValid(signature: signature, for: SignString.answer(timestamp: timestamp, nonce: nonce, body: body)) else {
            throw WeChatPayError(.signatureInvalid, "Wechatpay-Signature: does not fit the body, key \(serial)")
        }
    }
}
