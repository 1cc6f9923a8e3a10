import Logging
import PaymentPrimitives

/// What can be done with payments. Everything that talks to WeChat does so outside of transactions, and everything that
/// changes a payment goes through ``Booking``.
package struct PaymentService: Sendable {
    package let storage: any PaymentStorage
    package let directory: any MerchantDirectory
    let clock: any WallClock
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

    /// Books an observation in a transaction of its own.
    ///
    /// - Parameter job: set when a job asked: the next question is put down in the same transaction.
    /// - Throws: ``PaymentError``; ``Refusal`` when the observation does not fit, after it was logged.
    @discardableResult
    package func record(_ fact: Observation.Fact, source: Observation.Source, on payment: Payment, job: Bool = false)
        async throws -> Payment
    {
        let observation = Observation(fact, source: source, at: clock.now)
        let (merchant, id) = (payment.merchant, payment.id)
        do {
            let result = try await storage.write(merchant) { transaction in
                guard let locked = try transaction.lock(merchant: merchant, id: id) else {
                    throw PaymentError(.notFound, "there is no payment \"\(id)\"")
                }
                let result = try Booking.record(observation, on: locked, in: transaction)
                guard job, result.payment.state.isOpen else { return result }
                var next = result.payment
                next.queryCount += 1
                next.nextQueryAt = QuerySchedule.next(
                    after: observation.at, count: next.queryCount, expiresAt: next.expiresAt)
                try transaction.save(next)
                return Booking.Result(payment: next, changedState: result.changedState)
            }
            if result.changedState {
                outboxSignal.notify()
                logger.info(
                    "payment \(result.payment.state.rawValue)",
                    metadata: [
                        "merchant": "\(merchant)", "payment": "\(id)", "out_trade_no": "\(result.payment.outTradeNo)",
                        "source": "\(source.rawValue)",
                    ])
            }
            return result.payment
        } catch let refusal as Refusal {
            logger.error(
                "observation refused: \(refusal)",
                metadata: ["merchant": "\(merchant)", "payment": "\(id)", "source": "\(source.rawValue)"])
            throw refusal
        }
    }
}
