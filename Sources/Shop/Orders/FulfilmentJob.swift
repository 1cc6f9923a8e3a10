import Logging
import PaymentPrimitives
import Payments
import SQLDatabase

/// The shop's consumer of the outbox. Reading an event, fulfilling its order and moving the cursor are one transaction:
/// an order is fulfilled once, however often an event is seen or the server dies.
package struct FulfilmentJob: Job {
    package let name = "shop-fulfilment"
    private let database: any Database
    private let storage: any PaymentStorage
    private let merchant: String
    private let logger: Logger

    package init(database: any Database, storage: any PaymentStorage, merchant: String, logger: Logger) {
        self.database = database
        self.storage = storage
        self.merchant = merchant
        self.logger = logger
    }

    package func tick(_ now: Timestamp) async -> Timestamp {
        do {
            let merchant = merchant
            let position = try await database.read {
                try $0.queryOne("SELECT position FROM shop_cursors WHERE merchant = $1", .text(merchant))?.integer(0) ?? 0
            }
            let events = try await storage.events(merchants: [merchant], after: position, limit: 100)
            guard let last = events.last?.position else { return now.advanced(by: .seconds(5)) }
            var payments: [String: Payment] = [:]
            for id in events.compactMap(\.paymentID) {
                payments[id] = try await storage.payment(merchant: merchant, id: id)
            }
            let known = payments
            let fulfilled = try await database.write(merchant) { sql in
                try Self.consume(events, known, merchant, from: position, to: last, now, sql)
            }
            for order in fulfilled { logger.info("order fulfilled", metadata: ["order": "\(order)"]) }
            return now
        } catch {
            logger.error("events could not be consumed: \(error)")
            return now.advanced(by: .seconds(2))
        }
    }

    private static func consume(
        _ events: [OutboxEvent], _ payments: [String: Payment], _ merchant: String, from: Int64, to: Int64, _ now: Timestamp,
        _ sql: any SQLTransaction
    ) throws -> [String] {
        try sql.execute(
            "INSERT INTO shop_cursors (merchant, position) VALUES ($1, 0) ON CONFLICT DO NOTHING", .text(merchant))
        let moved = try sql.execute(
            "UPDATE shop_cursors SET position = $2 WHERE merchant = $1 AND position = $3", .text(merchant), .integer(to),
            .integer(from))
        guard moved == 1 else { return [] }  // another server was faster
        var fulfilled: [String] = []
        for event in events {
            guard let payment = event.paymentID.flatMap({ payments[$0] }), let order = payment.reference else { continue }
            switch event.kind {
            case .paymentPaid:
                let known = try sql.queryOne(
                    "SELECT 1 FROM shop_orders WHERE merchant = $1 AND id = $2", .text(merchant), .text(order))
                guard known != nil else { continue }
                let first = try sql.execute(
                    """
                    INSERT INTO shop_fulfilments (merchant, order_id, event_id, payment_id, created_at)
                    VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
                    """,
                    .text(merchant), .text(order), .text(event.id), .text(payment.id), SQLValue(now))
                guard first == 1 else { continue }
                try sql.execute(
                    "UPDATE shop_orders SET state = 'fulfilled', fulfilled_at = $3 WHERE merchant = $1 AND id = $2",
                    .text(merchant), .text(order), SQLValue(now))
                fulfilled.append(order)
            case .paymentClosed:
                let open = try sql.queryOne(
                    """
                    SELECT 1 FROM payments WHERE merchant = $1 AND reference = $2
                    AND state NOT IN ('closed', 'failed')
                    """, .text(merchant), .text(order))
                guard open == nil else { continue }
                try sql.execute(
                    "UPDATE shop_orders SET state = 'closed' WHERE merchant = $1 AND id = $2 AND state = 'unpaid'",
                    .text(merchant), .text(order))
            case .paymentFailed, .wechatEvent: continue
            }
        }
        return fulfilled
    }
}
