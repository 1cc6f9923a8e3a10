import Foundation
import Testing
import WeChatPaySandbox

/// A row of the hostile world that wants money back, or says that it went back: what is sent about a paid payment of 100
/// fen, of which 40 are on their way.
struct RefundAttack: Sendable, CustomTestStringConvertible {
    let row: Int
    let name: String
    var statuses = 400...499
    /// Gets the payment and the number of the refund of 40 fen, and sends.
    let send: @Sendable (PaidPayment, String) async throws -> [WebAnswer]

    var testDescription: String { "row \(row): \(name)" }

    private static func asks(
        _ row: Int, _ name: String, statuses: ClosedRange<Int> = 400...499,
        _ bodies: @escaping @Sendable (PaidPayment, String) -> [String]
    ) -> Self {
        Self(row: row, name: name, statuses: statuses) { payment, number in
            var answers: [WebAnswer] = []
            for body in bodies(payment, number) { answers.append(try await payment.refund(body)) }
            return answers
        }
    }

    private static func lie(
        _ row: Int, _ name: String, statuses: ClosedRange<Int> = 400...499,
        _ change: @escaping @Sendable (inout ForgedRefund) -> Void
    ) -> Self {
        Self(row: row, name: name, statuses: statuses) { payment, number in
            var refund = try await ForgedRefund(of: payment, outRefundNo: number, fen: 40)
            change(&refund)
            return [
                try await payment.system.notify(refund.notification(payment.system.forger)),
                try await payment.system.notify(refund.notification(payment.system.forger, key: .publicKey)),
            ]
        }
    }

    static let all: [Self] = [
        asks(51, "more than was paid, or than is left") { _, _ in
            [61, 100, 101, 10_000_000_000, Int64.max].map { #"{"amount":{"refund":\#($0)}}"# }
        },
        asks(51, "more than 63 bits") { _, _ in [#"{"amount":{"refund":9223372036854775808}}"#] },
        asks(53, "zero, negative, or no whole number") { _, _ in
            ["0", "-1", "-9223372036854775808", "1.0", "1e1", #""1""#, "null", "true"].map { #"{"amount":{"refund":\#($0)}}"# }
        },
        asks(54, "the same number with another amount", statuses: 409...409) { _, number in
            [1, 39, 41, 60].map { #"{"amount":{"refund":\#($0)},"out_refund_no":"\#(number)"}"# }
        },
        asks(51, "another currency, an unknown field, an unknown account") { _, _ in
            [
                #"{"amount":{"refund":1,"currency":"USD"}}"#, #"{"amount":{"refund":1,"total":1}}"#, #"{"refund":1}"#,
                #"{"amount":{"refund":1},"funds_account":"MINE"}"#, #"{"amount":{"refund":1},"notify_url":"https://evil"}"#,
                #"{"amount":1}"#, #"{"amount":{}}"#, "[]", "null", "{",
            ]
        },
        asks(64, "a number of the wrong letters or length") { _, _ in
            ["", "R 1", "R#1", "退款", "R/1", String(repeating: "R", count: 65)].map {
                #"{"amount":{"refund":1},"out_refund_no":"\#($0)"}"#
            }
        },
        Self(row: 59, name: "another client's payment and refund are not there", statuses: 404...404) { payment, number in
            let (system, token) = (payment.system, payment.system.strangerKey)
            let list = try await system.web.get("/v1/refunds?out_refund_no=\(number)", token: system.apiKey)
            let id = try #require(list.string("refunds.0.id"))
            #expect(try await system.web.get("/v1/refunds?out_refund_no=\(number)", token: token).count("refunds") == 0)
            #expect(try await system.web.get("/v1/refunds?merchant=demo", token: token).count("refunds") == 0)
            return [
                try await payment.refund(#"{"amount":{"refund":1}}"#, token: token),
                try await system.web.get("/v1/refunds/\(id)", token: token),
                try await system.web.post("/v1/refunds/\(id)/sync", token: token),
            ]
        },
        lie(42, "told as a payment") { $0.eventType = "TRANSACTION.SUCCESS" },
        lie(42, "another end than the event says") { $0.status = "ABNORMAL" },
        lie(37, "another merchant's") { $0.mchid = "1900000002" },
        lie(33, "one fen less") { $0.fen = 39 },
        lie(34, "one fen more") { $0.fen = 41 },
        lie(34, "of an order that cost more") { $0.total = 101 },
        lie(36, "of another transaction") { $0.transactionID = "4200000000000000000000000000" },
        lie(36, "of another order") { $0.outTradeNo = "NOBODYS00000000001" },
        lie(40, "of a payment that is not ours", statuses: 500...599) {
            $0.outRefundNo = "NOBODYS1"
            $0.outTradeNo = "NOBODYS00000000001"
        },
        lie(51, "by hand, of more than was paid") {
            $0.outRefundNo = "BYHAND1"
            $0.fen = 101
        },
        lie(36, "by hand, of another transaction") {
            $0.outRefundNo = "BYHAND1"
            $0.transactionID = "4200000000000000000000000000"
        },
    ]
}

/// The content of a refund's notification, each field to be changed at will.
struct ForgedRefund: Sendable {
    var mchid: String
    var outTradeNo: String
    var transactionID: String
    var outRefundNo: String
    var refundID: String
    var status = "SUCCESS"
    var fen: Int64
    var total: Int64
    var eventType = "REFUND.SUCCESS"

    init(of payment: PaidPayment, outRefundNo: String, fen: Int64) async throws {
        mchid = payment.system.merchant.mchid
        outTradeNo = payment.outTradeNo
        transactionID = try await payment.transactionID()
        self.outRefundNo = outRefundNo
        let known = try payment.system.sandbox.refund(mchid: mchid, outRefundNo: outRefundNo)
        refundID = known?.refundID ?? "5000009" + outRefundNo.utf8.map { String($0 % 10) }.joined()
        self.fen = fen
        total = payment.total
    }

    func notification(_ forger: Forger, key: Forger.Key = .certificate) throws -> ForgedNotification {
        try forger.notification(
            """
            {"mchid":"\(mchid)","out_trade_no":"\(outTradeNo)","transaction_id":"\(transactionID)",\
            "out_refund_no":"\(outRefundNo)","refund_id":"\(refundID)","refund_status":"\(status)",\
            "success_time":"2026-01-31T18:00:00+08:00","user_received_account":"支付用户零钱",\
            "amount":{"total":\(total),"refund":\(fen),"payer_total":\(total),"payer_refund":\(fen)}}
            """, eventType: eventType, originalType: "refund", key: key)
    }
}
