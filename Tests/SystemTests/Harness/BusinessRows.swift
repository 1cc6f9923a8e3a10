import PaymentPrimitives
import SQLDatabase

/// What is on disk, seen through a connection of its own.
struct BusinessRows: Sendable {
    private let database: any Database

    init(path: String) throws { database = try SQLiteDatabase.open(path: path) }

    func close() async throws { try await database.close() }

    func integer(_ sql: String, _ arguments: SQLValue...) async throws -> Int64? {
        try await database.read { try $0.query(sql, arguments).first?.optionalInteger(0) }
    }

    func texts(_ sql: String, _ arguments: SQLValue...) async throws -> [String] {
        try await database.read { try $0.query(sql, arguments).map { try $0.text(0) } }
    }

    /// All that a table holds, as one text, to look for what must not be there.
    func everything(in table: String) async throws -> String {
        try await database.read { sql in
            try sql.query("SELECT * FROM \(table)").map { "\($0.values)" }.joined(separator: "\n")
        }
    }

    /// Everything that a hostile input must not change. Left out is when WeChat is asked next, and the count of the units
    /// that looked at a payment.
    struct Snapshot: Equatable, Sendable {
        let payments: [String]
        let refunds: [String]
        let events: Int64
        let ledger: Int64
        let outbox: Int64
        let orders: [String]
        let fulfilments: [String]
    }

    func snapshot() async throws -> Snapshot {
        try await database.read { sql in
            func count(_ table: String) throws -> Int64 { try sql.query("SELECT COUNT(*) FROM \(table)")[0].integer(0) }
            func lines(_ query: String) throws -> [String] {
                try sql.query(query).map { row in row.values.map { "\($0)" }.joined(separator: " ") }
            }
            return Snapshot(
                payments: try lines(
                    """
                    SELECT merchant, id, state, total, currency, out_trade_no, transaction_id, payer_total, openid, prepay,
                        success_time, closed_at, failure_code, expires_at, refund_reserved, refunded, refund_count
                    FROM payments ORDER BY merchant, id
                    """),
                refunds: try lines("SELECT merchant, id, state, amount, refund_id FROM refunds ORDER BY merchant, id"),
                events: try count("payment_events") + count("refund_events"), ledger: try count("ledger_entries"),
                outbox: try count("outbox"),
                orders: try lines("SELECT merchant, id, openid, state, total FROM shop_orders ORDER BY merchant, id"),
                fulfilments: try lines("SELECT merchant, order_id, payment_id FROM shop_fulfilments ORDER BY merchant, order_id"))
        }
    }

    /// For what the schema itself must refuse.
    func execute(_ sql: String) async throws { _ = try await database.write("demo") { try $0.execute(sql, []) } }

    func paymentID(_ outTradeNo: String) async throws -> String? {
        try await texts("SELECT id FROM payments WHERE out_trade_no = $1", .text(outTradeNo)).first
    }

    /// What has become of one payment.
    struct Booked: Equatable, Sendable {
        let state: String
        let transitions: [String]
        let ledger: [Int64]
        let outbox: [String]
        let fulfilments: Int64
    }

    func booked(outTradeNo: String) async throws -> Booked {
        try await database.read { sql in
            let number = SQLValue.text(outTradeNo)
            let one = "(SELECT id FROM payments WHERE out_trade_no = $1)"
            return Booked(
                state: try sql.query("SELECT state FROM payments WHERE out_trade_no = $1", number).first?.text(0) ?? "none",
                transitions: try sql.query(
                    "SELECT to_state FROM payment_events WHERE payment_id = \(one) ORDER BY version", number
                ).map { try $0.text(0) },
                ledger: try sql.query("SELECT amount FROM ledger_entries WHERE payment_id = \(one) ORDER BY id, line", number)
                    .map { try $0.integer(0) },
                outbox: try sql.query("SELECT kind FROM outbox WHERE payment_id = \(one) ORDER BY created_at, id", number)
                    .map { try $0.text(0) },
                fulfilments: try sql.query("SELECT COUNT(*) FROM shop_fulfilments WHERE payment_id = \(one)", number)[0]
                    .integer(0))
        }
    }
}
