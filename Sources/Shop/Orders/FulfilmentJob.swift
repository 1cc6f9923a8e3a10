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
            var unpayable: Set<String> = []
            for event in events where event.kind == .paymentClosed || event.kind == .refundSucceeded {
                guard let order = event.paymentID.flatMap({ payments[$0]?.reference }) else { continue }
                var filter = PaymentFilter(merchants: [merchant])
                filter.reference = order
                let isOver = try await storage.payments(filter).allSatisfy {
                    $0.state == .closed || $0.state == .failed || $0.isRefunded
                }
                if isOver { unpayable.insert(order) }
            }
            let batch = Batch(events: events, payments: payments, unpayable: unpayable, from: position, to: last, now: now)
            let done = try await database.write(merchant) { try batch.consume(merchant, $0) }
            for order in done.fulfilled { logger.info("order fulfilled", metadata: ["order": "\(order)"]) }
            for payment in done.paidTwice {
                logger.critical(
                    "a second payment of an order that is fulfilled already; the money must go back",
                    metadata: ["payment": "\(payment)"])
            }
            for payment in done.goingBack {
                logger.info("nothing is fulfilled for a payment that goes back", metadata: ["payment": "\(payment)"])
            }
            for payment in done.misfits {
                logger.critical(
                    "a payment names an order of another amount; nothing was fulfilled for it",
                    metadata: ["payment": "\(payment)"])
            }
            return now
        } catch {
            logger.error("events could not be consumed: \(error)")
            return now.advanced(by: .seconds(2))
        }
    }
}

/// Events to be consumed together, with all that is known about them.
private struct Batch: Sendable {
    let events: [OutboxEvent]
    let payments: [String: Payment]
    /// Orders without a payment that is open, or paid and not given back.
    let unpayable: Set<String>
    let from: Int64
    let to: Int64
    let now: Timestamp

    struct Done: Sendable {
        var fulfilled: [String] = []
        /// Of a fulfilled order, and not given back.
        var paidTwice: [String] = []
        /// Given back in full, or about to be.
        var goingBack: [String] = []
        /// Paid with an amount that is not the order's.
        var misfits: [String] = []
    }

    func consume(_ merchant: String, _ sql: any SQLTransaction) throws -> Done {
        try sql.execute(
            "INSERT INTO shop_cursors (merchant, position) VALUES ($1, 0) ON CONFLICT DO NOTHING", .text(merchant))
        let moved = try sql.execute(
            "UPDATE shop_cursors SET position = $2 WHERE merchant = $1 AND position = $3", .text(merchant), .integer(to),
            .integer(from))
        guard moved == 1 else { return Done() }  // another server was faster
        var done = Done()
        for event in events {
            guard let payment = event.paymentID.flatMap({ payments[$0] }), let order = payment.reference else { continue }
            switch event.kind {
            case .paymentPaid: try fulfil(order, payment, event, merchant, sql, &done)
            // Its money stays after all.
            case .refundClosed where payment.state == .paid: try fulfil(order, payment, event, merchant, sql, &done)
            case .paymentClosed where unpayable.contains(order), .refundSucceeded where unpayable.contains(order):
                try sql.execute(
                    "UPDATE shop_orders SET state = 'closed' WHERE merchant = $1 AND id = $2 AND state = 'unpaid'",
                    .text(merchant), .text(order))
            case .paymentClosed, .paymentFailed, .refundSucceeded, .refundAbnormal, .refundClosed, .refundInsufficientBalance,
                .wechatEvent:
                continue
            }
        }
        return done
    }

    private func fulfil(
        _ order: String, _ payment: Payment, _ event: OutboxEvent, _ merchant: String, _ sql: any SQLTransaction,
        _ done: inout Done
    ) throws {
        let known = try sql.queryOne(
            "SELECT total, currency FROM shop_orders WHERE merchant = $1 AND id = $2", .text(merchant), .text(order))
        // A payment that some other system made with a reference of its own is none of the shop's.
        guard let known else { return }
        guard payment.state == .paid, try known.integer(0) == payment.amount.fen,
            try known.text(1) == payment.amount.currency.rawValue
        else {
            done.misfits.append(payment.id)
            return
        }
        // What goes back pays for nothing.
        guard payment.refundable > 0 else {
            done.goingBack.append(payment.id)
            return
        }
        let first = try sql.execute(
            """
            INSERT INTO shop_fulfilments (merchant, order_id, event_id, payment_id, created_at)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
            """,
            .text(merchant), .text(order), .text(event.id), .text(payment.id), SQLValue(now))
        guard first == 1 else {
            if event.kind == .paymentPaid { done.paidTwice.append(payment.id) }
            return
        }
        try sql.execute(
            "UPDATE shop_orders SET state = 'fulfilled', fulfilled_at = $3 WHERE merchant = $1 AND id = $2",
            .text(merchant), .text(order), SQLValue(now))
        done.fulfilled.append(order)
    }
}
