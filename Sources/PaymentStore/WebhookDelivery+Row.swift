import PaymentPrimitives
import Payments
import SQLDatabase

extension WebhookDelivery {
    /// The columns in the order in which rows are read.
    static let columns = """
        client, merchant, sub_mchid, event_id, kind, position, state, attempts, next_attempt_at, last_attempt_at, \
        last_status, last_error, created_at, delivered_at
        """

    /// Reads a row that was selected with ``columns``.
    ///
    /// - Throws: ``DatabaseError`` when a stored word is none that this version knows.
    init(row: SQLRow) throws {
        let word = try row.text(6)
        guard let state = State(rawValue: word) else {
            throw DatabaseError(.decoding, "webhook_deliveries: \"\(word.prefix(40))\" is not a state of this version")
        }
        self.init(
            client: try row.text(0), merchant: try row.text(1), subMchid: try row.optionalText(2),
            eventID: try row.text(3), kind: try row.text(4), position: try row.integer(5), state: state,
            attempts: try row.integer(7), nextAttemptAt: try row.optionalTimestamp(8),
            lastAttemptAt: try row.optionalTimestamp(9), lastStatus: try row.optionalInteger(10),
            lastError: try row.optionalText(11), createdAt: try row.timestamp(12),
            deliveredAt: try row.optionalTimestamp(13))
    }

    /// `merchant, client, event_id`: $1 to $3 of a statement about this row.
    var key: [SQLValue] { [.text(merchant), .text(client), .text(eventID)] }
}
