import Logging
import PaymentPrimitives

/// Takes notifications: verified first, then booked, and answered only after the commit is on disk.
package struct NotificationService: Sendable {
    let payments: PaymentService

    package init(payments: PaymentService) {
        self.payments = payments
    }

    /// Handles one notification for a merchant's channel and gives the bytes to answer with.
    ///
    /// - Throws: ``PaymentError`` `.notFound` when there is no such merchant or channel.
    package func receive(_ raw: RawNotification, merchant id: String, channel kind: ChannelKind) async throws -> ChannelAnswer {
        let merchant = try payments.directory.merchant(id)
        guard let channel = merchant.channels[kind] else {
            throw PaymentError(.notFound, "merchant \(id) has no channel \(kind.rawValue)")
        }
        let verdict = await verdict(on: await channel.receive(raw), merchant: merchant, channel: channel)
        return channel.answer(to: raw, verdict)
    }

    private func verdict(
        on received: Received, merchant: MerchantContext, channel: any PaymentChannel
    ) async -> NotificationVerdict {
        do {
            switch received {
            case .rejected(let why):
                refuse(why, merchant)
                return .rejected(why)
            case .undecided(let why):
                refuse(why, merchant)
                return .tryAgain(why)
            case .hint(let reference): return try await schedule(reference.outTradeNo, merchant)
            case .refundHint(let outTradeNo, let outRefundNo):
                return try await follow(outTradeNo, outRefundNo, merchant, channel)
            case .event(let id, let type, let content): return try await keep(id, type, content, merchant)
            case .observed(let facts):
                for fact in facts {
                    let verdict = try await book(fact, merchant, channel.kind)
                    guard verdict == .accepted else { return verdict }
                }
                return .accepted
            case .observedRefund(let facts): return try await book(facts, merchant)
            }
        } catch {
            // Whatever the storage says, WeChat must send it again: a 2xx means that the state is on disk.
            refuse("\(error)", merchant)
            return .tryAgain("\(error)")
        }
    }

    func refuse(_ why: String, _ merchant: MerchantContext) {
        payments.logger.warning("notification not accepted: \(why)", metadata: ["merchant": "\(merchant.id)"])
    }

    private func book(
        _ facts: TradeFacts, _ merchant: MerchantContext, _ kind: ChannelKind
    ) async throws -> NotificationVerdict {
        guard facts.mchid == merchant.mchid else {
            refuse("mchid is not that of merchant \(merchant.id)", merchant)
            return .rejected("mchid")
        }
        guard facts.state == .success else {
            // A success event whose content says otherwise proves nothing; WeChat itself will tell.
            return try await schedule(facts.outTradeNo, merchant)
        }
        let observation = Observation(.trade(facts), source: .notification, at: payments.clock.now)
        do {
            let result = try await payments.storage.write(merchant.id) { transaction -> Booking.Result? in
                guard let locked = try transaction.lock(merchant: merchant.id, outTradeNo: facts.outTradeNo) else { return nil }
                // WeChat tells of an order in the language in which it was placed. Otherwise whoever has the weaker key
                // could pay for the orders of the stronger one.
                guard locked.channel == kind else { throw Refusal.mismatch(field: "channel") }
                return try Booking.record(observation, on: locked, in: transaction)
            }
            guard let result else { return unknown(facts.outTradeNo, merchant) }
            payments.announce(result, .notification)
            return .accepted
        } catch let refusal as Refusal {
            payments.report(refusal, observation, merchant: merchant.id, outTradeNo: facts.outTradeNo)
            return .rejected("\(refusal)")
        }
    }

    /// Puts a question to WeChat down durably; a job asks it. Unknown and final numbers are never asked for.
    private func schedule(_ outTradeNo: String, _ merchant: MerchantContext) async throws -> NotificationVerdict {
        let now = payments.clock.now
        let known = try await payments.storage.write(merchant.id) { transaction -> Bool in
            guard let payment = try transaction.lock(merchant: merchant.id, outTradeNo: outTradeNo) else { return false }
            try Self.schedule(payment, at: now, in: transaction)
            return true
        }
        return known ? .accepted : unknown(outTradeNo, merchant)
    }

    static func schedule(_ payment: Payment, at now: Timestamp, in transaction: any PaymentTransaction) throws {
        guard payment.state != .paid, payment.state != .failed else { return }
        var payment = payment
        payment.nextQueryAt = now
        try transaction.save(payment)
    }

    func unknown(_ outTradeNo: String, _ merchant: MerchantContext) -> NotificationVerdict {
        payments.logger.critical(
            "a verified notification names a payment that is not ours; look for a second system with this merchant number",
            metadata: ["merchant": "\(merchant.id)", "out_trade_no": "\(outTradeNo)"])
        return .tryAgain("no payment \(outTradeNo) here")
    }

    private func keep(
        _ id: String, _ type: String, _ content: [UInt8], _ merchant: MerchantContext
    ) async throws -> NotificationVerdict {
        struct Event: Encodable {
            let id: String
            let eventType: String
            let resource: String

            enum CodingKeys: String, CodingKey {
                case id, resource
                case eventType = "event_type"
            }
        }
        let event = OutboxEvent(
            merchant: merchant.id, id: "evt_wechat_\(id)", kind: .wechatEvent, paymentID: nil,
            data: try StrictJSON.encode(
                Event(id: id, eventType: type, resource: String(decoding: content, as: UTF8.self))),
            at: payments.clock.now)
        try await payments.storage.write(merchant.id) { try $0.append(event) }
        payments.outboxSignal.notify()
        return .accepted
    }
}
