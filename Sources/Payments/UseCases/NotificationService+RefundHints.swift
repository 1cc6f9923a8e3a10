import PaymentPrimitives

extension NotificationService {
    private enum Next: Sendable {
        /// A refund of ours that has not ended; the question is put down.
        case scheduled
        /// It has ended here: nothing that nobody signed can change it.
        case over
        /// Somebody else's refund of a payment of ours, perhaps: WeChat is asked now.
        case ask(Payment)
        /// Asked a moment ago.
        case tooOften
        /// The payment is ours, and not paid here yet; a question for it is put down.
        case tooEarly
        case unknown
    }

    /// Follows an unsigned word of a refund. Of a refund that is known it makes the job ask; of one that is not, but whose
    /// payment is ours, WeChat is asked at once, at most one time in two seconds, and its answer is booked.
    func follow(
        _ outTradeNo: String, _ outRefundNo: String, _ merchant: MerchantContext, _ channel: any PaymentChannel
    ) async throws -> NotificationVerdict {
        let now = payments.clock.now
        let next = try await payments.storage.write(merchant.id) { transaction -> Next in
            if let known = try transaction.refund(merchant: merchant.id, outRefundNo: outRefundNo) {
                guard known.outTradeNo == outTradeNo else { return .unknown }
                guard known.state.isOpen else { return .over }
                var (refund, _) = try RefundService.lock(known, in: transaction)
                refund.nextActionAt = now
                try transaction.save(refund)
                return .scheduled
            }
            guard let payment = try transaction.lock(merchant: merchant.id, outTradeNo: outTradeNo) else { return .unknown }
            guard payment.state == .paid else {
                try Self.schedule(payment, at: now, in: transaction)
                return .tooEarly
            }
            let isMine = try transaction.claimQuery(
                merchant: merchant.id, id: payment.id, now: now, interval: .seconds(2))
            return isMine ? .ask(payment) : .tooOften
        }
        switch next {
        case .scheduled, .over: return .accepted
        case .tooOften: return .tryAgain("asked a moment ago")
        case .tooEarly: return .tryAgain("the payment \(outTradeNo) is not known to be paid yet")
        case .unknown:
            refuse("an unsigned notification of a refund names a payment that is not ours", merchant)
            return .tryAgain("no payment \(outTradeNo) here")
        case .ask(let payment): return try await ask(for: outRefundNo, of: payment, merchant, channel)
        }
    }

    private func ask(
        for outRefundNo: String, of payment: Payment, _ merchant: MerchantContext, _ channel: any PaymentChannel
    ) async throws -> NotificationVerdict {
        guard payment.channel == channel.kind else { return .rejected("a payment of another channel") }
        // Nothing of it is known but its number: the question needs no more.
        let asked = Refund(
            of: payment, id: payments.ids.next("rf"), kind: .external, outRefundNo: outRefundNo,
            transactionID: payment.transactionID ?? "", amount: payment.amount, createdAt: payments.clock.now)
        switch await channel.queryRefund(asked, of: payment) {
        case .known(var facts):
            facts.mchid = merchant.mchid
            return try await book(facts, merchant)
        case .refused(let code, _, _):
            refuse("WeChat does not know the refund that an unsigned notification names (\(code))", merchant)
            return .rejected(code)
        case .unknown(let why): return .tryAgain(why)
        }
    }
}
