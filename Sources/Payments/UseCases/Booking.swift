import PaymentPrimitives

/// Writes what an observation makes of a payment: state, event, ledger and outbox, in the caller's transaction.
package enum Booking {
    /// What came of it.
    package struct Result: Sendable {
        package let payment: Payment
        /// The state before, when it changed and others must hear of it.
        package let from: PaymentState?
        /// The refund that came of it by itself: of a second payment of an order, or of a charge that was taken back.
        package var givenBack: Refund?
    }

    /// Applies an observation to a payment that `transaction` has locked.
    ///
    /// - Throws: ``Refusal`` when it does not fit; the whole unit must then be rolled back.
    package static func record(
        _ observation: Observation, on payment: Payment, in transaction: any PaymentTransaction
    ) throws -> Result {
        switch payment.apply(observation) {
        case .refused(let refusal): throw refusal
        case .unchanged: return Result(payment: payment, from: nil)
        case .paidAgain(let facts): return try paidAgain(facts, payment, at: observation.at, in: transaction)
        case .takenBack:
            let refund = try RefundBooking.reversal(of: payment, at: observation.at, in: transaction)
            return Result(payment: refund?.payment ?? payment, from: nil, givenBack: refund?.refund)
        case .changed(var next, let consequences):
            if next.state == .paid, payment.state != .paid, let number = next.transactionID,
                let other = try transaction.payment(merchant: next.merchant, transactionID: number)
            {
                throw Refusal.contradiction("transaction_id \(number) was booked for payment \(other.id) before")
            }
            try transaction.save(next)
            guard next.state != payment.state else { return Result(payment: next, from: nil) }
            let eventID = IDGenerator.derived("evt", from: next.id, version: next.version)
            try transaction.append(
                PaymentEvent(
                    merchant: next.merchant, paymentID: next.id, version: next.version, from: payment.state, to: next.state,
                    source: observation.source.rawValue, detail: detail(of: observation, on: payment), at: observation.at))
            var givenBack: Refund?
            if next.state == .paid, let number = next.transactionID, try transaction.isPaidOtherwise(next),
                let given = try RefundBooking.giveBack(next, transactionID: number, at: observation.at, in: transaction)
            {
                (givenBack, next) = given
            }
            for consequence in consequences {
                switch consequence {
                case .ledger(let lines):
                    try transaction.append(
                        LedgerEntry(
                            merchant: next.merchant, id: eventID, paymentID: next.id, currency: next.amount.currency,
                            lines: lines, at: observation.at))
                case .outbox(let kind):
                    try transaction.append(
                        OutboxEvent(
                            merchant: next.merchant, subMchid: next.subMchid, id: eventID, kind: kind, paymentID: next.id,
                            data: try StrictJSON.encode(PaymentView(next)), at: observation.at))
                }
            }
            return Result(payment: next, from: payment.state, givenBack: givenBack)
        }
    }

    /// Books the money of a second transaction under one number apart, and gives it back; once for each transaction.
    private static func paidAgain(
        _ facts: TradeFacts, _ payment: Payment, at now: Timestamp, in transaction: any PaymentTransaction
    ) throws -> Result {
        guard let number = facts.transactionID, let total = facts.total else { throw Refusal.missing(field: "transaction_id") }
        if let other = try transaction.payment(merchant: payment.merchant, transactionID: number) {
            throw Refusal.contradiction("transaction_id \(number) was booked for payment \(other.id) before")
        }
        guard let given = try RefundBooking.giveBack(payment, transactionID: number, at: now, in: transaction) else {
            return Result(payment: payment, from: nil)
        }
        try transaction.append(
            LedgerEntry(
                merchant: payment.merchant, id: IDGenerator.derived("dup", from: given.refund.id, version: 0),
                paymentID: payment.id, currency: payment.amount.currency, lines: facts.lines(of: total, for: .duplicatePayments),
                at: now))
        return Result(payment: given.payment, from: nil, givenBack: given.refund)
    }

    /// Puts a new payment down, with the first line of its timeline.
    ///
    /// Returns false when its number or its reference is taken.
    package static func create(_ payment: Payment, in transaction: any PaymentTransaction) throws -> Bool {
        guard try transaction.insert(payment) else { return false }
        try transaction.append(
            PaymentEvent(
                merchant: payment.merchant, paymentID: payment.id, version: payment.version, from: nil, to: payment.state,
                source: "api", detail: "\(payment.method.rawValue) \(payment.amount)", at: payment.createdAt))
        return true
    }

    private static func detail(of observation: Observation, on payment: Payment) -> String {
        let late = payment.state == .closed ? "late success: " : ""
        return switch observation.fact {
        case .begun(let order): "\(payment.method.prepayKind?.rawValue ?? "prepay") \(order.prepay ?? "none")"
        case .refused(let code): code
        case .userPaying: "the payer is asked for the password"
        case .closed: "closed at WeChat"
        case .reversing: "WeChat is told to take it back"
        case .notReversed: "WeChat refused to take it back"
        case .reversed: "reversed at WeChat: nothing was paid, or it was given back"
        case .absent, .absentAtClose: "not known to WeChat"
        case .trade(let facts):
            late + facts.state.text + (facts.transactionID.map { " transaction_id \($0)" } ?? "")
        }
    }
}
