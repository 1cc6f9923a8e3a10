import PaymentPrimitives

extension Engine {
    /// A wallet is never taken for fuller than this, in fen, so that no sum overflows.
    private static let fullestWallet: Int64 = 1_000_000_000_000_000

    /// What is in a user's wallet, in fen: what the setup gives, and what has come and gone since.
    func walletBalance(of user: SandboxUser) -> Int64 {
        min(user.balanceFen, Self.fullestWallet) + state.money.ledger.balance(.wallet(user.openid))
    }

    /// Books a payment: from wallet and 充值券 to the merchant, less the fee. 免充值券 are the merchant's own discount and move
    /// nothing.
    mutating func settle(_ order: SandboxOrder, _ moment: Moment) {
        let unsettled = LedgerAccount.unsettled(order.payee)
        let subject = Ledger.Subject(mchid: order.payee, reference: order.transactionID ?? "", voucher: order.outTradeNo)
        let cash = order.settlementTotal - order.payerTotal
        state.money.ledger.post(
            .payment, subject,
            [
                .init(from: order.wallet, to: unsettled, fen: order.payerTotal),
                .init(from: .coupons, to: unsettled, fen: cash),
            ], at: moment.business)
        state.money.ledger.post(
            .fee, subject, [.init(from: unsettled, to: .fees, fen: order.fee)], at: moment.business)
        state.money.earn(order.settlementTotal - order.fee, order.payee, on: BeijingDate(moment.business))
        scheduleSettlement(moment)
        isChanged = true
    }

    /// Books that a paid code-pay order was reversed: all that has not been refunded goes back at once, the fee too.
    ///
    /// A reverse is never refused for want of money. What the merchant's unsettled money does not cover comes out of the
    /// available balance, which may fall below zero: then the merchant owes it.
    mutating func giveBack(reversing order: SandboxOrder, _ moment: Moment) {
        let totals = RefundTotals(state.money.refunds(of: order.key), couponCount: order.coupons.count)
        let payer = order.payerTotal - totals.payer
        let settlement = order.settlementTotal - totals.settlement
        let fee = order.fee - totals.fee
        let refundID = makeRefundID(moment)
        let (unsettled, available) = (LedgerAccount.unsettled(order.payee), LedgerAccount.available(order.payee))
        let subject = Ledger.Subject(mchid: order.payee, reference: refundID, voucher: order.outTradeNo)
        state.money.ledger.post(
            .feeReturned, subject, [.init(from: .fees, to: unsettled, fen: fee)], at: moment.business)
        var left = max(0, state.money.ledger.balance(unsettled))
        var transfers: [Ledger.Transfer] = []
        for (account, fen) in [(order.wallet, payer), (.coupons, settlement - payer)] {
            let fromUnsettled = min(left, fen)
            left -= fromUnsettled
            transfers.append(.init(from: unsettled, to: account, fen: fromUnsettled))
            transfers.append(.init(from: available, to: account, fen: fen - fromUnsettled))
        }
        state.money.ledger.post(.reversal, subject, transfers, at: moment.business)
        noteReturn(of: settlement - fee, order, moment)
        state.money.reversals.append(
            .init(
                orderKey: order.key, refundID: refundID, at: moment.business, total: order.total - totals.refund,
                settlement: settlement, cash: settlement - payer, fee: fee))
        isChanged = true
    }

    /// When money of an order leaves the merchant on the day on which it came in, it is no longer among that day's earnings.
    /// A negative amount is money that comes back.
    mutating func noteReturn(of fen: Int64, _ order: SandboxOrder, _ moment: Moment) {
        let today = BeijingDate(moment.business)
        guard let paidAt = order.paidAt, BeijingDate(paidAt) == today else { return }
        state.money.earn(-fen, order.payee, on: today)
    }

    // MARK: Settlement

    /// Money is settled at 09:00 Beijing time of the day after it came in (T+1).
    private static let settlementTime = Duration.seconds(9 * 3600)

    private func settlementTime(after moment: Timestamp) -> Timestamp {
        BeijingDate(moment).advanced(by: 1).start.advanced(by: Self.settlementTime)
    }

    mutating func scheduleSettlement(_ moment: Moment) {
        if state.money.settlementDue == nil { state.money.settlementDue = settlementTime(after: moment.business) }
    }

    /// Moves what came in before today from 未结算 to 可用.
    mutating func settleDay(_ moment: Moment) {
        let today = BeijingDate(moment.business)
        var rest = false
        for mchid in state.money.earned.keys.sorted() {
            let unsettled = state.money.ledger.balance(.unsettled(mchid))
            let fresh = state.money.earned[mchid].flatMap { $0.day == today.daysSinceEpoch ? max(0, $0.fen) : nil } ?? 0
            let settled = max(0, unsettled - fresh)
            state.money.ledger.post(
                .settlement, .init(mchid: mchid, reference: "\(today)", voucher: "\(today)"),
                [.init(from: .unsettled(mchid), to: .available(mchid), fen: settled)], at: moment.business)
            if unsettled > settled { rest = true }
        }
        state.money.settlementDue = rest ? settlementTime(after: moment.business) : nil
        isChanged = true
    }
}
