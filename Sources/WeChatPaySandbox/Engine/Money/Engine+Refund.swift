import PaymentPrimitives

/// What a refund is asked to be, whoever asks.
struct RefundWish: Sendable {
    let outRefundNo: String
    let amount: Int64
    var reason: String?
    var notifyURL: String?
    /// `nil`: whichever has enough, as a person in the console takes it.
    var fundsAccount: SandboxRefund.FundsAccount?
    var from: [SandboxRefund.Source] = []
    var parameters = ""
    var isFromConsole = false
    var isFromV2 = false
}

extension Engine {
    /// `POST /v3/refund/domestic/refunds`, 《申请退款》.
    mutating func refund(_ call: Call, _ merchant: SandboxMerchant, _ moment: Moment) throws(Fault) -> Answer {
        let body = try checkedBody(call, RefundRules.refund, merchant, moment)
        let subMchid = try subMerchant(body["sub_mchid"]?.string, merchant)
        let number = body["out_refund_no"]?.string ?? ""
        let parameters = body.sorted.json
        if let known = state.money.refunds[SandboxRefund.key(merchant.mchid, number)] {
            guard known.parameters == parameters else { throw Self.differs(known, body) }
            return .ok(known.object)
        }
        let order = try refundableOrder(
            transactionID: body["transaction_id"]?.string, outTradeNo: body["out_trade_no"]?.string, merchant.mchid, subMchid)
        guard body["amount"]?["total"]?.int64 == order.total else { throw .amountsDiffer }
        let currency = body["amount"]?["currency"]?.string ?? ""
        guard currency == order.currency else {
            throw .parameter(
                "退款币种与原订单币种不一致", field: "/amount/currency", value: .string(currency), issue: "not the order's currency")
        }
        var wish = RefundWish(outRefundNo: number, amount: body["amount"]?["refund"]?.int64 ?? 0)
        wish.reason = body["reason"]?.string
        wish.notifyURL = body["notify_url"]?.string
        if let url = wish.notifyURL { try checkNotifyURL(url, merchant.mchid, moment) }
        wish.notifyURL = wish.notifyURL ?? merchant.refundNotifyURL
        wish.from = try sources(body, amount: wish.amount)
        wish.fundsAccount = try fundsAccount(body["funds_account"]?.string, wish.from)
        wish.parameters = parameters
        return .ok(try accept(wish, of: order, moment).object)
    }

    /// A refund that is made in the merchant console; no server has asked for it. The platform makes its number.
    mutating func refundFromConsole(
        mchid: String, transactionID: String?, outTradeNo: String?, amount: Int64, at moment: Moment
    ) throws(SandboxError) -> SandboxRefund {
        guard let merchant = platform.accounts[mchid]?.merchant else {
            throw SandboxError(.notFound, "there is no merchant \(mchid)")
        }
        guard amount > 0 else { throw SandboxError(.invalidArgument, "amount must be fen, 1 or more") }
        let subMchid =
            transactionID.flatMap { state.transactionIDs[$0] }.flatMap { state.orders[$0]?.subMchid }
            ?? outTradeNo.flatMap { state.orders[SandboxOrder.key(mchid, $0)]?.subMchid }
        do throws(Fault) {
            let order = try refundableOrder(transactionID: transactionID, outTradeNo: outTradeNo, mchid, subMchid)
            var wish = RefundWish(outRefundNo: "CONSOLE" + padded(nextSequence(), 12), amount: amount)
            wish.notifyURL = merchant.refundNotifyURL
            wish.reason = "商户平台发起退款"
            wish.isFromConsole = true
            return try accept(wish, of: order, moment)
        } catch {
            throw SandboxError(error.status == 404 ? .notFound : .invalidArgument, "\(error.code): \(error.message)")
        }
    }

    /// Checks what WeChat checks about a refund of an order, takes the money from the merchant and sends it on its way.
    mutating func accept(
        _ wish: RefundWish, of order: SandboxOrder, _ moment: Moment
    ) throws(Fault) -> SandboxRefund {
        let earlier = state.money.refunds(of: order.key)
        let totals = RefundTotals(earlier, couponCount: order.coupons.count)
        if let paidAt = order.paidAt, paidAt.advanced(by: SandboxOrder.refundPeriod) < moment.business {
            throw .invalidRequest("订单已超过可退款的最大期限（支付成功后365天）", number: 268_449_552)
        }
        let (sum, overflow) = totals.refund.addingReportingOverflow(wish.amount)
        guard !overflow, sum <= order.total else {
            throw .invalidRequest("累计退款金额大于订单金额，请核实后再试", number: 268_449_553)
        }
        guard totals.parts < SandboxOrder.refundLimit else {
            throw .invalidRequest("订单部分退款次数已超过\(SandboxOrder.refundLimit)次", number: 268_449_554)
        }
        if let last = earlier.last, moment.business.since(last.createdAt) < SandboxOrder.refundPause {
            try lenient(
                "refund_too_soon", order.mchid,
                "\(order.outTradeNo) was refunded twice within a minute: WeChat wants a minute between two refunds of one order",
                Fault(429, "FREQUENCY_LIMITED", "同一笔订单多次退款的请求需相隔1分钟", number: 268_447_840), moment)
        }
        let split = RefundSplit(wish.amount, of: order, after: totals)
        let fundsAccount = try fundsAccount(wish, split, order, moment)
        let funds = LedgerAccount.funds(fundsAccount, order.payee)
        let refund = SandboxRefund(
            outRefundNo: wish.outRefundNo, refundID: makeRefundID(moment), mchid: order.mchid, subMchid: order.subMchid,
            outTradeNo: order.outTradeNo, transactionID: order.transactionID ?? "", reason: wish.reason,
            notifyURL: wish.notifyURL, fundsAccount: fundsAccount, total: order.total, refund: wish.amount,
            payerTotal: order.payerTotal, payerRefund: split.payer, settlementTotal: order.settlementTotal,
            settlementRefund: split.settlement, feeRefund: split.fee,
            coupons: zip(order.coupons, split.coupons).map {
                .init(couponID: $0.couponID, type: $0.type, amount: $0.amount, refundAmount: $1)
            },
            createdAt: moment.business, isFromConsole: wish.isFromConsole,
            changes: [.init(status: .processing, at: moment.business)], isFromV2: wish.isFromV2 ? true : nil,
            from: wish.from, parameters: wish.parameters)
        // The fee comes first, so that the account is at no moment below zero.
        state.money.ledger.post(
            .feeReturned, refund.subject, [.init(from: .fees, to: funds, fen: split.fee)], at: moment.business)
        state.money.ledger.post(
            .refund, refund.subject, [.init(from: funds, to: .refunding, fen: split.settlement)], at: moment.business)
        if fundsAccount == .unsettled { noteReturn(of: split.settlement - split.fee, order, moment) }
        state.orders[order.key]?.tradeState = .refund
        state.money.refunds[refund.key] = refund
        state.money.refundsOfOrder[order.key, default: []].append(refund.key)
        state.money.refundIDs[refund.refundID] = refund.key
        state.money.refundsDue[refund.key] = moment.business.advanced(by: SandboxRefund.processingTime)
        if let outcome = state.money.nextOutcomes.removeValue(forKey: order.mchid) {
            state.money.plannedOutcomes[refund.key] = outcome
        }
        isChanged = true
        return refund
    }

    /// The account that bears a refund. The fee that comes back with it counts.
    private mutating func fundsAccount(
        _ wish: RefundWish, _ split: RefundSplit, _ order: SandboxOrder, _ moment: Moment
    ) throws(Fault) -> SandboxRefund.FundsAccount {
        func covers(_ account: SandboxRefund.FundsAccount) -> Bool {
            state.money.ledger.balance(.funds(account, order.payee)) + split.fee >= split.settlement
        }
        let account = wish.fundsAccount ?? (covers(.unsettled) ? .unsettled : .available)
        guard !covers(account) else { return account }
        if account == .unsettled, covers(.available) {
            log.warn(
                "refund_unsettled_short", mchid: order.mchid,
                "\(order.outTradeNo) was not refunded: 未结算资金 of merchant \(order.payee) is short, as it is once money was "
                    + "settled (T+1). \"funds_account\": \"AVAILABLE\" would do; the same out_refund_no may be used",
                at: moment.wire)
        }
        throw Fault(403, "NOT_ENOUGH", "商户可用退款余额不足，请充值后重试", number: 268_449_555)
    }

    /// 29 digits, of the form of the live ones: `503`, the day in the middle.
    mutating func makeRefundID(_ moment: Moment) -> String {
        let day = moment.business.rfc3339.prefix(10).filter(\.isNumber)
        let chance = random.bytes(4).reduce(Int64(0)) { $0 << 8 | Int64($1) } % 100_000
        return "5030\(padded(chance % 1000, 3))\(day)\(padded(chance, 5))\(padded(nextSequence() % 1_000_000_000, 9))"
    }
}

// MARK: What a request may say

extension Engine {
    /// The merchant below a service provider that a request is about; `nil` for a direct merchant.
    func subMerchant(_ subMchid: String?, _ merchant: SandboxMerchant, location: String = "body") throws(Fault) -> String? {
        guard merchant.role == .partner else {
            if subMchid != nil { throw .noAuthority }
            return nil
        }
        guard let subMchid else {
            throw .parameter(
                "输入源“/\(location)/sub_mchid”映射到字段“特约商户号”必填性规则校验失败，此字段为必填项",
                field: location == "body" ? "/sub_mchid" : "sub_mchid", issue: "a service provider must name the merchant",
                location: location)
        }
        guard merchant.subMerchants.contains(where: { $0.subMchid == subMchid }) else { throw .noAuthority }
        return subMchid
    }

    /// The paid order that a refund is about.
    func refundableOrder(
        transactionID: String?, outTradeNo: String?, _ mchid: String, _ subMchid: String?
    ) throws(Fault) -> SandboxOrder {
        let key: String?
        if let transactionID {
            key = state.transactionIDs[transactionID]
        } else if let outTradeNo {
            key = SandboxOrder.key(mchid, outTradeNo)
        } else {
            throw .parameter(
                "微信支付订单号与商户订单号必须填写其中一个", field: "/transaction_id",
                issue: "neither transaction_id nor out_trade_no")
        }
        guard let order = key.flatMap({ state.orders[$0] }) else { throw .refundOrderNotExist }
        guard order.mchid == mchid, order.subMchid == subMchid else { throw .noAuthority }
        guard order.isRefundable else { throw .refundOrderNotExist }
        if let outTradeNo, outTradeNo != order.outTradeNo {
            throw .invalidRequest("微信支付订单号与商户订单号不是同一笔订单", number: 268_449_556)
        }
        return order
    }

    /// `amount.from`: what each account pays. 不可用余额 is frozen money of profit sharing, which the sandbox does not have.
    private func sources(_ body: JSONValue, amount: Int64) throws(Fault) -> [SandboxRefund.Source] {
        guard let entries = body["amount"]?["from"]?.array else { return [] }
        var sum: Int64 = 0
        var sources: [SandboxRefund.Source] = []
        for (index, entry) in entries.enumerated() {
            let account = entry["account"]?.string ?? ""
            guard account == "AVAILABLE" else {
                throw .parameter(
                    "输入源“/body/amount/from/\(index)/account”映射到字段“出资账户类型”规则校验失败，仅支持可用余额AVAILABLE",
                    field: "/amount/from/\(index)/account", value: .string(account), issue: "no money of this order is frozen")
            }
            let fen = entry["amount"]?.int64 ?? 0
            let (next, overflow) = sum.addingReportingOverflow(fen)
            guard !overflow else { throw .amountsDiffer }
            sum = next
            sources.append(.init(account: account, amount: fen))
        }
        guard sum == amount else {
            throw .parameter(
                "出资金额之和与退款金额不一致", field: "/amount/from", value: .integer(sum), issue: "does not add up to the refund")
        }
        return sources
    }

    private func fundsAccount(
        _ word: String?, _ from: [SandboxRefund.Source]
    ) throws(Fault) -> SandboxRefund.FundsAccount {
        guard let word else { return from.isEmpty ? .unsettled : .available }
        guard let account = SandboxRefund.FundsAccount(rawValue: word), from.isEmpty || account == .available else {
            throw .parameter(
                "无法将JSON输入源“/body/funds_account”映射到目标字段“退款资金来源”中，此字段需要一个合法的枚举值", field: "/funds_account",
                value: .string(word), issue: from.isEmpty ? "not a documented value" : "contradicts amount.from")
        }
        return account
    }

    /// The same number, but something else about it.
    private static func differs(_ known: SandboxRefund, _ body: JSONValue) -> Fault {
        let isSameMoney =
            body["amount"]?["refund"]?.int64 == known.refund && body["amount"]?["total"]?.int64 == known.total
        return isSameMoney ? .invalidRequest("请求重入时，参数与首次请求时不一致", number: 268_498_688) : .amountsDiffer
    }
}

extension Fault {
    static let amountsDiffer = invalidRequest("订单金额或退款金额与之前请求不一致，请核实后再试", number: 268_449_551)
    static let refundOrderNotExist = Fault(404, "RESOURCE_NOT_EXISTS", "订单不存在", number: 268_512_771)
    static let refundNotExist = Fault(404, "RESOURCE_NOT_EXISTS", "退款单不存在", number: 268_512_772)
}

extension LedgerAccount {
    static func funds(_ account: SandboxRefund.FundsAccount, _ mchid: String) -> LedgerAccount {
        account == .unsettled ? .unsettled(mchid) : .available(mchid)
    }
}

extension SandboxRefund {
    var subject: Ledger.Subject {
        .init(mchid: payee, reference: refundID, voucher: outRefundNo, applicant: applicant, note: reason ?? "")
    }
}
