import PaymentPrimitives

extension Engine {
    /// `GET …/out-trade-no/{out_trade_no}?mchid=`, 《商户订单号查询订单》.
    mutating func query(
        outTradeNo: String, _ scope: Scope, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        try checkPath(outTradeNo, TransactionRules.outTradeNo)
        let sub = try checkQuery(call, scope, merchant)
        return .ok(orderObject(try order(outTradeNo, of: merchant, sub, moment)))
    }

    /// `GET …/id/{transaction_id}?mchid=`, 《微信支付订单号查询订单》.
    mutating func query(
        transactionID: String, _ scope: Scope, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        try checkPath(transactionID, TransactionRules.transactionID)
        let sub = try checkQuery(call, scope, merchant)
        guard let order = state.transactionIDs[transactionID].flatMap({ state.orders[$0] }), order.combineOutTradeNo == nil
        else { throw .orderNotExist }
        guard order.mchid == merchant.mchid, order.subMchid == sub else { throw .noAuthority }
        return .ok(orderObject(order))
    }

    /// `POST …/out-trade-no/{out_trade_no}/close`, 《关闭订单》.
    mutating func close(
        outTradeNo: String, _ scope: Scope, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        try checkPath(outTradeNo, TransactionRules.outTradeNo)
        let body = try checkedBody(call, TransactionRules.merchants(scope), merchant, moment)
        let sub = try parties(in: body, scope, merchant).subMchid
        let order = try order(outTradeNo, of: merchant, sub, moment)
        guard order.tradeType != SandboxOrder.micropay else {
            throw .invalidRequest("付款码支付订单不支持关单，请使用撤销订单接口", number: 268_449_641)
        }
        guard try checkClose(of: [order], outTradeNo, merchant, moment) else { return .noContent }
        close(order.key, moment)
        return .noContent
    }

    /// Whether there is something to close in orders that are paid together; closing twice is allowed.
    mutating func checkClose(
        of orders: [SandboxOrder], _ outTradeNo: String, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Bool {
        guard orders.allSatisfy({ [.notPaid, .closed].contains($0.tradeState) }) else {
            throw Fault(400, "ORDERPAID", "该订单已支付", number: 268_449_538)
        }
        guard let open = orders.first(where: { $0.tradeState == .notPaid }) else { return false }
        if moment.business.since(open.createdAt) < .seconds(300) {
            try lenient(
                "close_too_early", merchant.mchid,
                "\(outTradeNo) was closed within five minutes of being placed: WeChat asks to wait that long",
                .invalidRequest("订单生成后不能马上调用关单接口，最短调用时间间隔为5分钟", number: 268_449_539), moment)
        }
        return true
    }

    mutating func close(_ key: String, _ moment: Moment) {
        state.orders[key]?.tradeState = .closed
        state.orders[key]?.closedAt = moment.business
        isChanged = true
    }

    /// A merchant's order as it is now; the parts of combined orders are not among them.
    func order(
        _ outTradeNo: String, of merchant: SandboxMerchant, _ subMchid: String?, _ moment: Moment
    ) throws(Fault) -> SandboxOrder {
        guard let order = order(merchant.mchid, outTradeNo, at: moment.business), order.subMchid == subMchid,
            order.combineOutTradeNo == nil
        else { throw .orderNotExist }
        return order
    }

    /// An order as it is at a moment.
    func order(_ mchid: String, _ outTradeNo: String, at business: Timestamp) -> SandboxOrder? {
        state.orders[SandboxOrder.key(mchid, outTradeNo)]?.settled(at: business)
    }

    func checkPath(_ value: String, _ rule: FieldRule) throws(Fault) {
        var check = BodyCheck(location: "uri_template")
        try check.check(.record((rule.name, .string(value))), [rule])
    }

    /// Checks the merchants in a query.
    ///
    /// - Returns: the merchant below a service provider.
    private func checkQuery(_ call: Call, _ scope: Scope, _ merchant: SandboxMerchant) throws(Fault) -> String? {
        var check = BodyCheck(location: "query")
        let rules = TransactionRules.merchants(scope)
        let fields = JSONValue.object(
            rules.compactMap { rule in call.query[rule.name].map { .init(name: rule.name, value: .string($0)) } })
        try check.check(fields, rules)
        let mchid = call.query[scope.signerField]
        guard mchid == merchant.mchid else {
            throw .parameter(
                "http header中的mchid与query中的mchid不匹配", field: scope.signerField, value: .text(mchid),
                issue: "not the mchid of Authorization", location: "query")
        }
        return try parties(in: fields, scope, merchant).subMchid
    }

    /// The order object of queries, payment codes and notifications; the fields of a payment are there only once it is paid.
    func orderObject(_ order: SandboxOrder) -> JSONValue {
        let isPaid = order.paidAt != nil
        let amount: JSONValue =
            isPaid
            ? .record(
                ("currency", .string(order.currency)), ("payer_currency", .string(order.currency)),
                ("payer_total", .integer(order.payerTotal)), ("total", .integer(order.total)))
            : .record(("currency", .string(order.currency)), ("total", .integer(order.total)))
        let fields: [(String, JSONValue?)] =
            partyFields(of: order) + [
                ("amount", amount), ("attach", isPaid ? .text(order.attach) : nil), ("bank_type", .text(order.bankType)),
                ("out_trade_no", .string(order.outTradeNo)), ("payer", isPaid ? payerObject(of: order) : nil),
                ("promotion_detail", promotionDetail(of: order)),
                ("scene_info", isPaid ? order.deviceID.map { .record(("device_id", .string($0))) } : nil),
                ("success_time", .time(order.paidAt)), ("trade_state", .string(order.tradeState.rawValue)),
                ("trade_state_desc", .string(order.tradeStateDescription)),
                ("trade_type", isPaid ? .string(order.tradeType) : nil), ("transaction_id", .text(order.transactionID)),
            ]
        // Live answers have their names in this order.
        return .object(
            fields.sorted { $0.0 < $1.0 }.compactMap { name, value in value.map { .init(name: name, value: $0) } })
    }

    /// The coupons that paid a part of an order; `nil` when there were none.
    func promotionDetail(of order: SandboxOrder) -> JSONValue? {
        guard !order.coupons.isEmpty else { return nil }
        return .array(
            order.coupons.map { coupon in
                // A coupon that is not settled is the merchant's own discount; the other kind somebody has paid for.
                let isMerchants = coupon.type == .noCash
                return .record(
                    ("amount", .integer(coupon.amount)), ("coupon_id", .string(coupon.couponID)),
                    ("currency", .string(order.currency)), ("goods_detail", .array([])),
                    ("merchant_contribute", .integer(isMerchants ? coupon.amount : 0)), ("name", .string(coupon.name)),
                    ("other_contribute", .integer(isMerchants ? 0 : coupon.amount)), ("scope", "GLOBAL"),
                    ("stock_id", .string(coupon.stockID)), ("type", .string(coupon.type.rawValue)),
                    ("wechatpay_contribute", .integer(0)))
            })
    }
}
