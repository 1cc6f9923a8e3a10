import PaymentPrimitives

extension Engine {
    /// The user at the phone: opens the payment sheet of an order and does something.
    mutating func pay(
        _ target: PaymentTarget, openid: String, outcome: PayOutcome, at moment: Moment
    ) throws(SandboxError) -> PayReport {
        let (key, expiry) = try order(of: target)
        guard let order = state.orders[key]?.settled(at: moment.business) else {
            throw SandboxError(.notFound, "there is no such order")
        }
        guard let user = platform.user(openid) else {
            throw SandboxError(.notFound, "there is no user with that openid; sandbox.json lists users")
        }
        func failed(_ text: String) -> PayReport {
            PayReport(
                errMsg: "requestPayment:fail \(text)", tradeState: order.tradeState, transactionID: order.transactionID)
        }
        switch order.tradeState {
        case .notPaid: break
        case .closed: return failed("订单已关闭")
        default: return failed("该订单已支付")
        }
        guard user.openid == order.openid else { return failed("下单账号与支付账号不一致，请核实后再支付") }
        if let expiry, expiry <= moment.business { return failed("prepay_id已过期，请重新下单") }
        if let end = order.timeExpire, end < moment.business { return failed("订单已过期，请重新下单") }
        switch outcome {
        case .cancel: return failed("cancel")
        case .wrongPassword: return failed("支付密码错误")
        case .insufficient: return failed("余额不足")
        case .success, .successThenKillApp: break
        }
        guard walletBalance(of: user) >= order.payerTotal else { return failed("余额不足") }
        let paid = book(order, openid, moment)
        return PayReport(
            errMsg: outcome == .success ? "requestPayment:ok" : nil, tradeState: paid.tradeState,
            transactionID: paid.transactionID)
    }

    private func order(of target: PaymentTarget) throws(SandboxError) -> (key: String, expiry: Timestamp?) {
        switch target {
        case .prepayID(let id):
            guard let key = state.prepayIDs[id],
                let prepay = state.orders[key]?.prepayIDs.first(where: { $0.id == id })
            else { throw SandboxError(.notFound, "there is no prepay_id \(id)") }
            return (key, prepay.expiresAt)
        case .outTradeNo(let number, let mchid):
            let key = SandboxOrder.key(mchid, number)
            guard let order = state.orders[key] else {
                throw SandboxError(.notFound, "merchant \(mchid) has no order \(number)")
            }
            return (key, order.prepayIDs.last?.expiresAt)
        }
    }

    private mutating func book(_ order: SandboxOrder, _ openid: String, _ moment: Moment) -> SandboxOrder {
        var order = order
        order.tradeState = .success
        order.transactionID = makeTransactionID(moment)
        order.paidAt = moment.business
        order.bankType = "OTHERS"
        state.orders[order.key] = order
        settle(order, moment)
        if let id = order.transactionID { state.transactionIDs[id] = order.key }
        isChanged = true
        guard let merchant = platform.accounts[order.mchid]?.merchant else { return order }
        notify(
            merchant, eventType: "TRANSACTION.SUCCESS", summary: "支付成功", originalType: "transaction",
            resource: orderObject(order), notifyURL: order.notifyURL, outTradeNo: order.outTradeNo, at: moment)
        return order
    }

    /// 28 digits, of the form of the live ones: `42`, then the day in the middle.
    mutating func makeTransactionID(_ moment: Moment) -> String {
        let day = moment.business.rfc3339.prefix(10).filter(\.isNumber)
        let chance = random.bytes(4).reduce(Int64(0)) { $0 << 8 | Int64($1) } % 10_000
        return "4200001\(padded(chance % 1000, 3))\(day)\(padded(chance, 4))\(padded(nextSequence() % 1_000_000, 6))"
    }
}
