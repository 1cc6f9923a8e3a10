import PaymentPrimitives
import Payments
import SQLDatabase

extension SQLPaymentStorage: WebhookStorage {
    package func beginWebhooks(client: String) async throws {
        let isNew = try await database.read {
            try $0.query("SELECT 1 FROM webhook_cursors WHERE client = $1", .text(client)).isEmpty
        }
        guard isNew else { return }
        _ = try await database.write("webhooks") { sql in
            try sql.execute(
                """
                INSERT INTO webhook_cursors (client, position)
                SELECT $1, position FROM outbox_head WHERE name = 'outbox' ON CONFLICT DO NOTHING
                """, .text(client))
        }
    }

    package func fanOutWebhooks(
        client: String, scopes: [MerchantScope], now: Timestamp, limit: Int
    ) async throws -> Bool {
        let isTold = try await database.read { sql in
            try sql.query(
                """
                SELECT 1 FROM webhook_cursors, outbox_head
                WHERE client = $1 AND name = 'outbox' AND webhook_cursors.position < outbox_head.position
                """, .text(client)
            ).isEmpty
        }
        guard !isTold else { return false }
        return try await database.write("webhooks") { sql in
            // The cursor's row is the lock: two servers take turns.
            let cursor = try sql.query(
                "UPDATE webhook_cursors SET position = position + 0 WHERE client = $1 RETURNING position", .text(client))
            // Read before the events: all up to this head are committed.
            let head = try sql.query("SELECT position FROM outbox_head WHERE name = 'outbox'")
            guard let position = try cursor.first?.integer(0), let end = try head.first?.integer(0), position < end else {
                return false
            }
            let events = try Self.events(scopes, after: position, upTo: end, limit: limit, sql)
            for event in events {
                try sql.execute(
                    """
                    INSERT INTO webhook_deliveries (merchant, client, event_id, sub_mchid, kind, position, state, attempts,
                        next_attempt_at, created_at)
                    VALUES ($1, $2, $3, $4, $5, $6, 'pending', 0, $7, $7) ON CONFLICT DO NOTHING
                    """,
                    [
                        try event.value("merchant"), .text(client), try event.value("id"), try event.value("sub_mchid"),
                        try event.value("kind"), try event.value("position"), SQLValue(now),
                    ])
            }
            let isFull = events.count == limit
            let reached = isFull ? try events.last?.integer("position") ?? end : end
            try sql.execute(
                "UPDATE webhook_cursors SET position = $2 WHERE client = $1", .text(client), .integer(reached))
            return isFull
        }
    }

    /// Rows of the outbox, of whatever kind: one that a newer version wrote is passed on as it is.
    private static func events(
        _ scopes: [MerchantScope], after position: Int64, upTo end: Int64, limit: Int, _ sql: any SQLTransaction
    ) throws -> [SQLRow] {
        var arguments: [SQLValue] = [.integer(position), .integer(end), .integer(Int64(limit))]
        let condition = condition(scopes) { value in
            arguments.append(value)
            return "$\(arguments.count)"
        }
        return try sql.query(
            """
            SELECT merchant, id, sub_mchid, kind, position FROM outbox
            WHERE position > $1 AND position <= $2 AND \(condition) ORDER BY position LIMIT $3
            """, arguments)
    }

    package func dueWebhooks(
        client: String, scopes: [MerchantScope], now: Timestamp, limit: Int
    ) async throws -> (due: [DueWebhook], next: Timestamp?) {
        var arguments: [SQLValue] = [.text(client), SQLValue(now), .integer(Int64(limit))]
        let condition = Self.condition(scopes) { value in
            arguments.append(value)
            return "$\(arguments.count)"
        }
        let bound = arguments
        return try await database.read { sql in
            let rows = try sql.query(
                """
                SELECT \(WebhookDelivery.columns) FROM webhook_deliveries
                WHERE client = $1 AND next_attempt_at IS NOT NULL AND next_attempt_at <= $2 AND \(condition)
                ORDER BY next_attempt_at, position LIMIT $3
                """, bound)
            let due = try rows.compactMap { row -> DueWebhook? in
                let delivery = try WebhookDelivery(row: row)
                let event = try sql.queryOne(
                    "SELECT data, created_at FROM outbox WHERE merchant = $1 AND id = $2", .text(delivery.merchant),
                    .text(delivery.eventID))
                guard let event else { return nil }
                return DueWebhook(
                    delivery: delivery,
                    message: try WebhookMessage(
                        id: delivery.eventID, kind: delivery.kind, data: Array(try event.text(0).utf8),
                        at: try event.timestamp(1)))
            }
            let next = try sql.query(
                """
                SELECT MIN(next_attempt_at) FROM webhook_deliveries
                WHERE client = $1 AND next_attempt_at IS NOT NULL AND next_attempt_at > $2
                """, .text(client), SQLValue(now)
            ).first?.optionalTimestamp(0)
            return (due, next)
        }
    }

    package func claimWebhook(_ delivery: WebhookDelivery, until: Timestamp) async throws -> Bool {
        try await database.write("webhooks") { sql in
            try sql.execute(
                """
                UPDATE webhook_deliveries SET next_attempt_at = $5
                WHERE merchant = $1 AND client = $2 AND event_id = $3 AND next_attempt_at = $4
                """, delivery.key + [SQLValue(delivery.nextAttemptAt), SQLValue(until)]) == 1
        }
    }

    package func saveWebhook(_ delivery: WebhookDelivery, claimed: Timestamp) async throws {
        let values: [SQLValue] = [
            .text(delivery.state.rawValue), .integer(delivery.attempts), SQLValue(delivery.nextAttemptAt),
            SQLValue(delivery.lastAttemptAt), SQLValue(delivery.lastStatus), SQLValue(delivery.lastError),
            SQLValue(delivery.deliveredAt),
        ]
        let (condition, more): (String, [SQLValue]) =
            delivery.state == .delivered ? ("state = 'pending'", []) : ("next_attempt_at = $11", [SQLValue(claimed)])
        _ = try await database.write("webhooks") { sql in
            try sql.execute(
                """
                UPDATE webhook_deliveries SET state = $4, attempts = $5, next_attempt_at = $6, last_attempt_at = $7,
                    last_status = $8, last_error = $9, delivered_at = $10
                WHERE merchant = $1 AND client = $2 AND event_id = $3 AND \(condition)
                """, delivery.key + values + more)
        }
    }

    package func webhooks(_ filter: WebhookFilter) async throws -> [WebhookDelivery] {
        try await database.read { try Self.deliveries(filter, $0) }
    }

    package func replayWebhooks(
        client: String, scopes: [MerchantScope], eventID: String, now: Timestamp
    ) async throws -> (replayed: Int, all: [WebhookDelivery]) {
        var filter = WebhookFilter(client: client, scopes: scopes)
        filter.eventID = eventID
        let wanted = filter
        return try await database.write("webhooks") { sql in
            var replayed = 0
            for delivery in try Self.deliveries(wanted, sql) {
                replayed += try sql.execute(
                    """
                    UPDATE webhook_deliveries SET state = 'pending', attempts = 0, next_attempt_at = $4, delivered_at = NULL
                    WHERE merchant = $1 AND client = $2 AND event_id = $3 AND state IN ('dead', 'delivered')
                    """, delivery.key + [SQLValue(now)])
            }
            return (replayed, try Self.deliveries(wanted, sql))
        }
    }

    private static func deliveries(_ filter: WebhookFilter, _ sql: any SQLTransaction) throws -> [WebhookDelivery] {
        var arguments: [SQLValue] = []
        func bind(_ value: SQLValue) -> String {
            arguments.append(value)
            return "$\(arguments.count)"
        }
        var conditions = ["client = \(bind(.text(filter.client)))", condition(filter.scopes, bind)]
        if let state = filter.state { conditions.append("state = \(bind(.text(state.rawValue)))") }
        if let event = filter.eventID { conditions.append("event_id = \(bind(.text(event)))") }
        if let before = filter.before { conditions.append("position < \(bind(.integer(before)))") }
        return try sql.query(
            """
            SELECT \(WebhookDelivery.columns) FROM webhook_deliveries WHERE \(conditions.joined(separator: " AND "))
            ORDER BY position DESC LIMIT \(bind(.integer(Int64(filter.limit))))
            """, arguments
        ).map(WebhookDelivery.init(row:))
    }
}
