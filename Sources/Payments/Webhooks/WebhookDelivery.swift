import PaymentPrimitives

/// One event on its way to one client.
package struct WebhookDelivery: Sendable, Equatable {
    package let client: String
    package let merchant: String
    /// The sub-merchant whom the event concerns.
    package let subMchid: String?
    /// The event's own id, which goes out as `webhook-id`: a receiver recognises a repetition by it.
    package let eventID: String
    /// The event's type as the outbox has it, also one that a newer version wrote.
    package let kind: String
    /// The event's place in the outbox.
    package let position: Int64
    package var state: State
    /// How often it was tried since it was put down or replayed.
    package var attempts: Int64
    /// When it is tried next, or a claimed one taken over; nil unless pending.
    package var nextAttemptAt: Timestamp?
    package var lastAttemptAt: Timestamp?
    /// The HTTP status of the last attempt; nil where there was none.
    package var lastStatus: Int64?
    /// Why the last attempt failed.
    package var lastError: String?
    package let createdAt: Timestamp
    package var deliveredAt: Timestamp?

    package init(
        client: String, merchant: String, subMchid: String?, eventID: String, kind: String, position: Int64,
        state: State = .pending, attempts: Int64 = 0, nextAttemptAt: Timestamp?, lastAttemptAt: Timestamp? = nil,
        lastStatus: Int64? = nil, lastError: String? = nil, createdAt: Timestamp, deliveredAt: Timestamp? = nil
    ) {
        self.client = client
        self.merchant = merchant
        self.subMchid = subMchid
        self.eventID = eventID
        self.kind = kind
        self.position = position
        self.state = state
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.lastAttemptAt = lastAttemptAt
        self.lastStatus = lastStatus
        self.lastError = lastError
        self.createdAt = createdAt
        self.deliveredAt = deliveredAt
    }

    package enum State: String, Sendable, CaseIterable {
        /// It is tried, and tried again.
        case pending
        /// The receiver answered with 2xx.
        case delivered
        /// It was tried for a day in vain; only a replay sends it again.
        case dead
    }
}

extension WebhookDelivery {
    /// What an attempt has made of it.
    ///
    /// - Parameter next: when to try again, if there is reason to; nil when the last chance is gone.
    package func after(_ attempt: WebhookAttempt, at now: Timestamp, next: Timestamp?) -> WebhookDelivery {
        var delivery = self
        delivery.attempts += 1
        delivery.lastAttemptAt = now
        delivery.lastStatus = attempt.status.map(Int64.init)
        delivery.lastError = attempt.error
        if attempt.isDelivered {
            delivery.state = .delivered
            delivery.deliveredAt = now
            delivery.nextAttemptAt = nil
        } else {
            delivery.state = next == nil ? .dead : .pending
            delivery.nextAttemptAt = next
        }
        return delivery
    }
}
