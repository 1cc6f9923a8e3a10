import PaymentPrimitives

/// Work that comes again with time.
package protocol Job: Sendable {
    /// For logs.
    var name: String { get }
    /// Does what is due and says when it wants to be called next. Never throws: it logs, and comes again.
    func tick(_ now: Timestamp) async -> Timestamp
}
