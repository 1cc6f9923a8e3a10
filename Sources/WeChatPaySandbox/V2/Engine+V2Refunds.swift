import PaymentPrimitives

extension Engine {
    /// How many refunds one answer lists.
    private static let refundsOfPage = 10

    /// `/secapi/pay/refund`, 《申请退款》.
    mutating func refundV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> V2Document {
        let number = try request.required("out_refund_no", 64)
        let total = try request.number("total_fee", 1...Ledger.greatestAmount)
        let amount = try request.number("refund_fee", 1...Ledger.greatestAmount)
        guard (request["refund_fee_type"] ?? "CNY") == "CNY" else { throw .parameter("refund_fee_type参数格式有误") }
        let transactionID = try request.optional("transaction_id", 32)
        let outTradeNo = transactionID == nil ? try request.outTradeNo() : nil
        let order = try v2 { () throws(Fault) in
            try refundableOrder(
                transactionID: transactionID, outTradeNo: outTradeNo, request.merchant.mchid, request.subMchid)
        }
        let parameters = request.parameters()
        if let known = state.money.refunds[SandboxRefund.key(request.merchant.mchid, number)] {
            guard known.orderKey == order.key, known.total == total, known.refund == amount,
                known.isFromV2 != true || known.parameters == parameters
            else { throw Self.amountsDifferV2 }
            return refundAnswerV2(known, order)
        }
        guard total == order.total else { throw Self.amountsDifferV2 }
        var wish = RefundWish(outRefundNo: number, amount: amount)
        wish.reason = try request.optional("refund_desc", 80)
        wish.notifyURL = try request.optional("notify_url", 256) ?? request.merchant.refundNotifyURL
        if let url = request["notify_url"] {
            try v2 { () throws(Fault) in try checkNotifyURL(url, request.merchant.mchid, moment) }
        }
        wish.fundsAccount = try Self.fundsAccountV2(request["refund_account"])
        wish.parameters = parameters
        wish.isFromV2 = true
        let refund: SandboxRefund
        do throws(Fault) {
            refund = try accept(wish, of: order, moment)
        } catch {
            throw Self.refundFaultV2(error)
        }
        return refundAnswerV2(refund, order)
    }

    private static let amountsDifferV2 = V2Fault.business("ERROR", "订单金额或退款金额与之前请求不一致，请核实后再试")

    private static func refundFaultV2(_ fault: Fault) -> V2Fault {
        if fault.message.contains("365天") { return .business("TRADE_OVERDUE", "订单已经超过退款期限") }
        return fault.code == "INVALID_REQUEST" ? .business("ERROR", fault.message) : V2Fault(fault)
    }

    private static func fundsAccountV2(_ word: String?) throws(V2Fault) -> SandboxRefund.FundsAccount {
        switch word {
        case nil, "REFUND_SOURCE_UNSETTLED_FUNDS": .unsettled
        case "REFUND_SOURCE_RECHARGE_FUNDS": .available
        default: throw .parameter("refund_account参数格式有误")
        }
    }

    private func refundAnswerV2(_ refund: SandboxRefund, _ order: SandboxOrder) -> V2Document {
        var answer = V2Document()
        answer.add("transaction_id", refund.transactionID)
        answer.add("out_trade_no", refund.outTradeNo)
        answer.add("out_refund_no", refund.outRefundNo)
        answer.add("refund_id", refund.refundID)
        answer.add("refund_fee", refund.refund)
        let settled = refund.settledPartV2
        if settled != refund.refund { answer.add("settlement_refund_fee", settled) }
        answer.add("total_fee", refund.total)
        if refund.settlementTotal != refund.total { answer.add("settlement_total_fee", refund.settlementTotal) }
        answer.add("fee_type", order.currency)
        answer.add("cash_fee", refund.payerTotal)
        answer.add("cash_fee_type", order.currency)
        answer.add("cash_refund_fee", refund.payerRefund)
        let coupons = refund.coupons.filter { $0.refundAmount > 0 }
        answer.add("coupon_refund_fee", coupons.reduce(0) { $0 + $1.refundAmount })
        answer.add("coupon_refund_count", Int64(coupons.count))
        for (index, coupon) in coupons.enumerated() {
            answer.add("coupon_type_\(index)", coupon.type.v2Word)
            answer.add("coupon_refund_id_\(index)", coupon.couponID)
            answer.add("coupon_refund_fee_\(index)", coupon.refundAmount)
        }
        return answer
    }

    /// `/pay/refundquery`, 《查询退款》: one refund, or ten of an order's from `offset` on.
    func refundQueryV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> V2Document {
        let offset = Int(try request.optionalNumber("offset", 0...10_000) ?? 0)
        let (all, order) = try refundsV2(request)
        guard offset == 0 || offset < all.count else { throw .parameter("offset参数超出范围") }
        let page = all.dropFirst(offset).prefix(Self.refundsOfPage)
        var answer = V2Document()
        answer.add("total_refund_count", Int64(state.money.refunds(of: order.key).count))
        answer.add("transaction_id", order.transactionID)
        answer.add("out_trade_no", order.outTradeNo)
        answer.add("total_fee", order.total)
        if order.settlementTotal != order.total { answer.add("settlement_total_fee", order.settlementTotal) }
        answer.add("fee_type", order.currency)
        answer.add("cash_fee", order.payerTotal)
        answer.add("refund_count", Int64(page.count))
        for (index, refund) in page.enumerated() { answer.add(refundLineV2(refund, index)) }
        return answer
    }

    private func refundsV2(_ request: V2Request) throws(V2Fault) -> ([SandboxRefund], SandboxOrder) {
        let none = V2Fault.business("REFUNDNOTEXIST", "退款订单查询失败")
        func isOurs(_ order: SandboxOrder) -> Bool {
            order.mchid == request.merchant.mchid && order.subMchid == request.subMchid
        }
        let refundID = try request.optional("refund_id", 32)
        let refundKey: String?
        if let refundID {
            refundKey = state.money.refundIDs[refundID] ?? ""
        } else {
            refundKey = try request.optional("out_refund_no", 64).map { SandboxRefund.key(request.merchant.mchid, $0) }
        }
        if let refundKey {
            guard let refund = state.money.refunds[refundKey], let order = state.orders[refund.orderKey], isOurs(order) else {
                throw none
            }
            return ([refund], order)
        }
        let orderKey: String
        if let id = try request.optional("transaction_id", 32) {
            orderKey = state.transactionIDs[id] ?? ""
        } else {
            orderKey = SandboxOrder.key(request.merchant.mchid, try request.outTradeNo())
        }
        guard let order = state.orders[orderKey], isOurs(order) else { throw none }
        let refunds = state.money.refunds(of: orderKey)
        guard !refunds.isEmpty else { throw none }
        return (refunds, order)
    }

    private func refundLineV2(_ refund: SandboxRefund, _ n: Int) -> V2Document {
        var line = V2Document()
        line.add("out_refund_no_\(n)", refund.outRefundNo)
        line.add("refund_id_\(n)", refund.refundID)
        line.add("refund_channel_\(n)", refund.rerouting == nil ? "ORIGINAL" : "OTHER_BANKCARD")
        line.add("refund_fee_\(n)", refund.refund)
        if refund.settledPartV2 != refund.refund { line.add("settlement_refund_fee_\(n)", refund.settledPartV2) }
        let coupons = refund.coupons.filter { $0.refundAmount > 0 }
        if !coupons.isEmpty {
            line.add("coupon_refund_fee_\(n)", coupons.reduce(0) { $0 + $1.refundAmount })
            line.add("coupon_refund_count_\(n)", Int64(coupons.count))
            for (m, coupon) in coupons.enumerated() {
                line.add("coupon_type_\(n)_\(m)", coupon.type.v2Word)
                line.add("coupon_refund_id_\(n)_\(m)", coupon.couponID)
                line.add("coupon_refund_fee_\(n)_\(m)", coupon.refundAmount)
            }
        }
        line.add("refund_status_\(n)", refund.statusV2)
        line.add("refund_account_\(n)", refund.accountV2)
        line.add("refund_recv_accout_\(n)", refund.receivedAccountV2)
        line.add("refund_success_time_\(n)", refund.successTime.map(BillText.time))
        return line
    }
}

extension SandboxRefund {
    /// The refund without what goes back to 免充值 coupons, in fen.
    var settledPartV2: Int64 { settlementRefund }

    var statusV2: String {
        switch status {
        case .abnormal: "CHANGE"
        case .closed: "REFUNDCLOSE"
        default: status.rawValue
        }
    }

    var accountV2: String {
        fundsAccount == .unsettled ? "REFUND_SOURCE_UNSETTLED_FUNDS" : "REFUND_SOURCE_RECHARGE_FUNDS"
    }

    var receivedAccountV2: String { status == .closed ? "退还商户" : rerouting?.receivedAccount ?? "支付用户零钱" }
}
