import Logging
import PaymentPrimitives

extension NotificationService {
    /// What came of a refund's notification.
    private enum Outcome: Sendable {
        case booked(RefundBooking.Result)
        /// WeChat must be asked for what the notification leaves out; that is put down.
        case scheduled
        /// The payment is ours, and not paid here yet; a question for it is put down.
        case tooEarly
        case unknown
    }

    /// Books what a notification says of a refund: one of ours, or one that somebody made in WeChat's merchant console for
    /// a payment of ours.
    func book(_ facts: RefundFacts, _ merchant: MerchantContext) async throws -> NotificationVerdict {
        guard facts.mchid == merchant.mchid else {
            refuse("mchid is not that of merchant \(merchant.id)", merchant)
            return .rejected("mchid")
        }
        let observation = RefundObservation(.known(facts), source: .notification, at: payments.clock.now)
        let id = payments.ids.next("rf")
        do {
            let outcome = try await payments.storage.write(merchant.id) { transaction -> Outcome in
                if let known = try transaction.refund(merchant: merchant.id, outRefundNo: facts.outRefundNo) {
                    let (refund, payment) = try RefundService.lock(known, in: transaction)
                    return try Self.record(observation, on: refund, of: payment, in: transaction)
                }
                guard let number = facts.outTradeNo,
                    let payment = try transaction.lock(merchant: merchant.id, outTradeNo: number)
                else { return .unknown }
                guard payment.state == .paid else {
                    try Self.schedule(payment, at: observation.at, in: transaction)
                    return .tooEarly
                }
                let refund = try Self.external(facts, of: payment, id: id, at: observation.at, in: transaction)
                return try Self.record(observation, on: refund.0, of: refund.1, in: transaction)
            }
            switch outcome {
            case .booked(let result):
                RefundService(payments: payments).announce(result, .notification)
                return .accepted
            case .scheduled: return .accepted
            case .tooEarly: return .tryAgain("the payment \(facts.outTradeNo ?? "") is not known to be paid yet")
            case .unknown: return unknown(facts.outTradeNo ?? "of refund \(facts.outRefundNo)", merchant)
            }
        } catch let refusal as Refusal {
            RefundService(payments: payments).report(
                refusal, observation, merchant: merchant.id, outRefundNo: facts.outRefundNo)
            return .rejected("\(refusal)")
        }
    }

    private static func record(
        _ observation: RefundObservation, on refund: Refund, of payment: Payment, in transaction: any PaymentTransaction
    ) throws -> Outcome {
        do {
            return .booked(try RefundBooking.record(observation, on: refund, of: payment, in: transaction))
        } catch Refusal.missing(Refund.settlementField) {
            var refund = refund
            refund.nextActionAt = observation.at
            try transaction.save(refund)
            return .scheduled
        }
    }

    /// A refund that this server did not ask for, of a payment that it made.
    private static func external(
        _ facts: RefundFacts, of payment: Payment, id: String, at now: Timestamp, in transaction: any PaymentTransaction
    ) throws -> (Refund, Payment) {
        guard let fen = facts.refund, (1...payment.amount.fen).contains(fen) else {
            throw Refusal.mismatch(field: "amount.refund")
        }
        guard let transactionID = facts.transactionID else { throw Refusal.missing(field: "transaction_id") }
        let isKnown =
            try transactionID == payment.transactionID
            || transaction.duplicateRefund(merchant: payment.merchant, transactionID: transactionID)?.paymentID == payment.id
        guard isKnown else { throw Refusal.mismatch(field: "transaction_id") }
        var refund = Refund(
            of: payment, id: id, kind: .external, outRefundNo: facts.outRefundNo, transactionID: transactionID,
            amount: Money(fen: fen, currency: payment.amount.currency), createdAt: now)
        refund.nextActionAt = now
        guard let payment = try RefundBooking.create(refund, of: payment, source: "notification", in: transaction),
            // The first statement of every unit that decides on it.
            let locked = try transaction.lockRefund(merchant: refund.merchant, id: refund.id)
        else { throw Refusal.contradiction("out_refund_no \(facts.outRefundNo) was used before") }
        return (locked, payment)
    }
}
