import PaymentPrimitives

/// A transition of a refund, kept for ever: a part of its payment's timeline.
package struct RefundEvent: Sendable, Equatable {
    package let merchant: String
    package let refundID: String
    package let paymentID: String
    /// The refund's version with this transition.
    package let version: Int64
    /// The state before; nil for the creation.
    package let from: RefundState?
    package let to: RefundState
    /// Who brought it: `api`, `booking`, or an observation's source.
    package let source: String
    /// What is worth knowing besides, in words: the amount, WeChat's code, its number.
    package let detail: String
    package let at: Timestamp

    package init(
        _ refund: Refund, from: RefundState?, source: String, detail: String, at: Timestamp
    ) {
        self.init(
            merchant: refund.merchant, refundID: refund.id, paymentID: refund.paymentID, version: refund.version, from: from,
            to: refund.state, source: source, detail: detail, at: at)
    }

    package init(
        merchant: String, refundID: String, paymentID: String, version: Int64, from: RefundState?, to: RefundState,
        source: String, detail: String, at: Timestamp
    ) {
        self.merchant = merchant
        self.refundID = refundID
        self.paymentID = paymentID
        self.version = version
        self.from = from
        self.to = to
        self.source = source
        self.detail = detail
        self.at = at
    }
}
