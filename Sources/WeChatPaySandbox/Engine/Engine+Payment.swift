import PaymentPrimitives

extension Engine {
    /// The user at the phone: opens the payment sheet of an order and does something.
    mutating func pay(
        _ target: PaymentTarget, openid: String, outcome: PayOutcome, at moment: Moment
    ) throws(SandboxError) -> PayReport {
        let sheet = try sheet(of: target, at: moment)
        guard let user = user(openid) else {
            throw SandboxError(
                .notFound, "there is no user with that openid; sandbox.json lists users, POST /_sandbox/users adds one")
        }
        let order = sheet.first
        guard order.tradeType != SandboxOrder.micropay else {
            throw SandboxError(
                .invalidArgument, "\(order.outTradeNo) is paid by a payment code: there is no payment sheet, see confirm-code")
        }
        if let reason = refusal(sheet, user, at: moment) ?? outcome.reason { return .failed(order, reason) }
        guard let paid = charge(sheet.orders, user, moment) else { return .failed(order, "余额不足") }
        notifyPaid(paid, sheet.combine, moment)
        return .succeeded(paid[0], isHeard: outcome == .success)
    }

    /// Why the sheet does not even ask for the password.
    private func refusal(_ sheet: PaymentSheet, _ user: SandboxUser, at moment: Moment) -> String? {
        let order = sheet.first
        if let past = sheet.orders.map(\.tradeState).first(where: { $0 != .notPaid }) {
            return past == .closed ? "订单已关闭" : "该订单已支付"
        }
        if let openid = order.openid, openid != user.openid { return "下单账号与支付账号不一致，请核实后再支付" }
        if let end = sheet.expiresAt, end <= moment.business {
            switch order.tradeType {
            case PrepayMethod.native.tradeType: return "二维码已过期，请刷新后再试"
            case PrepayMethod.h5.tradeType: return "支付链接已过期，请返回商户重新下单"
            default: return "prepay_id已过期，请重新下单"
            }
        }
        if let end = order.timeExpire, end < moment.business { return "订单已过期，请重新下单" }
        return nil
    }

    /// What a user who comes by a prepay id, a QR code, a link or an order's number is shown.
    func sheet(of target: PaymentTarget, at moment: Moment) throws(SandboxError) -> PaymentSheet {
        switch target {
        case .prepayID(let id):
            guard let sheet = sheet(prepayID: id, at: moment) else {
                throw SandboxError(.notFound, "there is no prepay_id \(id)")
            }
            return sheet
        case .codeURL(let text):
            guard let code = PayLink.code(inCodeURL: text), let id = state.codes[code],
                let sheet = sheet(prepayID: id, at: moment)
            else { throw SandboxError(.notFound, "there is no code_url \(text)") }
            return sheet
        case .h5URL(let text):
            guard let link = PayLink.parameters(ofH5URL: text),
                let sheet = sheet(prepayID: link.prepayID, package: link.package, at: moment)
            else { throw SandboxError(.notFound, "there is no h5_url \(text)") }
            return sheet
        case .outTradeNo(let number, let mchid):
            for key in [SandboxOrder.key(mchid, number), CombineOrder.key(mchid, number)] {
                if let sheet = sheet(key: key, prepayID: nil, at: moment) { return sheet }
            }
            throw SandboxError(.notFound, "merchant \(mchid) has no order \(number)")
        }
    }

    /// - Parameter package: what an H5 link must show besides the id; `nil` where there is no link.
    func sheet(prepayID id: String, package: String? = nil, at moment: Moment) -> PaymentSheet? {
        guard let key = state.prepayIDs[id], let sheet = sheet(key: key, prepayID: id, at: moment) else { return nil }
        guard let package else { return sheet }
        let prepayIDs = sheet.combine?.prepayIDs ?? sheet.first.prepayIDs
        let isRight =
            sheet.first.tradeType == PrepayMethod.h5.tradeType
            && prepayIDs.contains { $0.id == id && $0.code == package }
        return isRight ? sheet : nil
    }

    private func sheet(key: String, prepayID: String?, at moment: Moment) -> PaymentSheet? {
        // A part of a combined order is paid with the others or not at all, by whichever number the user comes.
        let combine = state.combineOrders[state.orders[key]?.combineKey ?? key]
        let orders = (combine?.partKeys ?? [key]).compactMap { state.orders[$0]?.settled(at: moment.business) }
        guard let first = orders.first else { return nil }
        let prepayIDs = combine?.prepayIDs ?? first.prepayIDs
        let used = prepayID == nil ? prepayIDs.last : prepayIDs.first { $0.id == prepayID }
        return PaymentSheet(orders: orders, combine: combine, expiresAt: used?.expiresAt)
    }

    /// Takes the money for orders that are paid together, with the coupons that fit.
    ///
    /// - Returns: the paid orders; `nil`, and nothing has changed, when the wallet holds too little.
    mutating func charge(_ orders: [SandboxOrder], _ user: SandboxUser, _ moment: Moment) -> [SandboxOrder]? {
        var orders = withCoupons(orders, user)
        guard walletBalance(of: user) >= orders.reduce(0, { $0 + $1.payerTotal }) else { return nil }
        for index in orders.indices {
            orders[index].openid = user.openid
            orders[index].tradeState = .success
            orders[index].transactionID = makeTransactionID(moment)
            orders[index].paidAt = moment.business
            orders[index].bankType = "OTHERS"
            let order = orders[index]
            state.orders[order.key] = order
            if let id = order.transactionID { state.transactionIDs[id] = order.key }
            useCoupons(of: order)
            settle(order, moment)
        }
        isChanged = true
        return orders
    }

    /// One notification of a payment, whether of one order or of many.
    private mutating func notifyPaid(_ orders: [SandboxOrder], _ combine: CombineOrder?, _ moment: Moment) {
        guard let order = orders.first, let url = order.notifyURL,
            let merchant = platform.accounts[combine?.mchid ?? order.mchid]?.merchant
        else { return }
        if let terms = order.v2 { return notifyPaidV2(order, terms, merchant, url, moment) }
        notify(
            merchant, eventType: "TRANSACTION.SUCCESS", summary: "支付成功", originalType: "transaction",
            resource: combine.map { combineObject($0, orders) } ?? orderObject(order), notifyURL: url,
            outTradeNo: combine?.outTradeNo ?? order.outTradeNo, at: moment)
    }

    /// 28 digits, of the form of the live ones: `42`, then the day in the middle.
    mutating func makeTransactionID(_ moment: Moment) -> String {
        let day = moment.business.rfc3339.prefix(10).filter(\.isNumber)
        let chance = random.bytes(2).reduce(Int64(0)) { $0 << 8 | Int64($1) } % 1000
        // The sequence has ten digits, so that no two numbers are equal.
        return "4200001\(padded(chance, 3))\(day)\(padded(nextSequence() % 10_000_000_000, 10))"
    }
}
