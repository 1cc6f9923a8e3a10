import Foundation
import PaymentPrimitives
import SQLDatabase
import Testing
import WeChatPaySandbox

/// A payment of a merchant's system that was paid at WeChat.
struct PaidPayment: Sendable {
    let system: RunningSystem
    let id: String
    let outTradeNo: String
    let total: Int64

    /// Asks for a refund, with a key of its own unless told otherwise.
    func refund(_ body: String, key: String? = nil, token: String? = nil) async throws -> WebAnswer {
        try await system.web.post(
            "/v1/payments/\(id)/refunds", body, token: token ?? system.apiKey,
            headers: [("Idempotency-Key", key ?? system.number("K"))])
    }

    func refund(_ fen: Int64, number: String? = nil) async throws -> WebAnswer {
        let number = number.map { #","out_refund_no":"\#($0)""# } ?? ""
        return try await refund(#"{"amount":{"refund":\#(fen)}\#(number)}"#)
    }

    /// What `/v1` says about it.
    func amount(_ name: String) async throws -> Int64? {
        try await system.web.get("/v1/payments/\(id)", token: system.apiKey).integer("payment.amount.\(name)")
    }

    func transactionID() async throws -> String {
        try #require(try await system.rows.texts("SELECT transaction_id FROM payments WHERE id = $1", .text(id)).first)
    }

    func outbox(_ kind: String) async throws -> Int64? {
        try await system.rows.integer(
            "SELECT COUNT(*) FROM outbox WHERE payment_id = $1 AND kind = $2", .text(id), .text(kind))
    }

    func balance(_ account: String) async throws -> Int64? {
        try await system.rows.integer(
            "SELECT COALESCE(SUM(amount), 0) FROM ledger_entries WHERE payment_id = $1 AND account = $2", .text(id),
            .text(account))
    }
}

extension RunningSystem {
    /// A payment made through `/v1`, and paid at the phone.
    func paidPayment(total: Int64 = 100, reference: String? = nil) async throws -> PaidPayment {
        let made = try await payment(total: total, reference: reference)
        let payment = PaidPayment(system: self, id: made.id, outTradeNo: made.outTradeNo, total: total)
        try await pay(payment)
        return payment
    }

    /// Pays at the phone, and waits until that is booked.
    func pay(_ payment: PaidPayment) async throws {
        let report = try await sandbox.pay(
            .outTradeNo(payment.outTradeNo, mchid: merchant.mchid), openid: sandbox.users[0].openid, outcome: .success)
        try #require(report.tradeState == .success, "\(report)")
        try await eventually("payment \(payment.id) is paid") {
            try await web.get("/v1/payments/\(payment.id)", token: apiKey).string("payment.state") == "paid"
        }
    }

    /// What `/v1` says about a refund.
    func refundState(_ id: String) async throws -> String? {
        try await web.get("/v1/refunds/\(id)", token: apiKey).string("refund.state")
    }
}
