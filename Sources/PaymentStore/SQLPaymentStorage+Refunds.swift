import PaymentPrimitives
import Payments
import SQLDatabase

extension SQLPaymentStorage {
    package func refund(merchant: String, id: String) async throws -> Refund? {
        try await database.read { try SQLPaymentTransaction(sql: $0).refund(merchant: merchant, id: id) }
    }

    package func refunds(_ filter: RefundFilter) async throws -> [Refund] {
        guard !filter.scopes.isEmpty else { return [] }
        var arguments: [SQLValue] = []
        func bind(_ value: SQLValue) -> String {
            arguments.append(value)
            return "$\(arguments.count)"
        }
        var conditions = [Self.condition(filter.scopes, bind)]
        let exact = [
            ("payment_id", filter.paymentID), ("out_refund_no", filter.outRefundNo), ("state", filter.state?.rawValue),
        ]
        for case (let column, let value?) in exact { conditions.append("\(column) = \(bind(.text(value)))") }
        if let before = filter.before { conditions.append("id < \(bind(.text(before)))") }
        let sql = """
            SELECT \(Refund.columns) FROM refunds WHERE \(conditions.joined(separator: " AND "))
            ORDER BY id DESC LIMIT \(bind(.integer(Int64(filter.limit))))
            """
        let bound = arguments
        return try await database.read { try $0.query(sql, bound).map(Refund.init(row:)) }
    }

    package func refundTimeline(merchant: String, paymentID: String) async throws -> [RefundEvent] {
        try await database.read { sql in
            try sql.query(
                """
                SELECT refund_id, version, from_state, to_state, source, detail, created_at FROM refund_events
                WHERE merchant = $1 AND payment_id = $2 ORDER BY created_at, refund_id, version
                """, [.text(merchant), .text(paymentID)]
            ).map { row in
                RefundEvent(
                    merchant: merchant, refundID: try row.text(0), paymentID: paymentID, version: try row.integer(1),
                    from: try row.optionalText(2).map(Refund.word), to: try Refund.word(row.text(3)),
                    source: try row.text(4), detail: try row.text(5), at: try row.timestamp(6))
            }
        }
    }

    package func dueRefunds(
        merchant: String, now: Timestamp, limit: Int
    ) async throws -> (due: [Refund], next: Timestamp?) {
        try await database.read { sql in
            let due = try sql.query(
                """
                SELECT \(Refund.columns) FROM refunds
                WHERE merchant = $1 AND next_action_at IS NOT NULL AND next_action_at <= $2
                ORDER BY next_action_at LIMIT $3
                """, [.text(merchant), SQLValue(now), .integer(Int64(limit))]
            ).map(Refund.init(row:))
            let next = try sql.query(
                """
                SELECT MIN(next_action_at) FROM refunds
                WHERE merchant = $1 AND next_action_at IS NOT NULL AND next_action_at > $2
                """, [.text(merchant), SQLValue(now)]
            ).first?.optionalTimestamp(0)
            return (due, next)
        }
    }
}
