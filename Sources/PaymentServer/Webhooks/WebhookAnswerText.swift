import Foundation
import PaymentPrimitives
import Payments

/// What a receiver answered, as the log may have it: on one line, without what it repeats of secrets and payers.
enum WebhookAnswerText {
    static func shown(_ answer: [UInt8], _ message: WebhookMessage, _ endpoint: WebhookEndpoint) -> String {
        var text = String(decoding: answer, as: UTF8.self)
        for openid in openids(in: message.body) {
            text = text.replacingOccurrences(of: openid, with: "\(openid.prefix(4))***")
        }
        for key in endpoint.keys {
            text = text.replacingOccurrences(of: key.withBytes { Data($0).base64EncodedString() }, with: "***")
        }
        return oneLine(text)
    }

    /// A line break in an answer must not forge a line of the log.
    static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }

    /// The payers whom a message names, under whichever key that ends like `openid`.
    private static func openids(in body: [UInt8]) -> Set<String> {
        guard let json = try? JSONSerialization.jsonObject(with: Data(body)) else { return [] }
        var found: Set<String> = []
        func look(_ value: Any) {
            if let list = value as? [Any] { list.forEach(look) }
            guard let object = value as? [String: Any] else { return }
            for (key, value) in object {
                if key.hasSuffix("openid"), let openid = value as? String, !openid.isEmpty { found.insert(openid) }
                look(value)
            }
        }
        look(json)
        return found
    }
}
