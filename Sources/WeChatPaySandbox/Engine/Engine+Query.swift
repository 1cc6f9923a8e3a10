import PaymentPrimitives

extension Engine {
    /// `GET /v3/pay/transactions/out-trade-no/{out_trade_no}?mchid=`, 《商户订单号查询订单》.
    mutating func query(
        outTradeNo: String, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        try checkPath(outTradeNo, TransactionRules.outTradeNo)
        try checkQuery(call, merchant)
        guard let order = order(merchant.mchid, outTradeNo, at: moment.business) else { throw .orderNotExist }
        return .ok(orderObject(order))
    }

    /// `GET /v3/pay/transactions/id/{transaction_id}?mchid=`, 《微信支付订单号查询订单》.
    mutating func query(
        transactionID: String, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        try checkPath(transactionID, TransactionRules.transactionID)
        try checkQuery(call, merchant)
        guard let order = state.transactionIDs[transactionID].flatMap({ state.orders[$0] }) else { throw .orderNotExist }
        guard order.mchid == merchant.mchid else { throw .noAuthority }
        return .ok(orderObject(order))
    }

    /// `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close`, 《关闭订单》.
    mutating func close(
        outTradeNo: String, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        try checkPath(outTradeNo, TransactionRules.outTradeNo)
        _ = try checkedBody(call, TransactionRules.close, merchant, moment)
        guard let order = order(merchant.mchid, outTradeNo, at: moment.business) else { throw .orderNotExist }
        switch order.tradeState {
        case .closed: return .noContent
        case .notPaid: break
        default: throw Fault(400, "ORDERPAID", "该订单已支付", number: 268_449_538)
        }
        if moment.business.since(order.createdAt) < .seconds(300) {
            try lenient(
                "close_too_early", merchant.mchid,
                "\(outTradeNo) was closed within five minutes of being placed: WeChat asks to wait that long",
                .invalidRequest("订单生成后不能马上调用关单接口，最短调用时间间隔为5分钟", number: 268_449_539), moment)
        }
        state.orders[order.key]?.tradeState = .closed
        state.orders[order.key]?.closedAt = moment.business
        isChanged = true
        return .noContent
    }

    /// An order as it is at a moment.
    func order(_ mchid: String, _ outTradeNo: String, at business: Timestamp) -> SandboxOrder? {
        state.orders[SandboxOrder.key(mchid, outTradeNo)]?.settled(at: business)
    }

    func checkPath(_ value: String, _ rule: FieldRule) throws(Fault) {
        var check = BodyCheck(location: "uri_template")
        try check.check(.record((rule.name, .string(value))), [rule])
    }

    private func checkQuery(_ call: Call, _ merchant: SandboxMerchant) throws(Fault) {
        var check = BodyCheck(location: "query")
        let mchid = call.query["mchid"]
        try check.check(.record(("mchid", .text(mchid))), [TransactionRules.mchid])
        guard mchid == merchant.mchid else {
            throw .parameter(
                "http header中的mchid与query中的mchid不匹配", field: "mchid", value: .text(mchid),
                issue: "not the mchid of Authorization", location: "query")
        }
    }

    /// The order object of queries and notifications; the fields of a payment are there only once it is paid.
    func orderObject(_ order: SandboxOrder) -> JSONValue {
        let isPaid = order.isRefundable
        let amount: JSONValue =
            isPaid
            ? .record(
                ("currency", .string(order.currency)), ("payer_currency", .string(order.currency)),
                ("payer_total", .integer(order.total)), ("total", .integer(order.total)))
            : .record(("currency", .string(order.currency)), ("total", .integer(order.total)))
        return .record(
            ("amount", amount), ("appid", .string(order.appid)), ("attach", isPaid ? .text(order.attach) : nil),
            ("bank_type", .text(order.bankType)), ("mchid", .string(order.mchid)),
            ("out_trade_no", .string(order.outTradeNo)),
            ("payer", isPaid ? .record(("openid", .string(order.openid))) : nil),
            ("scene_info", isPaid ? order.deviceID.map { .record(("device_id", .string($0))) } : nil),
            ("success_time", .time(order.paidAt)), ("trade_state", .string(order.tradeState.rawValue)),
            ("trade_state_desc", .string(order.tradeStateDescription)), ("trade_type", isPaid ? .string(order.tradeType) : nil),
            ("transaction_id", .text(order.transactionID)))
    }
}
