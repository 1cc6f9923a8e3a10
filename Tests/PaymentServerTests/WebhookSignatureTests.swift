import Foundation
import PaymentPrimitives
import Testing

@testable import PaymentServer

@Suite("The signature of a webhook")
struct WebhookSignatureTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    private func value(_ body: String, _ keys: [Secret]) -> String {
        WebhookSignature.value(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: Array(body.utf8), keys: keys)
    }

    @Test("It is the one that Standard Webhooks publishes")
    func published() throws {
        let key = try #require(WebhookSignature.key(of: Secret(Self.secret)))
        #expect(value(#"{"test": 2432232314}"#, [key]) == Self.signature)
        #expect(value(#"{"test": 2432232315}"#, [key]) != Self.signature)
    }

    @Test("With two keys there are two, a space between, the newest first")
    func two() throws {
        let old = try #require(WebhookSignature.key(of: Secret(Self.secret)))
        let new = Secret(Array(repeating: UInt8(7), count: 32))
        let both = value(#"{"test": 2432232314}"#, [new, old]).split(separator: " ")
        #expect(both.count == 2)
        #expect(both[0] == value(#"{"test": 2432232314}"#, [new])[...])
        #expect(both[1] == Self.signature[...])
    }

    @Test("A secret is whsec_ and 24 to 64 bytes in Base64")
    func secrets() {
        func key(_ count: Int) -> Secret? {
            WebhookSignature.key(of: Secret("whsec_" + Data(repeating: 1, count: count).base64EncodedString()))
        }
        #expect(key(23) == nil)
        #expect(key(24)?.count == 24)
        #expect(key(64)?.count == 64)
        #expect(key(65) == nil)
        for text in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "whsec_$$$"] {
            #expect(WebhookSignature.key(of: Secret(text)) == nil, "\(text)")
        }
    }
}
