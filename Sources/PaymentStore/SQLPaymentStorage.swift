import PaymentPrimitives
import Payments
import SQLDatabase

/// The storage port of the payment domain in SQL.
package struct SQLPaymentStorage: PaymentStorage {
    let database: any Database

    /// Takes a database that is migrated to ``PaymentSchema``.
    package init(_ database: any Database) {
        self.database = database
    }

    package func write<T: Sendable>(
        _ merchant: String, _ body: @escaping @Sendable (any PaymentTransaction) throws -> T
    ) async throws -> T {
        try await database.write(merchant) { try body(SQLPaymentTransaction(sql: $0)) }
    }

    package func payment(merchant: String, id: String) async throws -> Payment? {
        try await database.read { try SQLPaymentTransaction(sql: $0).payment(merchant: merchant, id: id) }
    }

    package func payments(_ filter: PaymentFilter) async throws -> [Payment] {
        guard !filter.scopes.isEmpty else { return [] }
        var arguments: [SQLValue] = []
        func bind(_ value: SQLValue) -> String {
            arguments.append(value)
            return "$\(arguments.count)"
        }
        var conditions = [Self.condition(filter.scopes, bind)]
        let exact = [
            ("out_trade_no", filter.outTradeNo), ("transaction_id", filter.transactionID), ("openid", filter.openID),
            ("reference", filter.reference), ("sub_mchid", filter.subMchid), ("state", filter.state?.rawValue),
        ]
        for case (let column, let value?) in exact { conditions.append("\(column) = \(bind(.text(value)))") }
        if let from = filter.createdFrom { conditions.append("created_at >= \(bind(SQLValue(from)))") }
        if let to = filter.createdTo { conditions.append("created_at < \(bind(SQLValue(to)))") }
        if let before = filter.before { conditions.append("id < \(bind(.text(before)))") }
        let sql = """
            SELECT \(Payment.selected) FROM payments WHERE \(conditions.joined(separator: " AND "))
            ORDER BY id DESC LIMIT \(bind(.integer(Int64(filter.limit))))
            """
        let bound = arguments
        return try await database.read { try $0.query(sql, bound).map(Payment.init(row:)) }
    }

    package func timeline(merchant: String, paymentID: String) async throws -> [PaymentEvent] {
        try await database.read { sql in
            try sql.query(
                """
                SELECT version, from_state, to_state, source, detail, created_at FROM payment_events
                WHERE merchant = $1 AND payment_id = $2 ORDER BY version
                """, [.text(merchant), .text(paymentID)]
            ).map { row in
                PaymentEvent(
                    merchant: merchant, paymentID: paymentID, version: try row.integer(0),
                    from: try row.optionalText(1).flatMap(PaymentState.init), to: try Self.state(row.text(2)),
                    source: try row.text(3), detail: try row.text(4), at: try row.timestamp(5))
            }
        }
    }

    private static func state(_ text: String) throws -> PaymentState {
        guard let state = PaymentState(rawValue: text) else {
            throw DatabaseError(.decoding, "payment_events: \"\(text.prefix(40))\" is not a state of this version")
        }
        return state
    }

    package func ledger(merchant: String, paymentID: String) async throws -> [LedgerLine] {
        try await database.read { sql in
            try sql.query(
                "SELECT account, amount FROM ledger_entries WHERE merchant = $1 AND payment_id = $2 ORDER BY created_at, id, line",
                [.text(merchant), .text(paymentID)]
            ).map { row in
                let name = try row.text(0)
                guard let account = LedgerAccount(rawValue: name) else {
                    throw DatabaseError(.decoding, "ledger_entries: \"\(name.prefix(40))\" is not an account of this version")
                }
                return LedgerLine(account, try row.integer(1))
            }
        }
    }

    /// Where the rows of these scopes are; `bind` takes a value and gives its place.
    static func condition(_ scopes: [MerchantScope], _ bind: (SQLValue) -> String) -> String {
        func list(_ texts: [String]) -> String { "(" + texts.map { bind(.text($0)) }.joined(separator: ", ") + ")" }
        let whole = scopes.filter { $0.subMchids == nil }.map(\.merchant)
        var conditions = whole.isEmpty ? [] : ["merchant IN \(list(whole))"]
        for scope in scopes {
            guard let subMchids = scope.subMchids, !subMchids.isEmpty else { continue }
            conditions.append("merchant = \(bind(.text(scope.merchant))) AND sub_mchid IN \(list(subMchids))")
        }
        return conditions.isEmpty ? "1 = 0" : "(" + conditions.joined(separator: " OR ") + ")"
    }

    package func events(_ scopes: [MerchantScope], after position: Int64, limit: Int) async throws -> [OutboxEvent] {
        guard !scopes.isEmpty else { return [] }
        var arguments = [.integer(position), SQLValue.integer(Int64(limit))]
        let condition = Self.condition(scopes) { value in
            arguments.append(value)
            return "$\(arguments.count)"
        }
        let bound = arguments
        return try await database.read { sql in
            try sql.query(
                """
                SELECT merchant, id, kind, payment_id, data, created_at, position, sub_mchid FROM outbox
                WHERE position > $1 AND \(condition) ORDER BY position LIMIT $2
                """, bound
            ).compactMap { row in
                // A kind that a newer version wrote is not for this one to tell.
                guard let kind = OutboxEvent.Kind(rawValue: try row.text(2)) else { return nil }
                return OutboxEvent(
                    merchant: try row.text(0), subMchid: try row.optionalText(7), id: try row.text(1), kind: kind,
                    paymentID: try row.optionalText(3), data: Array(try row.text(4).utf8), at: try row.timestamp(5),
                    position: try row.integer(6))
            }
        }
    }

    package func dueQueries(
        merchant: String, now: Timestamp, limit: Int
    ) async throws -> (due: [Payment], next: Timestamp?) {
        try await database.read { sql in
            let due = try sql.query(
                """
                SELECT \(Payment.selected) FROM payments WHERE merchant = $1 AND next_query_at IS NOT NULL AND next_query_at <= $2
                ORDER BY next_query_at LIMIT $3
                """, [.text(merchant), SQLValue(now), .integer(Int64(limit))]
            ).map(Payment.init(row:))
            let next = try sql.query(
                """
                SELECT MIN(next_query_at) FROM payments
                WHERE merchant = $1 AND next_query_at IS NOT NULL AND next_query_at > $2
                """, [.text(merchant), SQLValue(now)]
            ).first?.optionalTimestamp(0)
            return (due, next)
        }
    }

    package func publishEvents(limit: Int) async throws -> Int {
        let waiting = try await database.read {
            try $0.query("SELECT 1 FROM outbox WHERE position IS NULL LIMIT 1", []).isEmpty == false
        }
        guard waiting else { return 0 }
        return try await database.write("outbox") { sql in
            // The head's row is the publisher's lock: two publishers take turns.
            let head = try sql.query(
                "UPDATE outbox_head SET position = position + 0 WHERE name = 'outbox' RETURNING position", [])
            guard var position = try head.first?.integer(0) else {
                throw DatabaseError(.storage, "outbox_head has no row; run `wechatpay migrate`")
            }
            let rows = try sql.query(
                "SELECT merchant, id FROM outbox WHERE position IS NULL ORDER BY created_at, id LIMIT $1",
                [.integer(Int64(limit))])
            for row in rows {
                position += 1
                try sql.execute(
                    "UPDATE outbox SET position = $1 WHERE merchant = $2 AND id = $3",
                    [.integer(position), try row.value(0), try row.value(1)])
            }
            try sql.execute("UPDATE outbox_head SET position = $1 WHERE name = 'outbox'", [.integer(position)])
            return rows.count
        }
    }

    package func ping() async throws {
        _ = try await database.read { try $0.query("SELECT 1", []) }
    }
}
