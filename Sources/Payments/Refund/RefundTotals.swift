import PaymentPrimitives

/// What has gone back of a payment, and what is promised. Kept with the payment, under its lock.
package struct RefundTotals: Sendable, Equatable {
    /// The most parts in which WeChat gives a payment back.
    package static let maximumCount: Int64 = 50

    /// The sum of its refunds that are not closed, in fen.
    package var reserved: Int64 = 0
    /// The sum of its refunds that succeeded, in fen.
    package var refunded: Int64 = 0
    /// How many of its refunds are not closed.
    package var count: Int64 = 0

    package init(reserved: Int64 = 0, refunded: Int64 = 0, count: Int64 = 0) {
        self.reserved = reserved
        self.refunded = refunded
        self.count = count
    }

    /// Whether money is promised that has not arrived.
    package var isOpen: Bool { reserved > refunded }

    /// The totals after a refund came into being (`from` nil) or changed its state.
    package func after(_ refund: Refund, from: RefundState?) -> RefundTotals {
        guard refund.countsTowardsPayment, from != refund.state else { return self }
        var totals = self
        if from == nil {
            totals.reserved += refund.amount.fen
            totals.count += 1
        }
        switch refund.state {
        case .closed:
            totals.reserved -= refund.amount.fen
            totals.count -= 1
        case .succeeded: totals.refunded += refund.amount.fen
        case .created, .waitingForFunds, .processing, .abnormal: break
        }
        return totals
    }
}

extension Payment {
    /// What can still be given back, in fen.
    package var refundable: Int64 { state == .paid ? max(0, amount.fen - refunds.reserved) : 0 }

    /// Whether all of it has gone back.
    package var isRefunded: Bool { state == .paid && refunds.refunded >= amount.fen }
}
