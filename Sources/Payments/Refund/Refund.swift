import PaymentPrimitives

/// Money of a paid payment on its way back: one number at WeChat, one amount.
package struct Refund: Sendable, Equatable {
    /// The tenant, first part of every key.
    package let merchant: String
    /// `rf_` and 26 characters.
    package let id: String
    /// Counts the units of work that decided on this refund.
    package var version: Int64 = 1
    package let paymentID: String
    package let kind: RefundKind
    package let mchid: String
    /// The sub-merchant whose money it is, where `mchid` is a service provider's.
    package let subMchid: String?
    /// The merchant's number of the order that was paid.
    package let outTradeNo: String
    /// The merchant's number of the refund at WeChat.
    package let outRefundNo: String
    /// WeChat's number of the refund, once WeChat has taken it.
    package var refundID: String?
    /// The transaction whose money goes back. That of the payment, but for a second one under the same number.
    package let transactionID: String
    /// What goes back.
    package let amount: Money
    /// What the order cost, in fen.
    package let total: Int64
    /// Whether it takes from what the payment can give back. The money of a second transaction under the same number is not
    /// the payment's.
    package var countsTowardsPayment = true
    /// What the payer reads, at most 80 bytes.
    package var reason: String?
    /// Where the money is taken from; nil leaves it to WeChat.
    package var fundsAccount: FundsAccount?
    /// Where WeChat is told to send the notification.
    package let notifyURL: String
    package var state: RefundState = .created
    /// What the payer gets in fen: less than the amount where coupons had paid a part.
    package var payerRefund: Int64?
    /// What the merchant gives in fen, as it was booked at the acceptance.
    package var settlementRefund: Int64?
    /// Where the money went, in WeChat's words.
    package var userReceivedAccount: String?
    /// WeChat's code when it refused the refund for good.
    package var failureCode: String?
    package let createdAt: Timestamp
    /// When WeChat was first known to have taken it.
    package var acceptedAt: Timestamp?
    package var successTime: Timestamp?
    /// When a job sends it or asks for it next; nil when there is nothing to do.
    package var nextActionAt: Timestamp?
    /// How often that was done in the present state, for the rising intervals.
    package var tryCount: Int64 = 0
    /// When WeChat was asked last at somebody's wish.
    package var lastQueryAt: Timestamp?

    package init(
        merchant: String, id: String, paymentID: String, kind: RefundKind, mchid: String, subMchid: String? = nil,
        outTradeNo: String, outRefundNo: String, transactionID: String, amount: Money, total: Int64, notifyURL: String,
        createdAt: Timestamp
    ) {
        self.merchant = merchant
        self.id = id
        self.paymentID = paymentID
        self.kind = kind
        self.mchid = mchid
        self.subMchid = subMchid
        self.outTradeNo = outTradeNo
        self.outRefundNo = outRefundNo
        self.transactionID = transactionID
        self.amount = amount
        self.total = total
        self.notifyURL = notifyURL
        self.createdAt = createdAt
    }

    /// A refund of a payment's transaction, or of a second one under the same number.
    package init(
        of payment: Payment, id: String, kind: RefundKind, outRefundNo: String, transactionID: String, amount: Money,
        createdAt: Timestamp
    ) {
        self.init(
            merchant: payment.merchant, id: id, paymentID: payment.id, kind: kind, mchid: payment.mchid,
            subMchid: payment.subMchid, outTradeNo: payment.outTradeNo, outRefundNo: outRefundNo, transactionID: transactionID,
            amount: amount,
            total: payment.amount.fen, notifyURL: payment.notifyURL, createdAt: createdAt)
        countsTowardsPayment = transactionID == payment.transactionID
    }
}
