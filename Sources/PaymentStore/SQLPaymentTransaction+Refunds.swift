import PaymentPrimitives
import Payments
import SQLDatabase

extension SQLPaymentTransaction {
    func insert(_ refund: Refund) throws -> Bool {
        try sql.execute(
            "INSERT INTO refunds (\(Refund.columns)) VALUES (\(Refund.placeholders)) ON CONFLICT DO NOTHING", refund.values
        ) == 1
    }

    func lockRefund(merchant: String, id: String) throws -> Refund? {
        try sql.query(
            "UPDATE refunds SET version = version + 1 WHERE merchant = $1 AND id = $2 RETURNING \(Refund.columns)",
            [.text(merchant), .text(id)]
        ).first.map(Refund.init(row:))
    }

    func refund(merchant: String, id: String) throws -> Refund? { try refund("id", id, of: merchant) }

    func refund(merchant: String, outRefundNo: String) throws -> Refund? {
        try refund("out_refund_no", outRefundNo, of: merchant)
    }

    func refund(merchant: String, refundID: String) throws -> Refund? { try refund("refund_id", refundID, of: merchant) }

    func duplicateRefund(merchant: String, transactionID: String) throws -> Refund? {
        try refund("kind = 'duplicate' AND transaction_id", transactionID, of: merchant)
    }

    private func refund(_ column: String, _ value: String, of merchant: String) throws -> Refund? {
        try sql.query(
            "SELECT \(Refund.columns) FROM refunds WHERE merchant = $1 AND \(column) = $2", [.text(merchant), .text(value)]
        ).first.map(Refund.init(row:))
    }

    func save(_ refund: Refund) throws {
        let changed = try sql.execute(
            """
            UPDATE refunds SET refund_id = $3, state = $4, payer_refund = $5, settlement_refund = $6,
                user_received_account = $7, failure_code = $8, accepted_at = $9, success_time = $10, next_action_at = $11,
                try_count = $12, funds_account = $14
            WHERE merchant = $1 AND id = $2 AND version = $13
            """,
            [
                .text(refund.merchant), .text(refund.id), SQLValue(refund.refundID), .text(refund.state.rawValue),
                SQLValue(refund.payerRefund), SQLValue(refund.settlementRefund), SQLValue(refund.userReceivedAccount),
                SQLValue(refund.failureCode), SQLValue(refund.acceptedAt), SQLValue(refund.successTime),
                SQLValue(refund.nextActionAt), .integer(refund.tryCount), .integer(refund.version),
                SQLValue(refund.fundsAccount?.rawValue),
            ])
        guard changed == 1 else {
            throw DatabaseError(.misuse, "refund \(refund.id) was saved without being locked in the same transaction")
        }
    }

    func saveRefundTotals(of payment: Payment) throws {
        let changed = try sql.execute(
            """
            UPDATE payments SET refund_reserved = $3, refunded = $4, refund_count = $5
            WHERE merchant = $1 AND id = $2 AND version = $6
            """,
            [
                .text(payment.merchant), .text(payment.id), .integer(payment.refunds.reserved),
                .integer(payment.refunds.refunded), .integer(payment.refunds.count), .integer(payment.version),
            ])
        guard changed == 1 else {
            throw DatabaseError(.misuse, "payment \(payment.id) was saved without being locked in the same transaction")
        }
    }

    func append(_ event: RefundEvent) throws {
        try sql.execute(
            """
            INSERT INTO refund_events (merchant, refund_id, payment_id, version, from_state, to_state, source, detail, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            [
                .text(event.merchant), .text(event.refundID), .text(event.paymentID), .integer(event.version),
                SQLValue(event.from?.rawValue), .text(event.to.rawValue), .text(event.source), .text(event.detail),
                SQLValue(event.at),
            ])
    }

    func balance(_ account: LedgerAccount, merchant: String, paymentID: String) throws -> Int64 {
        try sql.query(
            """
            SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM ledger_entries
            WHERE merchant = $1 AND payment_id = $2 AND account = $3
            """, [.text(merchant), .text(paymentID), .text(account.rawValue)]
        ).first?.integer(0) ?? 0
    }

    func isPaidOtherwise(_ payment: Payment) throws -> Bool {
        guard let reference = payment.reference else { return false }
        return try sql.query(
            """
            UPDATE payments SET version = version
            WHERE merchant = $1 AND reference = $2 AND COALESCE(sub_mchid, '') = $4 AND id <> $3 RETURNING state
            """,
            [.text(payment.merchant), .text(reference), .text(payment.id), .text(payment.subMchid ?? "")]
        ).contains { try $0.text(0) == PaymentState.paid.rawValue }
    }

    func claimRefundQuery(merchant: String, id: String, now: Timestamp, interval: Duration) throws -> Bool {
        try sql.execute(
            """
            UPDATE refunds SET last_query_at = $3
            WHERE merchant = $1 AND id = $2 AND (last_query_at IS NULL OR last_query_at <= $4 OR last_query_at > $3)
            """,
            [.text(merchant), .text(id), SQLValue(now), SQLValue(now.advanced(by: .zero - interval))]) == 1
    }

    func claimDueRefund(merchant: String, id: String, due: Timestamp, until: Timestamp) throws -> Bool {
        try sql.execute(
            "UPDATE refunds SET next_action_at = $4 WHERE merchant = $1 AND id = $2 AND next_action_at = $3",
            [.text(merchant), .text(id), SQLValue(due), SQLValue(until)]) == 1
    }
}
