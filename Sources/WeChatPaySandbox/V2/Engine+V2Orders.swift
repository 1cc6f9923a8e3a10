import PaymentPrimitives

extension Engine {
    /// `/pay/unifiedorder`, 《统一下单》.
    mutating func unifiedOrder(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> V2Document {
        let word = try request.required("trade_type", 16)
        guard let method = PrepayMethod.allCases.first(where: { $0.tradeType == word }) else {
            throw .parameter("trade_type参数格式有误")
        }
        let order = try orderV2(request, method.tradeType, moment)
        if method == .native { _ = try request.required("product_id", 32) }
        if method == .h5 { _ = try request.required("scene_info", 256) }
        if let known = state.orders[order.key]?.settled(at: moment.business) {
            try v2 { () throws(Fault) in try checkReentry(known.tradeState) }
            guard known.tradeType == order.tradeType, known.parameters == order.parameters else {
                throw V2Fault(.repeatedNumber)
            }
        }
        let prepay = makePrepay(method, moment)
        state.orders[order.key, default: order].prepayIDs.append(prepay)
        remember(prepay, for: order.key)
        let links = PayLink.answer(prepay, method, origin: request.origin)
        var answer = V2Document()
        answer.add("device_info", request["device_info"])
        answer.add("trade_type", order.tradeType)
        answer.add("prepay_id", prepay.id)
        answer.add("code_url", links["code_url"]?.string)
        answer.add("mweb_url", links["h5_url"]?.string)
        return answer
    }

    /// The order that a request asks for.
    mutating func orderV2(_ request: V2Request, _ tradeType: String, _ moment: Moment) throws(V2Fault) -> SandboxOrder {
        let isMicropay = tradeType == SandboxOrder.micropay
        let description = try request.required("body", 128)
        let outTradeNo = try request.outTradeNo()
        let total = try request.number("total_fee", 1...Ledger.greatestAmount)
        _ = try request.required("spbill_create_ip", 64)
        _ = try request.optional("detail", 6000)
        _ = try request.optional("scene_info", 256)
        guard (request["fee_type"] ?? "CNY") == "CNY" else { throw .parameter("fee_type参数格式有误") }
        var notifyURL: String?
        if !isMicropay {
            let url = try request.required("notify_url", 256)
            try v2 { () throws(Fault) in try checkNotifyURL(url, request.merchant.mchid, moment) }
            notifyURL = url
        }
        var expiry = try request.time("time_expire")
        if let time = expiry {
            let start = try request.time("time_start") ?? moment.business
            guard time.since(start) >= .seconds(60) else {
                throw .business("INVALID_REQUEST", "time_expire时间过短，刷卡至少1分钟，其他5分钟")
            }
            expiry = time
        }
        return SandboxOrder(
            outTradeNo: outTradeNo, mchid: request.merchant.mchid, appid: request.merchant.appid, tradeType: tradeType,
            description: description, attach: try request.optional("attach", 127), notifyURL: notifyURL, total: total,
            currency: "CNY", openid: tradeType == PrepayMethod.jsapi.tradeType ? try payerV2(request) : nil,
            deviceID: try request.optional("device_info", 32), createdAt: moment.business, timeExpire: expiry,
            tradeState: isMicropay ? .userPaying : .notPaid, subMchid: request.subMchid, subAppid: request.subAppid,
            goodsTag: try request.optional("goods_tag", 32),
            v2: V2Terms(
                signType: request.signType, deviceInfo: request["device_info"], isSandboxNew: request.isSandboxNew),
            prepayIDs: [], parameters: request.parameters())
    }

    private func payerV2(_ request: V2Request) throws(V2Fault) -> String {
        if let openid = try request.optional("openid", 128) {
            guard user(openid)?.appid == request.merchant.appid else { throw .parameter("openid和appid不匹配") }
            return openid
        }
        guard let subAppid = request.subAppid, let openid = try request.optional("sub_openid", 128) else {
            throw .lacksParameter
        }
        guard user(openid)?.appid == subAppid else { throw .parameter("sub_openid和sub_appid不匹配") }
        return openid
    }

    /// The order that a request names, by WeChat's number or by the merchant's.
    func knownOrderV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> SandboxOrder {
        if let id = try request.optional("transaction_id", 32) {
            guard let order = state.transactionIDs[id].flatMap({ state.orders[$0] }), order.combineOutTradeNo == nil,
                order.mchid == request.merchant.mchid, order.subMchid == request.subMchid
            else { throw V2Fault(.orderNotExist) }
            return order.settled(at: moment.business)
        }
        let number = try request.outTradeNo()
        return try v2 { () throws(Fault) -> SandboxOrder in try self.order(number, of: request.merchant, request.subMchid, moment)
        }
    }

    /// `/pay/orderquery`, 《查询订单》.
    func orderQueryV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> V2Document {
        let order = try knownOrderV2(request, moment)
        var answer = V2Document()
        answer.add("device_info", order.deviceID)
        answer.add("trade_state", order.tradeState.rawValue)
        if order.paidAt != nil {
            answer.add(paymentV2(order, listsCoupons: true))
        } else {
            answer.add("total_fee", order.total)
            answer.add("out_trade_no", order.outTradeNo)
            answer.add("attach", order.attach)
        }
        answer.add("trade_state_desc", order.tradeStateDescription)
        return answer
    }

    /// `/pay/closeorder`, 《关闭订单》.
    mutating func closeOrderV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> V2Document {
        let number = try request.outTradeNo()
        let order = try v2 { () throws(Fault) -> SandboxOrder in
            try self.order(number, of: request.merchant, request.subMchid, moment)
        }
        guard order.tradeState != .closed else { throw .business("ORDERCLOSED", "订单已关闭") }
        guard order.tradeType != SandboxOrder.micropay else {
            throw .business("INVALID_REQUEST", "付款码支付订单不支持关单，请使用撤销订单接口")
        }
        let isOpen = try v2 { () throws(Fault) in try checkClose(of: [order], number, request.merchant, moment) }
        if isOpen { close(order.key, moment) }
        var answer = V2Document()
        answer.add("result_msg", "OK")
        return answer
    }

    /// What queries, code payments and notifications say of a payment.
    func paymentV2(_ order: SandboxOrder, listsCoupons: Bool) -> V2Document {
        var payment = V2Document()
        payment.add("openid", payer(of: order, in: order.appid))
        payment.add("is_subscribe", "N")
        if let subAppid = order.subAppid {
            payment.add("sub_openid", payer(of: order, in: subAppid))
            payment.add("sub_is_subscribe", "N")
        }
        payment.add("trade_type", order.tradeType)
        payment.add("bank_type", order.bankType)
        payment.add("total_fee", order.total)
        if order.settlementTotal != order.total { payment.add("settlement_total_fee", order.settlementTotal) }
        payment.add("fee_type", order.currency)
        payment.add("cash_fee", order.payerTotal)
        payment.add("cash_fee_type", order.currency)
        if !order.coupons.isEmpty {
            payment.add("coupon_fee", order.total - order.payerTotal)
            if listsCoupons {
                payment.add("coupon_count", Int64(order.coupons.count))
                for (index, coupon) in order.coupons.enumerated() {
                    payment.add("coupon_type_\(index)", coupon.type.v2Word)
                    payment.add("coupon_id_\(index)", coupon.couponID)
                    payment.add("coupon_fee_\(index)", coupon.amount)
                }
            }
        }
        payment.add("transaction_id", order.transactionID)
        payment.add("out_trade_no", order.outTradeNo)
        payment.add("attach", order.attach)
        payment.add("time_end", order.paidAt.map { String($0.rfc3339.prefix(19).filter(\.isNumber)) })
        return payment
    }
}

extension SandboxOrder.AppliedCoupon.Kind {
    var v2Word: String { self == .cash ? "CASH" : "NO_CASH" }
}
