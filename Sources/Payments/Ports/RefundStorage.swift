import PaymentPrimitives

/// The part of the port to durable storage that is about refunds.
package protocol RefundStorage: Sendable {
    func refund(merchant: String, id: String) async throws -> Refund?
    func refunds(_ filter: RefundFilter) async throws -> [Refund]
    /// The transitions of a payment's refunds, oldest first.
    func refundTimeline(merchant: String, paymentID: String) async throws -> [RefundEvent]
    /// A merchant's refunds with something to do, and when there will be something to do for the first of the others.
    func dueRefunds(merchant: String, now: Timestamp, limit: Int) async throws -> (due: [Refund], next: Timestamp?)
}

/// The part of a transaction that is about refunds. A payment is locked before its refunds are.
package protocol RefundTransaction {
    /// False when the number is taken.
    func insert(_ refund: Refund) throws -> Bool
    /// The refund, locked, its version increased.
    func lockRefund(merchant: String, id: String) throws -> Refund?
    func refund(merchant: String, id: String) throws -> Refund?
    func refund(merchant: String, outRefundNo: String) throws -> Refund?
    func refund(merchant: String, refundID: String) throws -> Refund?
    /// The refund of a second payment of an order, by the transaction that goes back.
    func duplicateRefund(merchant: String, transactionID: String) throws -> Refund?
    /// Writes a locked refund back.
    func save(_ refund: Refund) throws
    /// Writes the totals of a locked payment.
    func saveRefundTotals(of payment: Payment) throws
    func append(_ event: RefundEvent) throws
    /// What an account's lines for a payment add up to, in fen.
    func balance(_ account: LedgerAccount, merchant: String, paymentID: String) throws -> Int64
    /// Whether a payment's reference has another payment that is paid. Locks all others of the reference, so that of two
    /// successes at the same moment one sees the other.
    func isPaidOtherwise(_ payment: Payment) throws -> Bool
    /// True for the one caller that may ask WeChat now: nobody has within `interval`.
    func claimRefundQuery(merchant: String, id: String, now: Timestamp, interval: Duration) throws -> Bool
    /// True for the one job that may work on a due refund: its next action was still at `due`.
    func claimDueRefund(merchant: String, id: String, due: Timestamp, until: Timestamp) throws -> Bool
}

/// Which refunds to list; newest first.
package struct RefundFilter: Sendable {
    package var scopes: [MerchantScope]
    package var paymentID: String?
    package var outRefundNo: String?
    package var state: RefundState?
    /// Only refunds with a smaller id: ids sort by time.
    package var before: String?
    package var limit: Int = 50

    package init(_ scopes: [MerchantScope]) {
        self.scopes = scopes
    }

    package init(merchants: [String]) {
        self.init(merchants.map { MerchantScope($0) })
    }
}
