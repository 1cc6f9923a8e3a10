import Crypto
import Foundation
import PaymentPrimitives

/// How a message of API v2 is signed. Follows 《签名算法》.
enum V2SignType: String, Codable, Sendable, CaseIterable {
    case md5 = "MD5"
    case hmac = "HMAC-SHA256"

    /// The signature over names and values, `sign` and empty values left out.
    func sign(_ pairs: [(name: String, value: String)], key: String) -> String {
        digest(Self.message(pairs, key: key), key: key)
    }

    func digest(_ message: String, key: String) -> String {
        switch self {
        case .md5: Hex.upper(Insecure.MD5.hash(data: Data(message.utf8)))
        case .hmac:
            Hex.upper(HMAC<SHA256>.authenticationCode(for: Data(message.utf8), using: SymmetricKey(data: Data(key.utf8))))
        }
    }

    /// What is signed: the fields in the byte order of their names, the key behind them.
    static func message(_ pairs: [(name: String, value: String)], key: String) -> String {
        let signed = pairs.filter { $0.name != "sign" && !$0.value.isEmpty }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        return (signed.map { "\($0.name)=\($0.value)" } + ["key=\(key)"]).joined(separator: "&")
    }
}

/// What an order that was placed by API v2 is notified with.
struct V2Terms: Codable, Sendable, Equatable {
    let signType: V2SignType
    let deviceInfo: String?
    /// Whether it came below `/sandboxnew`, whose messages are signed with a key of its own.
    let isSandboxNew: Bool
}

extension SandboxMerchant {
    /// The key below `/sandboxnew`: 32 hexadecimal characters that follow from the merchant's own key.
    var sandboxSignKey: String { Hex.lower(Insecure.MD5.hash(data: Data("sandboxnew\n\(v2Key(false))".utf8))) }

    func v2Key(_ isSandboxNew: Bool) -> String {
        isSandboxNew ? sandboxSignKey : apiV2Key.withBytes { String(decoding: $0, as: UTF8.self) }
    }
}
