import PaymentPrimitives

/// What an observation makes of a refund.
package enum RefundTransition: Sendable, Equatable {
    /// The refund as it is now, and what must be written in the same transaction.
    case changed(Refund, [RefundConsequence])
    /// Nothing new.
    case unchanged
    /// The observation does not fit the refund; nothing may be written and somebody must look.
    case refused(Refusal)
}

/// What must be written together with a refund.
package enum RefundConsequence: Sendable, Equatable {
    /// The money, as ledger lines that sum up to zero.
    case ledger(RefundPosting, [LedgerLine])
    /// An event for the merchant's systems.
    case outbox(OutboxEvent.Kind)
}

/// What of a refund the ledger tells. A refund has each of them at most once, and the id of the entry says so.
package enum RefundPosting: String, Sendable, CaseIterable {
    /// WeChat has taken the money out of the merchant's account.
    case accepted = "rfa"
    /// The payer has it.
    case succeeded = "rfs"
    /// WeChat has put it back: the refund was closed after it had been taken.
    case returned = "rfc"

    /// The id of the entry of a refund.
    package func entryID(_ refund: Refund) -> String { IDGenerator.derived(rawValue, from: refund.id, version: 0) }
}

extension Refund {
    /// The one place where a refund changes. Pure: the same refund and observation always give the same transition.
    package func apply(_ observation: RefundObservation) -> RefundTransition {
        switch observation.fact {
        case .refused(let code): refused(code)
        case .notEnough: notEnough(at: observation.at)
        case .reversed(let settlement): reversed(settlement, at: observation.at)
        case .known(let facts):
            switch mismatch(in: facts) {
            case nil: known(facts, at: observation.at)
            // WeChat knows the number, for another order: somebody used it before, and nothing goes back under it here.
            case .some(.mismatch("out_trade_no")) where isAskedFor(observation),
                .some(.mismatch("transaction_id")) where isAskedFor(observation):
                refused("OUT_REFUND_NO_USED")
            case .some(let refusal): .refused(refusal)
            }
        }
    }

    /// Whether it is WeChat's answer about a refund that it has not taken from here.
    private func isAskedFor(_ observation: RefundObservation) -> Bool {
        observation.source == .query && kind != .external && (state == .created || state == .waitingForFunds)
    }

    /// A refusal counts only as long as WeChat has not taken the refund: afterwards it says nothing about the money.
    private func refused(_ code: String) -> RefundTransition {
        guard state == .created || state == .waitingForFunds else { return .unchanged }
        var refund = moved(to: .closed)
        refund.failureCode = code
        return .changed(refund, [.outbox(.refundClosed)])
    }

    private func notEnough(at now: Timestamp) -> RefundTransition {
        guard state == .created else { return .unchanged }
        var refund = moved(to: .waitingForFunds)
        // Where it was left to WeChat, what is not settled yet was tried, and never has more after the settlement. What a
        // top-up fills is the available balance.
        if refund.fundsAccount == nil { refund.fundsAccount = .available }
        refund.nextActionAt = RefundSchedule.next(for: refund, after: now)
        return .changed(refund, [.outbox(.refundInsufficientBalance)])
    }

    /// A reverse gives the money back at once, and has no number of its own at WeChat.
    private func reversed(_ settlement: Int64, at now: Timestamp) -> RefundTransition {
        guard kind == .reversal, state == .created else { return .unchanged }
        guard (0...amount.fen).contains(settlement) else { return .refused(.mismatch(field: Self.settlementField)) }
        var refund = moved(to: .succeeded)
        refund.settlementRefund = settlement
        refund.acceptedAt = now
        refund.successTime = now
        return .changed(
            refund, [.ledger(.accepted, refund.taking), .ledger(.succeeded, refund.arriving), .outbox(.refundSucceeded)])
    }

    private func known(_ facts: RefundFacts, at now: Timestamp) -> RefundTransition {
        switch (state, facts.status) {
        case (_, .other): .unchanged
        case (.created, .processing), (.waitingForFunds, .processing): taken(facts, as: .processing, at: now)
        case (.created, .abnormal), (.waitingForFunds, .abnormal): taken(facts, as: .abnormal, at: now)
        case (.created, .success), (.waitingForFunds, .success): taken(facts, as: .succeeded, at: now)
        // The money was taken and put back before we heard of either.
        case (.created, .closed), (.waitingForFunds, .closed):
            .changed(with(facts).moved(to: .closed), [.outbox(.refundClosed)])
        case (.processing, .abnormal): .changed(scheduled(with(facts).moved(to: .abnormal), now), [.outbox(.refundAbnormal)])
        case (.processing, .success), (.abnormal, .success): arrived(facts, at: now)
        case (.processing, .closed), (.abnormal, .closed):
            .changed(with(facts).moved(to: .closed), [.ledger(.returned, taking.map(\.reversed)), .outbox(.refundClosed)])
        // Abnormal goes on as processing at WeChat once the merchant has said where to; here only the end of it counts.
        case (.processing, .processing), (.abnormal, .processing), (.abnormal, .abnormal): .unchanged
        // Notifications come again for a day, in any order.
        case (.succeeded, .processing), (.succeeded, .abnormal), (.succeeded, .success), (.closed, .closed): .unchanged
        case (.closed, .processing), (.closed, .abnormal):
            failureCode == nil ? .unchanged : .refused(.contradiction("WeChat took a refund that it had refused for good"))
        case (.closed, .success): .refused(.contradiction("WeChat says SUCCESS of a refund that is closed"))
        case (.succeeded, .closed): .refused(.contradiction("WeChat says CLOSED of a refund that had succeeded"))
        }
    }

    /// WeChat has taken the refund.
    private func taken(_ facts: RefundFacts, as state: RefundState, at now: Timestamp) -> RefundTransition {
        guard facts.refund != nil else { return .refused(.missing(field: "amount.refund")) }
        guard facts.refundID != nil else { return .refused(.missing(field: "refund_id")) }
        // Where the payer gets all of it no coupon had a part, and the merchant gives all of it.
        let settlement = facts.settlementRefund ?? (facts.payerRefund == amount.fen ? amount.fen : nil)
        guard let settlement else { return .refused(.missing(field: Self.settlementField)) }
        guard (0...amount.fen).contains(settlement) else { return .refused(.mismatch(field: Self.settlementField)) }
        var refund = with(facts).moved(to: state)
        refund.settlementRefund = settlement
        refund.acceptedAt = now
        var consequences: [RefundConsequence] = [.ledger(.accepted, refund.taking)]
        switch state {
        case .succeeded:
            refund.successTime = facts.successTime ?? now
            consequences += [.ledger(.succeeded, refund.arriving), .outbox(.refundSucceeded)]
        case .abnormal:
            refund = scheduled(refund, now)
            consequences.append(.outbox(.refundAbnormal))
        default: refund = scheduled(refund, now)
        }
        return .changed(refund, consequences)
    }

    /// What WeChat leaves out of notifications, and has to be asked for where a coupon was used.
    package static let settlementField = "amount.settlement_refund"

    private func arrived(_ facts: RefundFacts, at now: Timestamp) -> RefundTransition {
        var refund = with(facts).moved(to: .succeeded)
        refund.successTime = facts.successTime ?? now
        return .changed(refund, [.ledger(.succeeded, refund.arriving), .outbox(.refundSucceeded)])
    }

    private func moved(to state: RefundState) -> Refund {
        var refund = self
        refund.state = state
        refund.tryCount = 0
        refund.nextActionAt = nil
        return refund
    }

    private func with(_ facts: RefundFacts) -> Refund {
        var refund = self
        refund.refundID = facts.refundID ?? refundID
        refund.payerRefund = facts.payerRefund ?? payerRefund
        refund.userReceivedAccount = facts.userReceivedAccount ?? userReceivedAccount
        return refund
    }

    private func scheduled(_ refund: Refund, _ now: Timestamp) -> Refund {
        var refund = refund
        refund.nextActionAt = RefundSchedule.next(for: refund, after: now)
        return refund
    }

    /// The money leaves the merchant's account.
    private var taking: [LedgerLine] {
        let settled = settlementRefund ?? amount.fen
        var lines = [LedgerLine(.wechatUnsettled, -settled), LedgerLine(.refundsInTransit, amount.fen)]
        if settled < amount.fen { lines.append(LedgerLine(.merchantDiscount, settled - amount.fen)) }
        return lines
    }

    /// The money reaches the payer. That of a second transaction was never revenue.
    private var arriving: [LedgerLine] {
        [
            LedgerLine(.refundsInTransit, -amount.fen),
            LedgerLine(countsTowardsPayment ? .refunds : .duplicatePayments, amount.fen),
        ]
    }

    /// The first attested field that is not the refund's own.
    private func mismatch(in facts: RefundFacts) -> Refusal? {
        if facts.outRefundNo != outRefundNo { return .mismatch(field: "out_refund_no") }
        if let mchid = facts.mchid, mchid != self.mchid { return .mismatch(field: "mchid") }
        if facts.mchid != nil || facts.subMchid != nil, facts.subMchid != subMchid { return .mismatch(field: "sub_mchid") }
        if let number = facts.outTradeNo, number != outTradeNo { return .mismatch(field: "out_trade_no") }
        if let number = facts.transactionID, number != transactionID { return .mismatch(field: "transaction_id") }
        if let number = facts.refundID, let own = refundID, number != own { return .mismatch(field: "refund_id") }
        if let refund = facts.refund, refund != amount.fen { return .mismatch(field: "amount.refund") }
        if let total = facts.total, total != self.total { return .mismatch(field: "amount.total") }
        if let currency = facts.currency, currency != amount.currency.rawValue { return .mismatch(field: "amount.currency") }
        if let payer = facts.payerRefund, !(0...amount.fen).contains(payer) { return .mismatch(field: "amount.payer_refund") }
        return nil
    }
}

extension LedgerLine {
    fileprivate var reversed: LedgerLine { LedgerLine(account, -amount) }
}
