import Logging
import PaymentPrimitives

extension PaymentService {
    /// Gaps between questions that callers may cause.
    static let syncInterval: Duration = .seconds(2)

    /// Asks WeChat for a payment, at most once in two seconds and one question at a time; others get what is stored.
    ///
    /// - Throws: ``PaymentError`` `.notFound`; ``Refusal`` when WeChat's answer does not fit the payment.
    package func sync(merchant: String, id: String) async throws -> Payment {
        let stored = try await payment(merchant: merchant, id: id)
        guard stored.state != .paid, stored.state != .failed else { return stored }
        let now = clock.now
        guard inFlight.enter(id) else { return stored }
        defer { inFlight.leave(id) }
        let mayAsk = try await storage.write(merchant) {
            try $0.claimQuery(merchant: merchant, id: id, now: now, interval: Self.syncInterval)
        }
        guard mayAsk else { return try await payment(merchant: merchant, id: id) }
        let channel = try channel(for: stored)
        do {
            return try await ask(stored, channel)
        } catch let error as PaymentError where error.code == .resultUnknown {
            return try await payment(merchant: merchant, id: id)
        }
    }

    /// Asks WeChat and books the answer.
    ///
    /// - Throws: ``PaymentError`` `.resultUnknown` when there was no answer; ``Refusal`` when it does not fit.
    func ask(_ payment: Payment, _ channel: any PaymentChannel, claimed: Timestamp? = nil) async throws -> Payment {
        switch await channel.query(payment.channelReference) {
        case .known(let facts): return try await record(.trade(facts), source: .query, on: payment, claimed: claimed)
        case .refused(ChannelCode.orderNotExist, _, _):
            return try await record(.absent, source: .query, on: payment, claimed: claimed)
        case .refused(let code, let message, _):
            logger.warning("query refused: \(message)", metadata: ["payment": "\(payment.id)", "code": "\(code)"])
            throw PaymentError(.resultUnknown, "WeChat refused to tell about the payment: \(message)", wechatCode: code)
        case .unknown(let why):
            logger.warning("query without an answer: \(why)", metadata: ["payment": "\(payment.id)"])
            throw PaymentError(.resultUnknown, "WeChat gave no answer that can be trusted")
        }
    }

    /// Closes a payment: asks WeChat first, closes there, and asks again when the close is refused. Somebody who paid
    /// at the last moment has paid.
    ///
    /// Returns the payment as it is then: `closed`, or `paid` when the money was there already.
    /// - Throws: ``PaymentError`` `.notFound`; `.inProgress` when WeChat is being asked already; `.resultUnknown` when
    ///   WeChat gave no answer: nothing is closed then.
    package func close(merchant: String, id: String) async throws -> Payment {
        let stored = try await payment(merchant: merchant, id: id)
        guard stored.state.isOpen else { return stored }
        guard inFlight.enter(id) else {
            throw PaymentError(.inProgress, "WeChat is being asked for this payment; try again in a few seconds")
        }
        defer { inFlight.leave(id) }
        return try await closeNow(stored)
    }

    /// ``close(merchant:id:)`` for who has entered ``inFlight``.
    func closeNow(_ stored: Payment) async throws -> Payment {
        let channel = try channel(for: stored)
        // What WeChat may be taking back is not asked for first: its answer would be of the moment before.
        if stored.reversingAt != nil { return try await reverse(stored, channel) }
        let asked = try await ask(stored, channel)
        guard asked.state.isOpen else { return asked }
        if asked.method == .codePay { return try await reverse(asked, channel) }
        switch await channel.close(asked.channelReference) {
        case .known, .refused(ChannelCode.orderClosed, _, _):
            return try await record(.closed, source: .close, on: asked)
        case .refused(ChannelCode.orderNotExist, _, _):
            let payment = try await record(.absentAtClose, source: .close, on: asked)
            guard !payment.state.isOpen else {
                throw PaymentError(.resultUnknown, "WeChat does not know the order, which it took before; try again in a minute")
            }
            return payment
        case .refused(ChannelCode.orderPaid, _, _):
            return try await ask(asked, channel)
        case .refused(let code, let message, _):
            throw PaymentError(.resultUnknown, "WeChat refused to close the order: \(message)", wechatCode: code)
        case .unknown(let why):
            logger.warning("close without an answer: \(why)", metadata: ["payment": "\(stored.id)"])
            throw PaymentError(.resultUnknown, "WeChat gave no answer to the close; ask again")
        }
    }
}
