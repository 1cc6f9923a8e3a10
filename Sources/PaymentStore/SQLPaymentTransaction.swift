import PaymentPrimitives
import Payments
import SQLDatabase

/// The payment domain's transaction over a SQL transaction.
struct SQLPaymentTransaction: PaymentTransaction {
    let sql: any SQLTransaction

    func insert(_ payment: Payment) throws -> Bool {
        try sql.execute(
            "INSERT INTO payments (\(Payment.columns)) VALUES (\(Payment.placeholders)) ON CONFLICT DO NOTHING",
            payment.values()) == 1
    }

    func lock(merchant: String, outTradeNo: String) throws -> Payment? {
        try sql.query(
            "UPDATE payments SET version = version + 1 WHERE merchant = $1 AND out_trade_no = $2 RETURNING \(Payment.selected)",
            [.text(merchant), .text(outTradeNo)]
        ).first.map(Payment.init(row:))
    }

    func lock(merchant: String, id: String) throws -> Payment? {
        try sql.query(
            "UPDATE payments SET version = version + 1 WHERE merchant = $1 AND id = $2 RETURNING \(Payment.selected)",
            [.text(merchant), .text(id)]
        ).first.map(Payment.init(row:))
    }

    func openPayment(merchant: String, subMchid: String?, reference: String) throws -> Payment? {
        let open = PaymentState.open.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return try sql.query(
            """
            SELECT \(Payment.selected) FROM payments
            WHERE merchant = $1 AND COALESCE(sub_mchid, '') = $3 AND reference = $2 AND state IN (\(open))
            """, [.text(merchant), .text(reference), .text(subMchid ?? "")]
        ).first.map(Payment.init(row:))
    }

    func payment(merchant: String, id: String) throws -> Payment? {
        try sql.query(
            "SELECT \(Payment.selected) FROM payments WHERE merchant = $1 AND id = $2", [.text(merchant), .text(id)]
        ).first.map(Payment.init(row:))
    }

    func payment(merchant: String, transactionID: String) throws -> Payment? {
        try sql.query(
            "SELECT \(Payment.selected) FROM payments WHERE merchant = $1 AND transaction_id = $2",
            [.text(merchant), .text(transactionID)]
        ).first.map(Payment.init(row:))
    }

    func save(_ payment: Payment) throws {
        let changed = try sql.execute(
            """
            UPDATE payments SET channel_order_id = $3, transaction_id = $4, payer_total = $5, openid = $6, state = $7,
                prepay = $8, prepaid_at = $9, success_time = $10, closed_at = $11, failure_code = $12,
                next_query_at = $13, query_count = $14, reversed_at = $16, reversing_at = $17
            WHERE merchant = $1 AND id = $2 AND version = $15
            """,
            [
                .text(payment.merchant), .text(payment.id), SQLValue(payment.channelOrderID), SQLValue(payment.transactionID),
                SQLValue(payment.payerTotal), SQLValue(payment.openID), .text(payment.state.rawValue),
                SQLValue(payment.prepay?.text), SQLValue(payment.prepay?.since), SQLValue(payment.successTime),
                SQLValue(payment.closedAt), SQLValue(payment.failureCode), SQLValue(payment.nextQueryAt),
                .integer(payment.queryCount), .integer(payment.version), SQLValue(payment.reversedAt),
                SQLValue(payment.reversingAt),
            ])
        guard changed == 1 else {
            throw DatabaseError(.misuse, "payment \(payment.id) was saved without being locked in the same transaction")
        }
    }

    func append(_ event: PaymentEvent) throws {
        try sql.execute(
            """
            INSERT INTO payment_events (merchant, payment_id, version, from_state, to_state, source, detail, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .text(event.merchant), .text(event.paymentID), .integer(event.version), SQLValue(event.from?.rawValue),
                .text(event.to.rawValue), .text(event.source), .text(event.detail), SQLValue(event.at),
            ])
    }

    func append(_ entry: LedgerEntry) throws {
        for (index, line) in entry.lines.enumerated() {
            try sql.execute(
                """
                INSERT INTO ledger_entries (merchant, id, line, payment_id, account, amount, currency, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                [
                    .text(entry.merchant), .text(entry.id), .integer(Int64(index)), .text(entry.paymentID),
                    .text(line.account.rawValue), .integer(line.amount), .text(entry.currency.rawValue), SQLValue(entry.at),
                ])
        }
    }

    func append(_ event: OutboxEvent) throws {
        try sql.execute(
            """
            INSERT INTO outbox (merchant, id, kind, payment_id, data, created_at, position, sub_mchid)
            VALUES ($1, $2, $3, $4, $5, $6, NULL, $7) ON CONFLICT DO NOTHING
            """,
            [
                .text(event.merchant), .text(event.id), .text(event.kind.rawValue), SQLValue(event.paymentID),
                .text(String(decoding: event.data, as: UTF8.self)), SQLValue(event.at), SQLValue(event.subMchid),
            ])
    }

    func claimQuery(merchant: String, id: String, now: Timestamp, interval: Duration) throws -> Bool {
        try sql.execute(
            """
            UPDATE payments SET last_query_at = $3
            WHERE merchant = $1 AND id = $2 AND (last_query_at IS NULL OR last_query_at <= $4 OR last_query_at > $3)
            """,
            [.text(merchant), .text(id), SQLValue(now), SQLValue(now.advanced(by: .zero - interval))]) == 1
    }

    func claimDue(merchant: String, id: String, due: Timestamp, until: Timestamp) throws -> Bool {
        try sql.execute(
            "UPDATE payments SET next_query_at = $4 WHERE merchant = $1 AND id = $2 AND next_query_at = $3",
            [.text(merchant), .text(id), SQLValue(due), SQLValue(until)]) == 1
    }

    func idempotency(client: String, key: String) throws -> IdempotencyRecord? {
        try sql.query(
            """
            SELECT fingerprint, merchant, payment_id, lease_until, created_at, status, body, refund_id FROM idempotency_keys
            WHERE client = $1 AND key = $2
            """, [.text(client), .text(key)]
        ).first.map { row in
            let answer: StoredAnswer? =
                if let status = try row.optionalInteger(5) {
                    StoredAnswer(status: Int(status), body: Array((try row.optionalText(6) ?? "").utf8))
                } else { nil }
            return IdempotencyRecord(
                client: client, key: key, fingerprint: try row.text(0), merchant: try row.text(1),
                paymentID: try row.optionalText(2), refundID: try row.optionalText(7),
                leaseUntil: try row.timestamp(3), createdAt: try row.timestamp(4), answer: answer)
        }
    }

    func insert(_ record: IdempotencyRecord) throws -> Bool {
        try sql.execute(
            """
            INSERT INTO idempotency_keys (client, key, fingerprint, merchant, payment_id, lease_until, created_at, refund_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
            """,
            [
                .text(record.client), .text(record.key), .text(record.fingerprint), .text(record.merchant),
                SQLValue(record.paymentID), SQLValue(record.leaseUntil), SQLValue(record.createdAt), SQLValue(record.refundID),
            ]) == 1
    }

    func save(_ record: IdempotencyRecord) throws {
        try sql.execute(
            "UPDATE idempotency_keys SET lease_until = $3, status = $4, body = $5 WHERE client = $1 AND key = $2",
            [
                .text(record.client), .text(record.key), SQLValue(record.leaseUntil), SQLValue(record.answer?.status),
                SQLValue(record.answer.map { String(decoding: $0.body, as: UTF8.self) }),
            ])
    }
}
