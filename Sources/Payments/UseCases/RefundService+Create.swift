import PaymentPrimitives

extension RefundService {
    /// What came of a request for a refund.
    package enum Created: Sendable {
        case refund(Standing)
        /// The answer that was given to the same request before.
        case replay(StoredAnswer)
    }

    /// Puts a refund down durably, then takes it to WeChat. When WeChat gives no answer the refund stays and a job goes on
    /// with it.
    ///
    /// - Throws: ``PaymentError``: `.invalidRequest`, `.notFound`, `.wrongState`, `.notRefundable`, `.outRefundNoUsed`,
    ///   `.idempotencyKeyReused`, `.inProgress`, `.refusedByWeChat`.
    package func create(_ request: NewRefund, idempotency: PaymentService.Idempotency?) async throws -> Created {
        let merchant = try payments.directory.merchant(request.merchant)
        let now = clock.now
        // Made here and not in the transaction, which may run again.
        let (id, number) = (payments.ids.next("rf"), request.outRefundNo ?? payments.ids.next())
        enum Step: Sendable {
            case fresh(Refund)
            case resume(Refund)
            case replay(StoredAnswer)
        }
        let step: Step = try await storage.write(merchant.id) { transaction in
            switch try idempotency.flatMap({ try transaction.earlierRequest($0, now: now) }) {
            case .answered(let answer): return .replay(answer)
            case .unfinished(let record):
                guard let id = record.refundID, let earlier = try transaction.refund(merchant: record.merchant, id: id) else {
                    throw PaymentError(.notFound, "the refund of this Idempotency-Key is gone")
                }
                return .resume(earlier)
            case nil: break
            }
            try request.validate()
            guard let payment = try transaction.lock(merchant: merchant.id, id: request.paymentID) else {
                throw PaymentError(.notFound, "there is no payment \"\(request.paymentID.prefix(40))\"")
            }
            if let earlier = try transaction.refund(merchant: merchant.id, outRefundNo: number) {
                guard request.isMet(by: earlier) else { throw Self.numberUsed(number) }
                if let idempotency { try transaction.keep(idempotency, merchant: merchant.id, refundID: earlier.id, now: now) }
                return .resume(earlier)
            }
            // Without a channel it could not be sent, and would hold the money for ever.
            _ = try payments.channel(for: payment)
            var refund = try request.refund(of: payment, id: id, outRefundNo: number, now: now)
            refund.nextActionAt = now.advanced(by: RefundSchedule.sending)
            guard try RefundBooking.create(refund, of: payment, source: "api", in: transaction) != nil else {
                throw Self.numberUsed(number)
            }
            if let idempotency { try transaction.keep(idempotency, merchant: merchant.id, refundID: refund.id, now: now) }
            return .fresh(refund)
        }
        let refund: Refund
        switch step {
        case .replay(let answer): return .replay(answer)
        case .fresh(let made), .resume(let made): refund = made
        }
        let standing = try await attend(refund)
        if let code = standing.refund.failureCode {
            throw PaymentError(
                .refusedByWeChat, "WeChat refused the refund; nothing goes back under this number", wechatCode: code)
        }
        return .refund(standing)
    }

    private static func numberUsed(_ number: String) -> PaymentError {
        PaymentError(
            .outRefundNoUsed, "out_refund_no \(number) was used before for another refund; a number is used once",
            field: "out_refund_no")
    }

    /// Does what is next for a refund, unless somebody is at it: then it is as it is stored.
    private func attend(_ refund: Refund) async throws -> Standing {
        guard inFlight.enter(refund.id) else { return try await standing(merchant: refund.merchant, id: refund.id) }
        defer { inFlight.leave(refund.id) }
        do {
            return try await advance(refund).standing
        } catch is Refusal {
            return try await postpone(refund)
        }
    }

    /// Asks WeChat for a refund, or sends it again when WeChat has not taken it; at most once in two seconds.
    ///
    /// - Throws: ``PaymentError`` `.notFound`; ``Refusal`` when WeChat's answer does not fit the refund.
    package func sync(merchant: String, id: String) async throws -> Standing {
        let stored = try await standing(merchant: merchant, id: id)
        guard stored.refund.state.isOpen, inFlight.enter(id) else { return stored }
        defer { inFlight.leave(id) }
        let now = clock.now
        let mayAsk = try await storage.write(merchant) {
            try $0.claimRefundQuery(merchant: merchant, id: id, now: now, interval: PaymentService.syncInterval)
        }
        return mayAsk ? try await advance(stored.refund).standing : try await standing(merchant: merchant, id: id)
    }
}
