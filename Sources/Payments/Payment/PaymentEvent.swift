import PaymentPrimitives

/// A transition of a payment, kept for ever: the payment's timeline.
package struct PaymentEvent: Sendable, Equatable {
    package let merchant: String
    package let paymentID: String
    /// The payment's version with this transition.
    package let version: Int64
    /// The state before; nil for the creation.
    package let from: PaymentState?
    package let to: PaymentState
    /// Who brought it: `api`, or an observation's source.
    package let source: String
    /// What is worth knowing besides, in words: WeChat's code, the transaction.
    package let detail: String
    package let at: Timestamp

    package init(
        merchant: String, paymentID: String, version: Int64, from: PaymentState?, to: PaymentState, source: String,
        detail: String, at: Timestamp
    ) {
        self.merchant = merchant
        self.paymentID = paymentID
        self.version = version
        self.from = from
        self.to = to
        self.source = source
        self.detail = detail
        self.at = at
    }
}
