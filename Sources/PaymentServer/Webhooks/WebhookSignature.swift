import Crypto
import Foundation
import PaymentPrimitives

/// The signature of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, as `v1,` and Base64.
package enum WebhookSignature {
    /// The value of `webhook-signature`: one signature for each key, with a space between.
    ///
    /// - Parameter timestamp: seconds since 1970, as in `webhook-timestamp`.
    package static func value(id: String, timestamp: Int64, body: [UInt8], keys: [Secret]) -> String {
        let signed = Array("\(id).\(timestamp).".utf8) + body
        return keys.map { key in
            let code = key.withBytes { HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: $0)) }
            return "v1," + Data(code).base64EncodedString()
        }.joined(separator: " ")
    }

    /// The key in a secret as Standard Webhooks writes it: `whsec_` and 24 to 64 bytes in Base64; nil for anything else.
    package static func key(of secret: Secret) -> Secret? {
        secret.withBytes { bytes in
            let prefix = Array("whsec_".utf8)
            guard bytes.starts(with: prefix), let key = Data(base64Encoded: Data(bytes.dropFirst(prefix.count))),
                (24...64).contains(key.count)
            else { return nil }
            return Secret(key)
        }
    }
}
