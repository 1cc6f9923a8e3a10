import PaymentPrimitives
import Payments
import SQLDatabase

/// The shop's orders in SQL.
struct OrderStore: Sendable {
    let database: any Database
    let merchant: String

    func insert(_ order: Order) async throws {
        try await database.write(merchant) { sql in
            try sql.execute(
                """
                INSERT INTO shop_orders (merchant, id, openid, state, total, currency, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                .text(order.merchant), .text(order.id), .text(order.openID), .text(order.stored.rawValue),
                .integer(order.amount.fen), .text(order.amount.currency.rawValue), SQLValue(order.createdAt))
            for (line, item) in order.items.enumerated() {
                try sql.execute(
                    """
                    INSERT INTO shop_order_items (merchant, order_id, line, sku, name, price, quantity)
                    VALUES ($1, $2, $3, $4, $5, $6, $7)
                    """,
                    .text(order.merchant), .text(order.id), .integer(Int64(line)), .text(item.sku), .text(item.name),
                    .integer(item.price.fen), .integer(item.quantity))
            }
        }
    }

    /// A buyer's own order; somebody else's does not exist for them.
    func order(id: String, openID: String) async throws -> Order? {
        try await orders(where: "id = $2 AND openid = $3", [.text(id), .text(openID)], limit: 1).first
    }

    /// A buyer's orders, newest first.
    func orders(openID: String, before: String?, limit: Int) async throws -> [Order] {
        if let before {
            return try await orders(where: "openid = $2 AND id < $3", [.text(openID), .text(before)], limit: limit)
        }
        return try await orders(where: "openid = $2", [.text(openID)], limit: limit)
    }

    /// Closes an order that nobody has paid.
    func close(id: String) async throws {
        let merchant = merchant
        try await database.write(merchant) { sql in
            _ = try sql.execute(
                "UPDATE shop_orders SET state = 'closed' WHERE merchant = $1 AND id = $2 AND state = 'unpaid'", .text(merchant),
                .text(id))
        }
    }

    /// Orders that nobody has paid, oldest first.
    func unpaid(before moment: Timestamp, limit: Int) async throws -> [String] {
        let merchant = merchant
        return try await database.read { sql in
            try sql.query(
                """
                SELECT id FROM shop_orders WHERE merchant = $1 AND state = 'unpaid' AND created_at <= $2
                ORDER BY created_at LIMIT $3
                """, .text(merchant), SQLValue(moment), .integer(Int64(limit))
            ).map { try $0.text(0) }
        }
    }

    private func orders(where condition: String, _ arguments: [SQLValue], limit: Int) async throws -> [Order] {
        let merchant = merchant
        return try await database.read { sql in
            let rows = try sql.query(
                """
                SELECT id, openid, state, total, currency, created_at, fulfilled_at FROM shop_orders
                WHERE merchant = $1 AND \(condition) ORDER BY id DESC LIMIT \(limit)
                """, [.text(merchant)] + arguments)
            return try rows.map { row in
                let id = try row.text(0)
                let currency = Currency(rawValue: try row.text(4))
                let items = try sql.query(
                    "SELECT sku, name, price, quantity FROM shop_order_items WHERE merchant = $1 AND order_id = $2 ORDER BY line",
                    .text(merchant), .text(id)
                ).map { item in
                    Order.Item(
                        sku: try item.text(0), name: try item.text(1),
                        price: Money(fen: try item.integer(2), currency: currency), quantity: try item.integer(3))
                }
                return Order(
                    merchant: merchant, id: id, openID: try row.text(1),
                    stored: Order.StoredState(rawValue: try row.text(2)) ?? .closed,
                    amount: Money(fen: try row.integer(3), currency: currency), items: items,
                    createdAt: try row.timestamp(5), fulfilledAt: try row.optionalTimestamp(6))
            }
        }
    }
}
