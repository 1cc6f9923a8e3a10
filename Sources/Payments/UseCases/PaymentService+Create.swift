import Logging
import PaymentPrimitives

extension PaymentService {
    /// Who asks, so that asking twice has one effect.
    package struct Idempotency: Sendable {
        package let client: String
        package let key: String
        /// A digest of the request.
        package let fingerprint: String

        package init(client: String, key: String, fingerprint: String) {
            self.client = client
            self.key = key
            self.fingerprint = fingerprint
        }
    }

    /// What came of a request for a payment.
    package enum Created: Sendable {
        /// The payment, and what the front end hands to WeChat (nil when there is nothing to pay any more).
        case payment(Payment, ClientHandOff?)
        /// The answer that was given to the same request before.
        case replay(StoredAnswer)
    }

    /// How long one worker may be at a request before another resumes it.
    static let lease: Duration = .seconds(30)

    /// Puts a payment down durably, then takes it to WeChat.
    ///
    /// - Throws: ``PaymentError``: `.invalidRequest`, `.outTradeNoUsed`, `.idempotencyKeyReused`, `.inProgress`,
    ///   `.refusedByWeChat`; `.conflict` while the reference has another open payment, `.wrongState` when it has been paid;
    ///   `.resultUnknown` when WeChat gave no answer: the payment stays and the same request resumes it.
    package func create(_ request: NewPayment, idempotency: Idempotency?) async throws -> Created {
        let merchant = try directory.merchant(request.merchant)
        let now = clock.now
        // Judged only after the key was looked up: a request that is sent again gets its first answer, even if its
        // expires_at has come too close in the meantime.
        let candidate = Result { try newPayment(request, merchant: merchant, now: now) }
        enum Step: Sendable {
            case fresh(Payment)
            case resume(Payment)
            case replay(StoredAnswer)
        }
        let step: Step = try await storage.write(merchant.id) { transaction in
            switch try idempotency.flatMap({ try transaction.earlierRequest($0, now: now) }) {
            case .answered(let answer): return .replay(answer)
            case .unfinished(let record):
                guard let id = record.paymentID, let earlier = try transaction.payment(merchant: record.merchant, id: id) else {
                    throw PaymentError(.notFound, "the payment of this Idempotency-Key is gone")
                }
                return .resume(earlier)
            case nil: break
            }
            let payment = try candidate.get()
            if let reference = payment.reference,
                let open = try transaction.openPayment(
                    merchant: payment.merchant, subMchid: payment.subMchid, reference: reference)
            {
                // The code that this request brings is another one, and the first may take the money yet.
                guard open.method != .codePay else {
                    throw PaymentError(
                        .conflict,
                        "reference has a charge whose result is not known yet, payment \(open.id); no other is made before it is",
                        field: "reference")
                }
                guard open.isWhat(request, wants: payment) else {
                    throw PaymentError(
                        .conflict, "reference has an open payment \(open.id) that differs from this one; close that one first",
                        field: "reference")
                }
                if let idempotency { try transaction.keep(idempotency, merchant: open.merchant, paymentID: open.id, now: now) }
                return .resume(open)
            }
            // What is paid a second time goes back by itself; it is better not to take it.
            if try transaction.isPaidOtherwise(payment) {
                throw PaymentError(.wrongState, "reference has been paid before; take another one", field: "reference")
            }
            guard try Booking.create(payment, in: transaction) else {
                throw PaymentError(
                    .outTradeNoUsed, "out_trade_no \(payment.outTradeNo) was used before; a number is used once",
                    field: "out_trade_no")
            }
            if let idempotency { try transaction.keep(idempotency, merchant: payment.merchant, paymentID: payment.id, now: now) }
            return .fresh(payment)
        }
        switch step {
        case .replay(let answer): return .replay(answer)
        case .fresh(let payment):
            guard let authCode = request.authCode else { return try await begin(payment) }
            return try await charge(payment, authCode: authCode)
        case .resume(let earlier) where earlier.method == .codePay: return try await resume(charge: earlier)
        case .resume(let earlier): return try await begin(earlier)
        }
    }

    /// Refuses what ``create(_:idempotency:)`` would refuse whatever is stored.
    ///
    /// - Throws: ``PaymentError``: `.notFound`, `.invalidRequest`, `.unavailable`.
    package func check(_ request: NewPayment) throws {
        _ = try newPayment(request, merchant: directory.merchant(request.merchant), now: clock.now)
    }

    /// Keeps the final answer to a request, to give it again; also one that made no payment.
    ///
    /// - Parameter hasMade: whether the answer is about the payment or refund that was made under the key. One that is not
    ///   never takes the place of another worker's.
    package func store(
        _ answer: StoredAnswer, for idempotency: Idempotency, merchant: String, hasMade: Bool
    ) async throws {
        let now = clock.now
        try await storage.write(merchant) { transaction in
            _ = try transaction.insert(
                IdempotencyRecord(
                    client: idempotency.client, key: idempotency.key, fingerprint: idempotency.fingerprint,
                    merchant: merchant, paymentID: nil, leaseUntil: now, createdAt: now))
            guard var record = try transaction.idempotency(client: idempotency.client, key: idempotency.key),
                record.answer == nil, record.fingerprint == idempotency.fingerprint,
                hasMade == (record.paymentID != nil || record.refundID != nil)
            else { return }
            record.answer = answer
            try transaction.save(record)
        }
    }

    /// Gives up the lease on a request whose result is unknown, so that sending it again resumes it at once.
    package func release(_ idempotency: Idempotency, merchant: String) async throws {
        let now = clock.now
        try await storage.write(merchant) { transaction in
            guard var record = try transaction.idempotency(client: idempotency.client, key: idempotency.key),
                record.answer == nil
            else { return }
            record.leaseUntil = now
            try transaction.save(record)
        }
    }

    /// Takes a payment to WeChat, or again when its prepay_id has grown old, and signs what the front end needs.
    func begin(_ payment: Payment) async throws -> Created {
        if payment.state == .failed {
            throw PaymentError(.refusedByWeChat, "WeChat refused the order", wechatCode: payment.failureCode)
        }
        guard payment.state.isOpen else { return .payment(payment, nil) }
        let channel = try channel(for: payment)
        if payment.prepay?.isFresh(at: clock.now) == true { return .payment(payment, try handOff(payment, channel)) }
        switch await channel.begin(payment) {
        case .known(let order):
            let begun = try await record(.begun(order), source: .begin, on: payment)
            return .payment(begun, begun.state.isOpen ? try handOff(begun, channel) : nil)
        case .refused(let code, let message, let final) where final || ChannelCode.numberIsTaken.contains(code):
            // Refused for good is only what nobody can pay. An order that WeChat took before may be paid by now.
            let refused = try await record(.refused(code: code), source: .begin, on: payment)
            if refused.state == .failed {
                throw PaymentError(.refusedByWeChat, "WeChat refused the order: \(message)", wechatCode: code)
            }
            let asked = try await ask(refused, channel)
            guard !asked.state.isOpen else {
                throw PaymentError(
                    .resultUnknown, "WeChat did not take the order again: \(message); the payment \(asked.id) is kept",
                    wechatCode: code)
            }
            return .payment(asked, nil)
        case .refused(let code, let message, _):
            logger.warning("begin refused for now", metadata: ["payment": "\(payment.id)", "code": "\(code)"])
            throw PaymentError(
                .resultUnknown, "WeChat did not take the order now: \(message); send the same request again", wechatCode: code)
        case .unknown(let why):
            logger.warning("begin without an answer: \(why)", metadata: ["payment": "\(payment.id)"])
            throw PaymentError(
                .resultUnknown,
                "WeChat gave no answer that can be trusted; the payment \(payment.id) is kept, send the same request again")
        }
    }

    private func handOff(_ payment: Payment, _ channel: any PaymentChannel) throws -> ClientHandOff {
        switch channel.handOff(payment) {
        case .known(let handOff): return handOff
        case .refused(_, let message, _), .unknown(let message):
            throw PaymentError(.unavailable, "the payment parameters could not be signed: \(message)")
        }
    }

    private func newPayment(_ request: NewPayment, merchant: MerchantContext, now: Timestamp) throws -> Payment {
        try request.validate(for: merchant, now: now)
        let channel = try merchant.channel(merchant.newPayments)
        guard channel.capabilities.contains(request.method), let notifyURL = merchant.notifyURLs[channel.kind] else {
            throw PaymentError(
                .invalidRequest, "method \(request.method.rawValue) is not to be had through channel \(channel.kind.rawValue)",
                field: "method")
        }
        let isCharge = request.method == .codePay
        var options = request.options
        if request.method == .h5, options.scene?.h5Info == nil { options.scene?.h5Info = PaymentOptions.H5(type: "Wap") }
        var payment = Payment(
            merchant: merchant.id, id: ids.next("pay"), version: 1, channel: channel.kind, method: request.method,
            mchid: merchant.mchid, appid: request.appid, subMchid: request.subMchid, subAppid: request.subAppid,
            outTradeNo: request.outTradeNo ?? ids.next(), amount: request.amount, description: request.description,
            attach: request.attach, reference: request.reference, openID: request.openID, options: options,
            notifyURL: notifyURL, chargedAt: isCharge ? now : nil, createdAt: now,
            expiresAt: request.expiresAt ?? now.advanced(by: isCharge ? Self.chargeTTL : merchant.orderTTL))
        payment.nextQueryAt = QuerySchedule.next(for: payment, after: now)
        return payment
    }
}

extension Payment {
    /// Whether this open payment is what a request asks for: in all that it names.
    fileprivate func isWhat(_ request: NewPayment, wants payment: Payment) -> Bool {
        method == payment.method && amount == payment.amount && appid == payment.appid && subAppid == payment.subAppid
            && openID == payment.openID && description == payment.description && attach == payment.attach
            && options.isSame(as: payment.options)
            && (request.outTradeNo == nil || outTradeNo == request.outTradeNo)
            && (request.expiresAt == nil || expiresAt == request.expiresAt)
    }
}
