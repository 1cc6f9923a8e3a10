import PaymentPrimitives

/// Something the merchant's systems must hear of, written in the transaction that made it true.
package struct OutboxEvent: Sendable, Equatable {
    package let merchant: String
    /// The sub-merchant whom it concerns, where the merchant is a service provider.
    package let subMchid: String?
    /// `evt_…`, derived from payment and version (or from WeChat's event): stable over retries.
    package let id: String
    package let kind: Kind
    package let paymentID: String?
    /// JSON.
    package let data: [UInt8]
    package let at: Timestamp
    /// Its place in the one order in which consumers read; given after the commit.
    package var position: Int64?

    package init(
        merchant: String, subMchid: String? = nil, id: String, kind: Kind, paymentID: String?, data: [UInt8], at: Timestamp,
        position: Int64? = nil
    ) {
        self.merchant = merchant
        self.subMchid = subMchid
        self.id = id
        self.kind = kind
        self.paymentID = paymentID
        self.data = data
        self.at = at
        self.position = position
    }

    package enum Kind: String, Sendable, CaseIterable {
        case paymentPaid = "payment.paid"
        case paymentClosed = "payment.closed"
        case paymentFailed = "payment.failed"
        case refundSucceeded = "refund.succeeded"
        /// The money could not be delivered: the merchant must say where to.
        case refundAbnormal = "refund.abnormal"
        case refundClosed = "refund.closed"
        /// The account holds too little; it is sent again until it is topped up.
        case refundInsufficientBalance = "refund.insufficient_balance"
        /// A verified event of WeChat that this server has no use for itself, raw.
        case wechatEvent = "wechat.event"
    }
}
