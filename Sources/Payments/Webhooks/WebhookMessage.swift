import PaymentPrimitives

/// What is sent: the body of Standard Webhooks, `{"type","timestamp","data"}`. It follows from the event alone, so each
/// attempt sends the same bytes under the same id.
package struct WebhookMessage: Sendable, Equatable {
    /// The event's id.
    package let id: String
    /// The event's type.
    package let kind: String
    /// JSON in UTF-8.
    package let body: [UInt8]

    /// - Parameters:
    ///   - data: JSON as it lies in the outbox.
    ///   - at: when it became true.
    package init(id: String, kind: String, data: [UInt8], at: Timestamp) throws {
        self.id = id
        self.kind = kind
        let type = try StrictJSON.encode(kind)
        let time = try StrictJSON.encode(at.rfc3339)
        body =
            Array(#"{"type":"#.utf8) + type + Array(#","timestamp":"#.utf8) + time + Array(#","data":"#.utf8) + data
            + [UInt8(ascii: "}")]
    }
}
