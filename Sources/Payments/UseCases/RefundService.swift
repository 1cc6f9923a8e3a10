import Logging
import PaymentPrimitives

/// What can be done with refunds. WeChat is talked to outside of transactions, and everything that changes a refund goes
/// through ``RefundBooking``.
package struct RefundService: Sendable {
    package let payments: PaymentService
    let inFlight = InFlight()

    package init(payments: PaymentService) {
        self.payments = payments
    }

    package var storage: any PaymentStorage { payments.storage }
    var clock: any WallClock { payments.clock }
    var logger: Logger { payments.logger }

    /// A refund and its payment, as they are.
    package struct Standing: Sendable {
        package let refund: Refund
        package let payment: Payment
    }

    /// - Throws: ``PaymentError`` `.notFound`.
    package func standing(merchant: String, id: String) async throws -> Standing {
        guard let refund = try await storage.refund(merchant: merchant, id: id) else {
            throw PaymentError(.notFound, "there is no refund \"\(id.prefix(40))\"")
        }
        return Standing(refund: refund, payment: try await payments.payment(merchant: merchant, id: refund.paymentID))
    }

    /// Books an observation in a transaction of its own, and puts the next action down when it brought nothing new.
    ///
    /// - Throws: ``PaymentError``; ``Refusal`` when the observation does not fit, after it was logged.
    @discardableResult
    func record(
        _ fact: RefundObservation.Fact, source: RefundObservation.Source, on refund: Refund
    ) async throws -> Standing {
        let observation = RefundObservation(fact, source: source, at: clock.now)
        let (merchant, id, planned) = (refund.merchant, refund.id, refund.nextActionAt)
        do {
            let result = try await storage.write(merchant) { transaction in
                let (locked, payment) = try Self.lock(refund, in: transaction)
                let result = try RefundBooking.record(observation, on: locked, of: payment, in: transaction)
                guard result.from == nil, locked.nextActionAt == planned else { return result }
                let next = Self.rescheduled(locked, after: observation.at)
                try transaction.save(next)
                return RefundBooking.Result(refund: next, payment: result.payment, from: nil)
            }
            announce(result, source)
            return Standing(refund: result.refund, payment: result.payment)
        } catch let refusal as Refusal {
            report(refusal, observation, merchant: merchant, outRefundNo: refund.outRefundNo, id: id)
            throw refusal
        }
    }

    /// Puts the next action down when there was no answer, unless somebody else brought news in the meantime.
    ///
    /// - Parameter pause: the least time until then.
    @discardableResult
    func postpone(_ refund: Refund, atLeast pause: Duration = .zero) async throws -> Standing {
        let now = clock.now
        return try await storage.write(refund.merchant) { transaction in
            let (locked, payment) = try Self.lock(refund, in: transaction)
            guard locked.state == refund.state, locked.nextActionAt == refund.nextActionAt else {
                return Standing(refund: locked, payment: payment)
            }
            var next = Self.rescheduled(locked, after: now)
            next.nextActionAt = next.nextActionAt.map { max($0, now.advanced(by: pause)) }
            try transaction.save(next)
            return Standing(refund: next, payment: payment)
        }
    }

    /// The payment first, then the refund: everybody locks in this order.
    static func lock(_ refund: Refund, in transaction: any PaymentTransaction) throws -> (Refund, Payment) {
        guard let payment = try transaction.lock(merchant: refund.merchant, id: refund.paymentID),
            let locked = try transaction.lockRefund(merchant: refund.merchant, id: refund.id)
        else { throw PaymentError(.notFound, "there is no refund \"\(refund.id)\"") }
        return (locked, payment)
    }

    private static func rescheduled(_ refund: Refund, after now: Timestamp) -> Refund {
        var next = refund
        next.tryCount += 1
        next.nextActionAt = RefundSchedule.next(for: next, after: now)
        return next
    }

    /// Tells consumers and the log of a refund whose state has changed.
    func announce(_ result: RefundBooking.Result, _ source: RefundObservation.Source) {
        guard result.from != nil else { return }
        payments.outboxSignal.notify()
        let refund = result.refund
        let metadata: Logger.Metadata = [
            "merchant": "\(refund.merchant)", "refund": "\(refund.id)", "out_refund_no": "\(refund.outRefundNo)",
            "payment": "\(refund.paymentID)", "amount": "\(refund.amount)", "source": "\(source.rawValue)",
        ]
        switch refund.state {
        case .waitingForFunds:
            logger.warning(
                "refund waits: the merchant's account holds too little; top it up, its available balance pays the next try",
                metadata: metadata)
        case .abnormal:
            logger.error("refund abnormal: the payer's account takes no money; tell WeChat where to", metadata: metadata)
        case .closed where refund.kind == .duplicate:
            logger.critical("a second payment was not given back; do it by hand", metadata: metadata)
        case .closed: logger.warning("refund closed: \(refund.failureCode ?? "by WeChat")", metadata: metadata)
        case .created, .processing, .succeeded: logger.info("refund \(refund.state.rawValue)", metadata: metadata)
        }
    }

    /// WeChat said something verifiable that does not fit: money may have moved, and somebody must look.
    func report(
        _ refusal: Refusal, _ observation: RefundObservation, merchant: String, outRefundNo: String, id: String? = nil
    ) {
        var metadata: Logger.Metadata = [
            "merchant": "\(merchant)", "out_refund_no": "\(outRefundNo)", "refund": "\(id ?? "-")",
            "source": "\(observation.source.rawValue)",
        ]
        if case .known(let facts) = observation.fact {
            metadata["refund_status"] = "\(facts.status.text)"
            metadata["refund_id"] = "\(facts.refundID ?? "-")"
        }
        logger.critical("refund observation refused: \(refusal)", metadata: metadata)
    }
}
