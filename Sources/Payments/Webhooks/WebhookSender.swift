/// The port through which a message leaves.
package protocol WebhookSender: Sendable {
    /// Tries once, within a few seconds, and logs a line about it. Never throws: what went wrong is in the answer.
    ///
    /// - Parameter attempt: which one it is, from 1.
    func send(_ message: WebhookMessage, to endpoint: WebhookEndpoint, attempt: Int64) async -> WebhookAttempt
}

/// What came of one attempt.
package struct WebhookAttempt: Sendable, Equatable {
    /// The HTTP status; nil where no answer came.
    package let status: Int?
    /// Why it was not delivered, in words that may be shown to the client; nil if it was.
    package let error: String?

    /// An answer came.
    package init(status: Int) {
        self.status = status
        error = (200..<300).contains(status) ? nil : "the receiver answered \(status)"
    }

    /// No answer came.
    package init(error: String) {
        status = nil
        self.error = error
    }

    package var isDelivered: Bool { error == nil }
}
