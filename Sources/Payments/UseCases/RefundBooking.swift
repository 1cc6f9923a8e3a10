import PaymentPrimitives

/// Writes what an observation makes of a refund: state, event, ledger, outbox and the payment's totals, in the caller's
/// transaction.
package enum RefundBooking {
    /// What came of it.
    package struct Result: Sendable {
        package let refund: Refund
        /// The payment with its totals as they are now.
        package let payment: Payment
        /// The state before, when it changed and others must hear of it.
        package let from: RefundState?
    }

    /// Applies an observation to a refund whose payment and which itself `transaction` has locked.
    ///
    /// - Throws: ``Refusal`` when it does not fit; nothing was written then.
    package static func record(
        _ observation: RefundObservation, on refund: Refund, of payment: Payment, in transaction: any PaymentTransaction
    ) throws -> Result {
        switch refund.apply(observation) {
        case .refused(let refusal): throw refusal
        case .unchanged: return Result(refund: refund, payment: payment, from: nil)
        case .changed(let next, let consequences):
            if let number = next.refundID, refund.refundID == nil,
                let other = try transaction.refund(merchant: next.merchant, refundID: number)
            {
                throw Refusal.contradiction("refund_id \(number) was booked for refund \(other.id) before")
            }
            let payment = try counted(next, from: refund.state, of: payment)
            try transaction.save(next)
            try transaction.saveRefundTotals(of: payment)
            try transaction.append(
                RefundEvent(
                    next, from: refund.state, source: observation.source.rawValue, detail: detail(of: observation),
                    at: observation.at))
            for consequence in consequences {
                switch consequence {
                case .ledger(let posting, let lines):
                    try transaction.append(
                        LedgerEntry(
                            merchant: next.merchant, id: posting.entryID(next), paymentID: next.paymentID,
                            currency: next.amount.currency, lines: lines, at: observation.at))
                case .outbox(let kind):
                    try transaction.append(
                        OutboxEvent(
                            merchant: next.merchant, subMchid: next.subMchid,
                            id: IDGenerator.derived("evt", from: next.id, version: next.version), kind: kind,
                            paymentID: next.paymentID, data: try StrictJSON.encode(RefundView(next)),
                            at: observation.at))
                }
            }
            return Result(refund: next, payment: payment, from: refund.state)
        }
    }

    /// Puts a new refund of a locked payment down, with the first line of its timeline.
    ///
    /// Returns the payment with its totals as they are now, or nil when the number is taken.
    package static func create(
        _ refund: Refund, of payment: Payment, source: String, in transaction: any PaymentTransaction
    ) throws -> Payment? {
        let payment = try counted(refund, from: nil, of: payment)
        guard try transaction.insert(refund) else { return nil }
        try transaction.saveRefundTotals(of: payment)
        try transaction.append(
            RefundEvent(
                refund, from: nil, source: source, detail: "\(refund.kind.rawValue) \(refund.amount)", at: refund.createdAt))
        return payment
    }

    /// Gives a second payment of an order back: all of it, once. The refund's id follows from the payment and the
    /// transaction. It is sent by the job, after this transaction is on disk.
    ///
    /// Returns nil when it exists already.
    static func giveBack(
        _ payment: Payment, transactionID: String, at now: Timestamp, in transaction: any PaymentTransaction
    ) throws -> (refund: Refund, payment: Payment)? {
        guard try transaction.duplicateRefund(merchant: payment.merchant, transactionID: transactionID) == nil else {
            return nil
        }
        let id = IDGenerator.derived("rf", from: payment.id, version: digest(transactionID))
        var refund = Refund(
            of: payment, id: id, kind: .duplicate, outRefundNo: String(id.suffix(26)), transactionID: transactionID,
            amount: payment.amount, createdAt: now)
        refund.reason = "重复支付退款"
        refund.nextActionAt = now
        guard let payment = try create(refund, of: payment, source: "booking", in: transaction) else { return nil }
        return (refund, payment)
    }

    /// Books that WeChat took a charge back which is booked as paid: all of it went back, once.
    static func reversal(
        of payment: Payment, at now: Timestamp, in transaction: any PaymentTransaction
    ) throws -> Result? {
        let id = IDGenerator.derived("rf", from: payment.id, version: digest("reversal"))
        guard let transactionID = payment.transactionID, payment.refundable > 0,
            try transaction.refund(merchant: payment.merchant, id: id) == nil
        else { return nil }
        let refund = Refund(
            of: payment, id: id, kind: .reversal, outRefundNo: String(id.suffix(26)), transactionID: transactionID,
            amount: Money(fen: payment.refundable, currency: payment.amount.currency), createdAt: now)
        let discount = try transaction.balance(.merchantDiscount, merchant: payment.merchant, paymentID: payment.id)
        guard let payment = try create(refund, of: payment, source: "reverse", in: transaction),
            let locked = try transaction.lockRefund(merchant: refund.merchant, id: refund.id)
        else { return nil }
        let settlement = max(0, refund.amount.fen - max(0, discount))
        return try record(
            RefundObservation(.reversed(settlement: settlement), source: .reverse, at: now), on: locked, of: payment,
            in: transaction)
    }

    /// FNV-1a: two transactions under one number must not get the same refund, nor a refund's events the ids of its payment's.
    private static func digest(_ text: String) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: hash)
    }

    private static func counted(_ refund: Refund, from: RefundState?, of payment: Payment) throws -> Payment {
        var payment = payment
        payment.refunds = payment.refunds.after(refund, from: from)
        // What is promised may for a moment be too much, when somebody refunds by hand what is asked for here. What has
        // arrived may not.
        guard payment.refunds.refunded <= payment.amount.fen else {
            throw Refusal.contradiction("more was given back than had been paid")
        }
        return payment
    }

    private static func detail(of observation: RefundObservation) -> String {
        switch observation.fact {
        case .notEnough: ChannelCode.notEnough
        case .refused(let code): code
        case .reversed: "the charge was taken back"
        case .known(let facts): facts.status.text + (facts.refundID.map { " refund_id \($0)" } ?? "")
        }
    }
}
