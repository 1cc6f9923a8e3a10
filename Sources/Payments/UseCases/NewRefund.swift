import PaymentPrimitives

/// A refund that somebody wants to have, before it is checked.
package struct NewRefund: Sendable {
    package var merchant: String
    package var paymentID: String
    /// Nil for all that can still be given back.
    package var amount: Money?
    package var reason: String?
    package var outRefundNo: String?
    package var fundsAccount: FundsAccount?

    package init(merchant: String, paymentID: String) {
        self.merchant = merchant
        self.paymentID = paymentID
    }

    /// WeChat gives money back for a year.
    static let period: Duration = .seconds(365 * 86_400)

    /// Refuses, naming the field, what WeChat would refuse later or what could never be given back.
    ///
    /// - Throws: ``PaymentError`` `.invalidRequest`.
    func validate() throws(PaymentError) {
        if let amount {
            guard amount.fen >= 1 else { throw NewPayment.refuse("amount.refund", "must be at least 1 fen") }
            guard amount.fen <= NewPayment.maximum else {
                throw NewPayment.refuse("amount.refund", "is more than 100 million yuan")
            }
        }
        try NewPayment.text(reason, "reason", 1...80)
        if let number = outRefundNo {
            guard (1...64).contains(number.utf8.count),
                number.utf8.allSatisfy({ NewPayment.isNumberCharacter($0) || $0 == UInt8(ascii: "@") })
            else { throw NewPayment.refuse("out_refund_no", "must be 1 to 64 of the characters 0-9 A-Z a-z _ - | * @") }
        }
    }

    /// The refund of a payment that is locked, if the payment allows it.
    ///
    /// - Throws: ``PaymentError`` `.conflict` while the payment is still to be paid, or while refunds that are on their way
    ///   stand where this one would; `.wrongState`, `.notRefundable`, `.invalidRequest`.
    func refund(of payment: Payment, id: String, outRefundNo number: String, now: Timestamp) throws(PaymentError) -> Refund {
        guard !payment.state.isOpen else {
            throw PaymentError(
                .conflict, "the payment is \(payment.state.rawValue); it can be given back once it has been paid")
        }
        guard payment.state == .paid, let transactionID = payment.transactionID else {
            throw PaymentError(.wrongState, "the payment is \(payment.state.rawValue); only a paid one can be given back")
        }
        if let paidAt = payment.successTime, now > paidAt.advanced(by: Self.period) {
            throw PaymentError(.wrongState, "the payment is older than 365 days; WeChat does not give it back any more")
        }
        guard payment.refunds.count < RefundTotals.maximumCount else {
            // One that fails makes room again.
            throw PaymentError(
                payment.refunds.isOpen ? .conflict : .notRefundable,
                "the payment has 50 refunds; WeChat gives it back in no more parts")
        }
        let amount = amount ?? Money(fen: payment.refundable, currency: payment.amount.currency)
        guard amount.currency == payment.amount.currency else {
            throw PaymentError(
                .invalidRequest, "amount.currency must be the payment's, \(payment.amount.currency)", field: "amount.currency")
        }
        guard amount.fen >= 1, amount.fen <= payment.refundable else {
            let isForNow = payment.refunds.isOpen && amount.fen <= payment.amount.fen - payment.refunds.refunded
            throw PaymentError(
                isForNow ? .conflict : .notRefundable,
                "of \(payment.amount.fen) fen \(payment.refundable) can still be given back", field: "amount.refund")
        }
        var refund = Refund(
            of: payment, id: id, kind: .requested, outRefundNo: number, transactionID: transactionID, amount: amount,
            createdAt: now)
        refund.reason = reason
        refund.fundsAccount = fundsAccount
        return refund
    }

    /// Whether a refund is what this asks for, in all that it names.
    func isMet(by refund: Refund) -> Bool {
        refund.kind == .requested && refund.paymentID == paymentID && (amount == nil || amount == refund.amount)
            && reason == refund.reason
            // Where it was left to WeChat it may have changed since, see NOT_ENOUGH.
            && (fundsAccount == nil || fundsAccount == refund.fundsAccount)
    }
}
