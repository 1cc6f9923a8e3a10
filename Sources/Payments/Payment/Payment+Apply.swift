import PaymentPrimitives

/// What an observation makes of a payment.
package enum Transition: Sendable, Equatable {
    /// The payment as it is now, and what must be written in the same transaction.
    case changed(Payment, [Consequence])
    /// Nothing new.
    case unchanged
    /// The number was paid a second time, by another transaction. The payment is as it was; the money must be booked apart
    /// and go back.
    case paidAgain(TradeFacts)
    /// WeChat took a charge back that is booked as paid. The payment is as it was; the money went back, which is a refund.
    case takenBack
    /// The observation does not fit the payment; nothing may be written and somebody must look.
    case refused(Refusal)
}

/// What must be written together with a payment.
package enum Consequence: Sendable, Equatable {
    /// The money, as ledger lines that sum up to zero.
    case ledger([LedgerLine])
    /// An event for the merchant's systems.
    case outbox(OutboxEvent.Kind)
}

/// Why an observation was refused.
package enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// A field says something else than the payment's.
    case mismatch(field: String)
    /// A field is missing that a decision needs.
    case missing(field: String)
    /// The channel says something that cannot follow from what it said before.
    case contradiction(String)

    package var description: String {
        switch self {
        case .mismatch(let field): "\(field) is not that of the payment"
        case .missing(let field): "\(field) is missing"
        case .contradiction(let what): what
        }
    }
}

extension Payment {
    /// The one place where a payment changes. Pure: the same payment and observation always give the same transition.
    package func apply(_ observation: Observation) -> Transition {
        switch observation.fact {
        case .begun(let order): begun(order, at: observation.at)
        case .refused(let code): refused(code, at: observation.at)
        case .userPaying: awaitsPassword(at: observation.at)
        case .closed: closed(at: observation.at)
        case .reversing: reversing(since: observation.at)
        case .notReversed: reversing(since: nil)
        case .reversed: reversed(at: observation.at)
        case .absent: absent(at: observation.at, isClosing: false)
        case .absentAtClose: absent(at: observation.at, isClosing: true)
        case .trade(let facts):
            foreign(facts, observation.source) ?? mismatch(in: facts).map { .refused($0) } ?? trade(facts, at: observation.at)
        }
    }

    private func begun(_ order: BegunOrder, at now: Timestamp) -> Transition {
        guard state.isOpen else { return .unchanged }
        var payment = self
        if let text = order.prepay, let kind = method.prepayKind {
            payment.prepay = Prepay(kind: kind, text: text, since: now)
        }
        payment.channelOrderID = order.channelOrderID ?? channelOrderID
        if state == .created { payment.state = .pending }
        if nextQueryAt == nil { payment.nextQueryAt = QuerySchedule.next(for: self, after: now) }
        return payment == self ? .unchanged : .changed(payment, [])
    }

    /// A refusal counts only as long as nobody can pay: once WeChat took the order, it tells nothing about the money.
    private func refused(_ code: String, at now: Timestamp) -> Transition {
        guard state == .created else { return .unchanged }
        return failed(code)
    }

    private func failed(_ code: String) -> Transition {
        var payment = self
        payment.state = .failed
        payment.failureCode = code
        payment.nextQueryAt = nil
        return .changed(payment, [.outbox(.paymentFailed)])
    }

    private func awaitsPassword(at now: Timestamp) -> Transition {
        state == .created || state == .pending ? moved(to: .userPaying, at: now) : .unchanged
    }

    private func closed(at now: Timestamp) -> Transition {
        guard state.isOpen else { return .unchanged }
        var payment = self
        payment.state = .closed
        payment.closedAt = now
        payment.nextQueryAt = nil
        return .changed(payment, [.outbox(.paymentClosed)])
    }

    /// Told to WeChat, and not heard of again, a reversal may take effect at any moment: a success that is seen meanwhile is
    /// not booked, and the reversal is sent again until its end is known.
    private func reversing(since moment: Timestamp?) -> Transition {
        guard state.isOpen, (reversingAt == nil) != (moment == nil) else { return .unchanged }
        var payment = self
        payment.reversingAt = moment
        return .changed(payment, [])
    }

    /// WeChat took the charge back, whether it was paid or not. A payment that is booked is never closed.
    private func reversed(at now: Timestamp) -> Transition {
        if state == .paid { return .takenBack }
        guard state != .failed, reversedAt == nil else { return .unchanged }
        var payment = self
        payment.reversedAt = now
        return state.isOpen ? payment.closed(at: now) : .changed(payment, [])
    }

    /// Nobody was ever given what is needed to pay, and no code was charged.
    private var isUnpayable: Bool { method.prepayKind == nil ? chargedAt == nil : prepay == nil }

    /// WeChat does not know the number.
    ///
    /// Nobody can pay as long as nobody has a prepay_id, so such a payment is closed when it is to be closed. Once WeChat
    /// has taken the order, its not knowing it is a lagging replica and no news; an unpaid order ends there after a week.
    private func absent(at now: Timestamp, isClosing: Bool) -> Transition {
        switch state {
        case .created where isUnpayable, .pending where isUnpayable, .userPaying where isUnpayable:
            isClosing || now > expiresAt ? closed(at: now) : .unchanged
        case .created, .pending, .userPaying:
            isClosing && isCodeDead(at: now) || now > expiresAt.advanced(by: Self.forgottenAfter) ? closed(at: now) : .unchanged
        case .closed, .failed: .unchanged
        case .paid: .refused(.contradiction("WeChat does not know a number that it said was paid"))
        }
    }

    /// A payer's code is good for a minute. A minute later no charge that is still on its way can take money: when WeChat
    /// does not know what it is told to take back then, there is nothing to take back.
    private func isCodeDead(at now: Timestamp) -> Bool {
        chargedAt.map { now >= $0.advanced(by: .seconds(120)) } ?? false
    }

    /// WeChat closes an unpaid order after seven days; a day more, so that its clock and ours agree.
    private static let forgottenAfter: Duration = .seconds(8 * 86_400)

    /// Facts about an order of somebody else's with this payment's number. Without a prepay_id nobody was given anything
    /// to pay with, so what was paid, or differs, is not ours; nor is what was paid before we charged. When WeChat says so
    /// in answer to our question, the number is lost to us; a notification changes nothing.
    private func foreign(_ facts: TradeFacts, _ source: Observation.Source) -> Transition? {
        guard isUnpayable || wasPaidBeforeTheCharge(facts), state != .paid else { return nil }
        let misfit = mismatch(in: facts)
        guard facts.isPaid || misfit != nil else { return nil }
        if state.isOpen, source == .query || source == .charge { return failed(ChannelCode.outTradeNoUsed) }
        return .refused(misfit ?? .contradiction("a number was paid for which this server never had a prepay_id or a charge"))
    }

    /// The clocks may differ by five minutes; more, and WeChat would not talk to us.
    private func wasPaidBeforeTheCharge(_ facts: TradeFacts) -> Bool {
        guard let chargedAt, let paid = facts.successTime else { return false }
        return facts.isPaid && paid < chargedAt.advanced(by: .seconds(-300))
    }

    private func trade(_ facts: TradeFacts, at now: Timestamp) -> Transition {
        switch (state, facts.state) {
        // The money may be on its way back already.
        case (_, .success) where reversingAt != nil && state.isOpen, (_, .refund) where reversingAt != nil && state.isOpen:
            .unchanged
        // The word of a replica that lags behind: WeChat itself has given the money back.
        case (.closed, .success) where reversedAt != nil, (.closed, .refund) where reversedAt != nil:
            .refused(.contradiction("WeChat says \(facts.state.text) of a charge that it has taken back"))
        // A refunded order has been paid before.
        case (.created, .success), (.pending, .success), (.userPaying, .success), (.closed, .success), (.failed, .success),
            (.created, .refund), (.pending, .refund), (.userPaying, .refund), (.closed, .refund), (.failed, .refund):
            paid(facts, at: now)
        case (.paid, .success), (.paid, .refund):
            facts.transactionID == transactionID ? .unchanged : paidAgain(facts)
        case (.created, .notPay): moved(to: .pending, at: now)
        case (.created, .userPaying), (.pending, .userPaying): moved(to: .userPaying, at: now)
        case (.pending, .notPay), (.userPaying, .notPay), (.userPaying, .userPaying): .unchanged
        case (.created, .closed), (.pending, .closed), (.userPaying, .closed): closed(at: now)
        case (.created, .revoked), (.pending, .revoked), (.userPaying, .revoked): reversed(at: now)
        case (.created, .payError), (.pending, .payError), (.userPaying, .payError): failed("PAYERROR")
        // The close or the failure was ours to note; WeChat may lag behind.
        case (.closed, .notPay), (.closed, .userPaying), (.closed, .closed), (.closed, .revoked), (.closed, .payError),
            (.failed, .notPay), (.failed, .userPaying), (.failed, .closed), (.failed, .revoked), (.failed, .payError):
            .unchanged
        case (.paid, .notPay), (.paid, .userPaying), (.paid, .closed), (.paid, .revoked), (.paid, .payError):
            .refused(.contradiction("WeChat says \(facts.state.text) of an order that it said was paid"))
        case (_, .other): .unchanged
        }
    }

    private func moved(to state: PaymentState, at now: Timestamp) -> Transition {
        var payment = self
        payment.state = state
        if nextQueryAt == nil { payment.nextQueryAt = QuerySchedule.next(for: self, after: now) }
        return .changed(payment, [])
    }

    private func paid(_ facts: TradeFacts, at now: Timestamp) -> Transition {
        guard let total = facts.total else { return .refused(.missing(field: "amount.total")) }
        guard let transaction = facts.transactionID, !transaction.isEmpty else {
            return .refused(.missing(field: "transaction_id"))
        }
        var payment = self
        payment.state = .paid
        payment.transactionID = transaction
        payment.channelOrderID = facts.channelOrderID ?? channelOrderID
        payment.payerTotal = facts.payerTotal
        payment.openID = openID ?? facts.openID
        payment.successTime = facts.successTime ?? now
        payment.failureCode = nil
        payment.nextQueryAt = nil
        return .changed(payment, [.ledger(facts.lines(of: total, for: .revenue)), .outbox(.paymentPaid)])
    }

    private func paidAgain(_ facts: TradeFacts) -> Transition {
        guard facts.total != nil else { return .refused(.missing(field: "amount.total")) }
        guard facts.transactionID?.isEmpty == false else { return .refused(.missing(field: "transaction_id")) }
        return .paidAgain(facts)
    }

    /// The first attested field that is not the payment's own.
    private func mismatch(in facts: TradeFacts) -> Refusal? {
        if facts.mchid != mchid { return .mismatch(field: "mchid") }
        if facts.outTradeNo != outTradeNo { return .mismatch(field: "out_trade_no") }
        if let appid = facts.appid, appid != self.appid { return .mismatch(field: "appid") }
        if facts.subMchid != subMchid { return .mismatch(field: "sub_mchid") }
        if let own = subAppid, let other = facts.subAppid, other != own { return .mismatch(field: "sub_appid") }
        if let total = facts.total, total != amount.fen { return .mismatch(field: "amount.total") }
        if let currency = facts.currency, currency != amount.currency.rawValue { return .mismatch(field: "amount.currency") }
        if let payer = facts.payerTotal, !(0...amount.fen).contains(payer) { return .mismatch(field: "amount.payer_total") }
        if let order = facts.channelOrderID, let own = channelOrderID, order != own {
            return .mismatch(field: "channel order id")
        }
        return nil
    }
}

extension TradeFacts {
    /// The money of a success, on its way to the merchant: for goods, or for nothing.
    func lines(of total: Int64, for account: LedgerAccount) -> [LedgerLine] {
        // The money is the total; a nonsensical coupon must not keep it from being booked.
        let discount = (0...total).contains(merchantDiscount) ? merchantDiscount : 0
        var lines = [LedgerLine(.wechatUnsettled, total - discount), LedgerLine(account, -total)]
        if discount > 0 { lines.append(LedgerLine(.merchantDiscount, discount)) }
        return lines
    }
}
