import Logging
import PaymentPrimitives

/// What can be done with payments. Everything that talks to WeChat does so outside of transactions, and everything that
/// changes a payment goes through ``Booking``.
package struct PaymentService: Sendable {
    package let storage: any PaymentStorage
    package let directory: any MerchantDirectory
    package let clock: any WallClock
    let ids: IDGenerator
    let logger: Logger
    /// Rung when there is something in the outbox.
    let outboxSignal: Signal
    let inFlight = InFlight()

    package init(
        storage: any PaymentStorage, directory: any MerchantDirectory, clock: any WallClock, ids: IDGenerator,
        logger: Logger, outboxSignal: Signal
    ) {
        self.storage = storage
        self.directory = directory
        self.clock = clock
        self.ids = ids
        self.logger = logger
        self.outboxSignal = outboxSignal
    }

    /// - Throws: ``PaymentError`` `.notFound`.
    package func payment(merchant: String, id: String) async throws -> Payment {
        guard let payment = try await storage.payment(merchant: merchant, id: id) else {
            throw PaymentError(.notFound, "there is no payment \"\(id.prefix(40))\"")
        }
        return payment
    }

    /// The channel of a payment, under the merchant number under which it was begun.
    ///
    /// - Throws: ``PaymentError`` `.notFound`, `.unavailable`. Another merchant number would not know the payment, and its
    ///   "no such order" would be believed.
    package func channel(for payment: Payment) throws(PaymentError) -> any PaymentChannel {
        let merchant = try directory.merchant(payment.merchant)
        guard merchant.mchid == payment.mchid else {
            throw PaymentError(
                .unavailable,
                "payment \(payment.id) was begun under merchant number \(payment.mchid), but merchant \(merchant.id) is now "
                    + "\(merchant.mchid); configure the old number again, and the new one under an id of its own")
        }
        return try merchant.channel(payment.channel)
    }

    /// Books an observation in a transaction of its own.
    ///
    /// - Parameter claimed: what a job put down as the next question when it claimed this one. The question after it is
    ///   put down in the same transaction, unless somebody else wants an earlier one in the meantime.
    /// - Throws: ``PaymentError``; ``Refusal`` when the observation does not fit, after it was logged.
    @discardableResult
    package func record(
        _ fact: Observation.Fact, source: Observation.Source, on payment: Payment, claimed: Timestamp? = nil
    ) async throws -> Payment {
        let observation = Observation(fact, source: source, at: clock.now)
        let (merchant, id) = (payment.merchant, payment.id)
        do {
            let result = try await storage.write(merchant) { transaction in
                guard let locked = try transaction.lock(merchant: merchant, id: id) else {
                    throw PaymentError(.notFound, "there is no payment \"\(id)\"")
                }
                // The question was asked before the money came, and its answer is older than what we know.
                if payment.state != .paid, locked.state == .paid, !fact.isAboutMoney {
                    return Booking.Result(payment: locked, from: nil)
                }
                let result = try Booking.record(observation, on: locked, in: transaction)
                guard let claimed, result.payment.nextQueryAt == claimed else { return result }
                let next = Self.rescheduled(result.payment, after: observation.at)
                try transaction.save(next)
                return Booking.Result(payment: next, from: result.from, givenBack: result.givenBack)
            }
            announce(result, source)
            return result.payment
        } catch let refusal as Refusal {
            report(refusal, observation, merchant: merchant, outTradeNo: payment.outTradeNo)
            throw refusal
        }
    }

    /// Puts the question after one that a job had claimed down, when there was nothing to book.
    func postpone(_ payment: Payment, claimed: Timestamp) async throws {
        let now = clock.now
        let (merchant, id) = (payment.merchant, payment.id)
        try await storage.write(merchant) { transaction in
            guard let locked = try transaction.lock(merchant: merchant, id: id), locked.nextQueryAt == claimed else { return }
            try transaction.save(Self.rescheduled(locked, after: now))
        }
    }

    private static func rescheduled(_ payment: Payment, after now: Timestamp) -> Payment {
        var next = payment
        next.queryCount += 1
        next.nextQueryAt = next.state.isOpen ? QuerySchedule.next(for: next, after: now) : nil
        return next
    }

    /// Tells consumers and the log of a payment whose state has changed.
    func announce(_ result: Booking.Result, _ source: Observation.Source) {
        if let refund = result.givenBack { announce(givenBack: refund) }
        guard let from = result.from else { return }
        outboxSignal.notify()
        let payment = result.payment
        let metadata: Logger.Metadata = [
            "merchant": "\(payment.merchant)", "payment": "\(payment.id)", "out_trade_no": "\(payment.outTradeNo)",
            "source": "\(source.rawValue)",
        ]
        if payment.state == .paid, !from.isOpen {
            logger.critical("late success: the payment was \(from.rawValue) here and is paid at WeChat", metadata: metadata)
        } else if payment.failureCode == ChannelCode.outTradeNoUsed {
            logger.critical("the number belongs to an order that this server did not place", metadata: metadata)
        } else {
            logger.info("payment \(payment.state.rawValue)", metadata: metadata)
        }
    }

    /// Money goes back that nobody asked for. It does so by itself, but how it came to that is worth a look.
    private func announce(givenBack refund: Refund) {
        outboxSignal.notify()
        let metadata: Logger.Metadata = [
            "merchant": "\(refund.merchant)", "payment": "\(refund.paymentID)", "out_trade_no": "\(refund.outTradeNo)",
            "transaction_id": "\(refund.transactionID)", "refund": "\(refund.id)",
        ]
        if refund.kind == .reversal {
            logger.warning("a charge that was booked as paid was taken back", metadata: metadata)
        } else if refund.countsTowardsPayment {
            logger.warning("a second payment of one order: it is given back", metadata: metadata)
        } else {
            logger.critical("a second transaction under one number: it is booked apart and given back", metadata: metadata)
        }
    }

    /// WeChat said something verifiable that does not fit: money may have moved, and somebody must look.
    func report(_ refusal: Refusal, _ observation: Observation, merchant: String, outTradeNo: String) {
        var metadata: Logger.Metadata = [
            "merchant": "\(merchant)", "out_trade_no": "\(outTradeNo)", "source": "\(observation.source.rawValue)",
        ]
        if case .trade(let facts) = observation.fact {
            metadata["trade_state"] = "\(facts.state.text)"
            metadata["transaction_id"] = "\(facts.transactionID ?? "-")"
        }
        logger.critical("observation refused: \(refusal)", metadata: metadata)
    }
}
