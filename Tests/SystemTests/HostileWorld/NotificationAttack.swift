import Foundation
import PaymentPrimitives
import Testing
import WeChatPay
import WeChatPaySandbox

/// A row of the hostile world that is sent to `/notify`: what is sent besides the true notification of a payment of
/// 100 fen.
struct NotificationAttack: Sendable, CustomTestStringConvertible {
    let row: Int
    let name: String
    var statuses = 400...499
    let build: @Sendable (RunningSystem, MadePayment) async throws -> [ForgedNotification]

    var testDescription: String { "row \(row): \(name)" }

    /// A row that changes the true notification after it was signed.
    private static func altered(
        _ row: Int, _ name: String, _ change: @escaping @Sendable (inout ForgedNotification) throws -> Void
    ) -> Self {
        Self(row: row, name: name) { system, payment in
            var notification = try system.forger.notification(system.forger.success(of: payment).json)
            try change(&notification)
            return [notification]
        }
    }

    /// A row that lies in its content and is signed well.
    private static func lie(
        _ row: Int, _ name: String, _ change: @escaping @Sendable (inout ForgedTransaction) -> Void
    ) -> Self {
        Self(row: row, name: name) { system, payment in
            var transaction = system.forger.success(of: payment)
            change(&transaction)
            return [
                try system.forger.notification(transaction.json),
                try system.forger.notification(transaction.json, key: .publicKey),
            ]
        }
    }

    static let wrongSignatures: [Self] = [
        altered(1, "no signature header") { $0.remove("Wechatpay-Signature") },
        altered(1, "no headers of WeChat at all") { $0.headers = [("Content-Type", "application/json")] },
        altered(2, "empty signature") { $0["Wechatpay-Signature"] = "" },
        altered(3, "a signature that is not base64") { $0["Wechatpay-Signature"] = "*not*base64*" },
        altered(4, "one bit of the signature flipped") { notification in
            var bytes = try #require(Data(base64Encoded: notification["Wechatpay-Signature"]))
            bytes[17] ^= 0x10
            notification["Wechatpay-Signature"] = bytes.base64EncodedString()
        },
        altered(4, "one bit of the body flipped") { $0.body[9] ^= 1 },
        altered(5, "WECHATPAY/SIGNTEST/ before a true signature") {
            $0["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + $0["Wechatpay-Signature"]
        },
        altered(5, "WECHATPAY/SIGNTEST/ and no base64") {
            $0["Wechatpay-Signature"] = "WECHATPAY/SIGNTEST/" + String(repeating: "å", count: 20)
        },
        Self(row: 6, name: "signed with the merchant's own key") { system, payment in
            [try system.forger.notification(system.forger.success(of: payment).json, key: .merchant)]
        },
        Self(row: 10, name: "a timestamp outside of five minutes") { system, payment in
            let body = try system.forger.envelope(system.forger.success(of: payment).json)
            let now = SystemClock().now.seconds
            // A little more than 301 for the future, since time goes on while it travels.
            return try [now - 301, now + 310, 0, now - 86_400].map { try system.forger.signed(body, timestamp: String($0)) }
        },
        Self(row: 11, name: "a timestamp that is no number of seconds") { system, payment in
            let body = try system.forger.envelope(system.forger.success(of: payment).json)
            let now = SystemClock().now.seconds
            let texts = [
                "now", "\(now)000", "99999999999999999999", "-\(now)", "+\(now)", "\(now).0", "0x\(String(now, radix: 16))",
                "\(now)e0", "9223372036854775807", "-9223372036854775808",
            ]
            return try texts.map { try system.forger.signed(body, timestamp: $0) }
        },
        altered(12, "unsigned with Host: localhost") {
            $0.remove("Wechatpay-Signature")
            $0["Host"] = "localhost"
        },
        altered(13, "unsigned with X-Forwarded-For: 127.0.0.1") {
            $0.remove("Wechatpay-Signature")
            $0["X-Forwarded-For"] = "127.0.0.1"
            $0["X-Real-IP"] = "127.0.0.1"
        },
        altered(14, "the body decoded and written again") { notification in
            let object = try JSONSerialization.jsonObject(with: Data(notification.body))
            notification.body = Array(try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]))
        },
        altered(14, "the body with a line break at its end") { $0.body.append(0x0A) },
        altered(15, "the signature header twice") {
            $0.headers.append(("Wechatpay-Signature", $0["Wechatpay-Signature"]))
        },
        altered(15, "the serial header twice") { $0.headers.append(("wechatpay-serial", $0["Wechatpay-Serial"])) },
    ]

    static let wrongBusiness: [Self] = [
        lie(33, "one fen less") { $0.amount = #"{"total":99,"payer_total":99,"currency":"CNY"}"# },
        lie(34, "one fen more") { $0.amount = #"{"total":101,"payer_total":101,"currency":"CNY"}"# },
        lie(34, "the payer paid more than the total") { $0.amount = #"{"total":100,"payer_total":101,"currency":"CNY"}"# },
        lie(35, "currency USD") { $0.amount = #"{"total":100,"payer_total":100,"currency":"USD"}"# },
        Self(row: 36, name: "a true notification of one yuan under another order's number") { system, _ in
            let other = try await system.payment(total: 200)
            return [try system.forger.notification(system.forger.success(outTradeNo: other.outTradeNo, total: 100).json)]
        },
        lie(37, "another merchant's mchid") { $0.mchid = "1900000002" },
        Self(row: 37, name: "another merchant's own true notification", statuses: 400...599) { system, payment in
            let other = Forger(merchant: system.sandbox.merchants[1])
            var transaction = other.success(of: payment)
            transaction.mchid = system.merchant.mchid
            return [
                try other.notification(transaction.json, key: .publicKey),
                // Sealed with the right key, as a shared API v3 key would.
                try other.notification(transaction.json, sealKey: system.merchant.apiV3Key, key: .publicKey),
            ]
        },
        lie(38, "another app id") { $0.appid = "wx0000000000000002" },
        lie(40, "a number that is not ours") { $0.outTradeNo = "NOBODYS00000000001" }.with(500...599),
        Self(row: 42, name: "event type, original type and content disagree") { system, payment in
            let transaction = system.forger.success(of: payment)
            let refund = """
                {"mchid":"\(system.merchant.mchid)","out_trade_no":"\(payment.outTradeNo)","transaction_id":"1",\
                "out_refund_no":"R1","refund_id":"1","refund_status":"SUCCESS","amount":{"total":100,"refund":100}}
                """
            var both = transaction
            both.more = #","refund_status":"SUCCESS""#
            return [
                try system.forger.notification(transaction.json, eventType: "REFUND.SUCCESS", originalType: "refund"),
                try system.forger.notification(transaction.json, eventType: "REFUND.SUCCESS"),
                try system.forger.notification(transaction.json, originalType: "refund"),
                try system.forger.notification(refund),
                try system.forger.notification(refund, originalType: "refund"),
                try system.forger.notification(both.json),
                try system.forger.notification(both.json, eventType: "REFUND.SUCCESS", originalType: "refund"),
            ]
        },
        Self(row: 43, name: "another AAD, nonce, tag or key") { system, payment in
            let json = system.forger.success(of: payment).json
            return [
                try system.forger.notification(json, writtenAAD: "transactioN"),
                try system.forger.notification(json, sealedAAD: "", writtenAAD: "transaction"),
                try system.forger.notification(json, writtenNonce: "000000000000"),
                try system.forger.notification(json, writtenNonce: "short"),
                try system.forger.notification(json, writtenNonce: ""),
                try system.forger.notification(json, breakTag: true),
                try system.forger.notification(json, sealKey: Secret(String(repeating: "k", count: 32))),
            ]
        },
        Self(row: 44, name: "another algorithm") { system, payment in
            let json = system.forger.success(of: payment).json
            return try ["AEAD_SM4_GCM", "none", "", "aead_aes_256_gcm", "AEAD_AES_128_GCM"].map {
                try system.forger.notification(json, algorithm: $0)
            }
        },
        Self(row: 45, name: "a total that is no integer in JSON") { system, payment in
            let totals = [
                "100.0", #""100""#, "1e2", "1E+2", "9223372036854775808", "100.00000000000000001", "null", "true", "[100]",
            ]
            return try totals.map { total in
                var transaction = system.forger.success(of: payment)
                transaction.amount = #"{"total":\#(total),"payer_total":100,"currency":"CNY"}"#
                return try system.forger.notification(transaction.json)
            }
        },
        lie(45, "no amount at all") { $0.amount = "null" },
        lie(45, "no transaction id") { $0.transactionID = "" },
    ]

    static let wrongBytes: [Self] = [
        Self(row: 85, name: "signed, with invalid UTF-8 or NUL") { system, payment in
            let json = system.forger.success(of: payment).json
            let body = try system.forger.envelope(json)
            let broken = [UInt8(ascii: "{"), 0x22, 0xFF, 0xFE, 0x22, 0x3A, 0x31, 0x7D]
            var nul = body
            nul.insert(0, at: 1)
            return [
                try system.forger.signed(broken), try system.forger.signed(nul), try system.forger.signed(body + [0xC3]),
                try system.forger.notification(json.replacingOccurrences(of: "OTHERS", with: "OTH\\u0000ERS")),
                try system.forger.signed([]),
            ]
        },
        Self(row: 86, name: "signed, JSON 10,000 deep") { system, payment in
            let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
            var transaction = system.forger.success(of: payment)
            transaction.more = #","x":\#(deep)"#
            return [try system.forger.signed(Array(deep.utf8)), try system.forger.notification(transaction.json)]
        },
        Self(row: 87, name: "signed, a JSON key twice") { system, payment in
            var twice = system.forger.success(of: payment)
            twice.more = #","trade_state":"SUCCESS""#
            var escaped = system.forger.success(of: payment)
            escaped.more = #","\u0061mount":{"total":100,"currency":"CNY"}"#
            var amount = system.forger.success(of: payment)
            amount.amount = #"{"total":1,"total":100,"currency":"CNY"}"#
            return [
                try system.forger.notification(twice.json), try system.forger.notification(escaped.json),
                try system.forger.notification(amount.json),
            ]
        },
    ]

    private func with(_ statuses: ClosedRange<Int>) -> Self {
        var row = self
        row.statuses = statuses
        return row
    }
}
