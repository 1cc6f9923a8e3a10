import Logging
import PaymentPrimitives

extension PaymentService {
    /// How long a charge may stay unanswered before it is taken back, unless the request says otherwise.
    static let chargeTTL: Duration = .seconds(45)
    /// WeChat takes nothing back sooner (《撤销订单》).
    static let reversibleAfter: Duration = .seconds(15)

    /// Charges the payer's code, once. The row that says so is on disk before.
    ///
    /// Whatever does not come back is asked for, and never charged again; after ``chargeTTL`` the job takes it back.
    func charge(_ payment: Payment, authCode: Secret) async throws -> Created {
        let channel = try channel(for: payment)
        // Nobody may take the charge back while it is under way.
        guard inFlight.enter(payment.id) else {
            throw PaymentError(.inProgress, "WeChat is being asked for this payment; try again in a few seconds")
        }
        defer { inFlight.leave(payment.id) }
        switch await channel.charge(payment, authCode: authCode) {
        case .known(.finished(let facts)):
            return try settled(try await record(.trade(facts), source: .charge, on: payment))
        case .known(.userPaying):
            return try settled(try await record(.userPaying, source: .charge, on: payment))
        case .refused(let code, let message, true):
            let refused = try await record(.refused(code: code), source: .charge, on: payment)
            guard refused.state == .failed else { return try settled(refused) }
            throw PaymentError(.refusedByWeChat, "WeChat refused the charge: \(message)", wechatCode: code)
        case .refused(let code, _, _) where ChannelCode.numberIsTaken.contains(code):
            // By somebody else's order, or by this charge if something between us and WeChat sent it twice.
            return try settled(try await ask(payment, channel))
        case .refused(let code, let message, _):
            logger.warning("charge not refused for good", metadata: ["payment": "\(payment.id)", "code": "\(code)"])
            throw Self.unknownCharge(payment, message)
        case .unknown(let why):
            logger.warning("charge without an answer: \(why)", metadata: ["payment": "\(payment.id)"])
            throw Self.unknownCharge(payment, "no answer that can be trusted")
        }
    }

    /// A charge that was sent before: it is asked for, never sent again.
    func resume(charge payment: Payment) async throws -> Created {
        try settled(try await sync(merchant: payment.merchant, id: payment.id))
    }

    /// There is nothing that a front end could do for a code that was charged.
    private func settled(_ payment: Payment) throws -> Created {
        switch payment.state {
        case .failed:
            throw PaymentError(.refusedByWeChat, "WeChat refused the charge", wechatCode: payment.failureCode)
        case .created: throw Self.unknownCharge(payment, "it has not told yet")
        case .pending, .userPaying, .closed, .paid: return .payment(payment, nil)
        }
    }

    private static func unknownCharge(_ payment: Payment, _ why: String) -> PaymentError {
        PaymentError(
            .resultUnknown,
            "what became of the charge is not known (WeChat: \(why)); the payment \(payment.id) is asked for, and taken back if "
                + "nobody pays in time. Send the same request again, or ask for the payment; charge no other code before")
    }

    /// Takes a charge back, paid or not, for who has asked just before and has entered ``inFlight``.
    ///
    /// - Throws: ``PaymentError`` `.inProgress` when it is too early; `.resultUnknown` when WeChat gave no answer, so that
    ///   it has to be told again.
    func reverse(_ asked: Payment, _ channel: any PaymentChannel) async throws -> Payment {
        if let chargedAt = asked.chargedAt, clock.now < chargedAt.advanced(by: Self.reversibleAfter) {
            throw PaymentError(
                .inProgress, "a charge can be taken back 15 seconds after it, not before; try again in a few seconds")
        }
        // On disk before it is told: an answer that is lost must not let a later success pass for one that stays.
        let asked = try await record(.reversing, source: .reverse, on: asked)
        guard asked.state.isOpen else { return asked }
        switch await channel.reverse(asked.channelReference) {
        case .known: return try await record(.reversed, source: .reverse, on: asked)
        case .refused(ChannelCode.orderNotExist, _, _):
            let payment = try await record(.absentAtClose, source: .reverse, on: asked)
            guard !payment.state.isOpen else {
                throw PaymentError(.resultUnknown, "WeChat does not know the charge, which may still be on its way; try again")
            }
            return payment
        case .refused(let code, let message, let final):
            logger.warning("reverse refused", metadata: ["payment": "\(asked.id)", "code": "\(code)"])
            // Refused for good, it stands: whoever has paid has paid. Otherwise an earlier reversal may have been heard whose
            // answer was lost; the order's state says so.
            let standing = try await ask(final ? record(.notReversed, source: .reverse, on: asked) : asked, channel)
            guard standing.state.isOpen else { return standing }
            throw PaymentError(.resultUnknown, "WeChat refused to take the charge back: \(message)", wechatCode: code)
        case .unknown(let why):
            logger.warning("reverse without an answer: \(why)", metadata: ["payment": "\(asked.id)"])
            throw PaymentError(.resultUnknown, "WeChat gave no answer to the reversal; ask again")
        }
    }
}
