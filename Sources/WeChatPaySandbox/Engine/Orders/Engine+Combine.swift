import HTTPTypes
import PaymentPrimitives

/// The calls below `/v3/combine-transactions/`.
extension Engine {
    mutating func combine(
        _ path: [String], _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        if path.count == 1, let method = PrepayMethod(rawValue: path[0]) {
            try require(.post, call)
            return try combinePrepay(method, call, merchant, moment)
        }
        guard path.first == "out-trade-no" else { throw .noSuchPath }
        if path.count == 2 {
            try require(.get, call)
            let (combine, parts) = try combined(path[1], merchant, moment)
            return .ok(combineObject(combine, parts))
        }
        guard path.count == 3, path[2] == "close" else { throw .noSuchPath }
        try require(.post, call)
        return try combineClose(path[1], call, merchant, moment)
    }

    /// `POST /v3/combine-transactions/{jsapi,app,h5,native}`, 《合单下单》.
    private mutating func combinePrepay(
        _ method: PrepayMethod, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        let body = try checkedBody(call, CombineRules.prepay(method, merchant.role), merchant, moment)
        try checkCombineApp(body, merchant)
        let (combine, parts) = try combineOrder(from: body, method, merchant, moment)
        if let known = state.combineOrders[combine.key] {
            if let part = self.parts(of: known, at: moment.business).first { try checkReentry(part.tradeState) }
            try checkReentry(known: (known.tradeType, known.parameters), again: (combine.tradeType, combine.parameters))
        } else {
            guard parts.allSatisfy({ state.orders[$0.key] == nil }) else { throw .repeatedNumber }
            state.combineOrders[combine.key] = combine
            for part in parts { state.orders[part.key] = part }
        }
        let prepay = makePrepay(method, moment)
        state.combineOrders[combine.key]?.prepayIDs.append(prepay)
        remember(prepay, for: combine.key)
        return .ok(PayLink.answer(prepay, method, origin: call.origin))
    }

    /// `POST /v3/combine-transactions/out-trade-no/{combine_out_trade_no}/close`, 《合单关闭订单》.
    private mutating func combineClose(
        _ outTradeNo: String, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        let body = try checkedBody(call, CombineRules.close, merchant, moment)
        try checkCombineApp(body, merchant)
        let (_, parts) = try combined(outTradeNo, merchant, moment)
        func name(_ mchid: String, _ subMchid: String?, _ number: String) -> String { "\(mchid)/\(subMchid ?? "")/\(number)" }
        let named = (body["sub_orders"]?.array ?? []).map { part in
            name(part["mchid"]?.string ?? "", part["sub_mchid"]?.string, part["out_trade_no"]?.string ?? "")
        }
        guard named.sorted() == parts.map({ name($0.mchid, $0.subMchid, $0.outTradeNo) }).sorted() else {
            throw .invalidRequest("子单信息与下单时不一致，请传入该合单的全部子单", number: 268_449_646)
        }
        guard try checkClose(of: parts, outTradeNo, merchant, moment) else { return .noContent }
        for part in parts { close(part.key, moment) }
        return .noContent
    }

    private func checkCombineApp(_ body: JSONValue, _ merchant: SandboxMerchant) throws(Fault) {
        guard body["combine_appid"]?.string == merchant.appid else {
            throw Fault(400, "APPID_MCHID_NOT_MATCH", "combine_appid和combine_mchid不匹配，请检查后再试", number: 268_445_527)
        }
    }

    /// The combined order and its parts that a checked body asks for.
    private mutating func combineOrder(
        from body: JSONValue, _ method: PrepayMethod, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> (CombineOrder, [SandboxOrder]) {
        var openid: String?
        if method == .jsapi {
            let named = body["combine_payer_info"]?["openid"]?.string ?? ""
            guard user(named)?.appid == merchant.appid else {
                throw .parameter(
                    "无效的openid", field: "/combine_payer_info/openid", value: .string(named),
                    issue: "no user of this appid", number: 268_501_013)
            }
            openid = named
        }
        let notifyURL = body["notify_url"]?.string ?? ""
        try checkNotifyURL(notifyURL, merchant.mchid, moment)
        _ = try time(body["time_start"]?.string, "time_start", "交易起始时间")
        let outTradeNo = body["combine_out_trade_no"]?.string ?? ""
        let timeExpire = try timeExpire(body["time_expire"]?.string, moment)
        let deviceID = body["scene_info"]?["device_id"]?.string
        var parts: [SandboxOrder] = []
        for (index, part) in (body["sub_orders"]?.array ?? []).enumerated() {
            let here = "/sub_orders/\(index)"
            let parties = try partParties(part, here, merchant, moment)
            parts.append(
                SandboxOrder(
                    outTradeNo: part["out_trade_no"]?.string ?? "", mchid: parties.mchid, appid: parties.appid,
                    tradeType: method.tradeType, description: part["description"]?.string ?? "",
                    attach: part["attach"]?.string, notifyURL: notifyURL, total: part["amount"]?["total_amount"]?.int64 ?? 0,
                    currency: try currency(part["amount"]?["currency"], here + "/amount/currency"), openid: openid,
                    deviceID: deviceID, createdAt: moment.business, timeExpire: timeExpire, tradeState: .notPaid,
                    subMchid: parties.subMchid, subAppid: parties.subAppid, goodsTag: part["goods_tag"]?.string,
                    combineOutTradeNo: outTradeNo, combineMchid: merchant.mchid, prepayIDs: [], parameters: ""))
        }
        guard Set(parts.map(\.key)).count == parts.count else {
            throw .parameter("子单商户订单号重复", field: "/sub_orders", issue: "one number for two sub-orders of a merchant")
        }
        let combine = CombineOrder(
            outTradeNo: outTradeNo, mchid: merchant.mchid, appid: merchant.appid, tradeType: method.tradeType,
            notifyURL: notifyURL, openid: openid, deviceID: deviceID, partKeys: parts.map(\.key),
            parameters: body.sorted.json)
        return (combine, parts)
    }

    /// Whom a sub-order's money is for.
    private mutating func partParties(
        _ part: JSONValue, _ pointer: String, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Parties {
        let mchid = part["mchid"]?.string ?? ""
        guard merchant.role == .merchant else {
            guard part["sub_mchid"] != nil else { throw .parameter("受理机构必须传入sub_mch_id", field: pointer + "/sub_mchid") }
            guard mchid == merchant.mchid else {
                throw .parameter(
                    "http header中的mchid与post payload中的mchid不匹配", field: pointer + "/mchid", value: .string(mchid),
                    issue: "not the mchid of Authorization")
            }
            return try parties(in: part, .partner, merchant)
        }
        guard part["sub_mchid"] == nil else {
            throw .parameter("普通商户不允许传sub_mch_id", field: pointer + "/sub_mchid")
        }
        guard platform.accounts[mchid]?.merchant.role == .merchant else {
            throw Fault(400, "MCH_NOT_EXISTS", "商户号不存在", number: 268_445_528)
        }
        if mchid != merchant.mchid {
            try lenient(
                "combine_foreign_mchid", merchant.mchid,
                "\(pointer)/mchid \(mchid) is not the signer: WeChat demands that it is bound to combine_appid",
                Fault(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配，请检查后再试", number: 268_445_527), moment)
        }
        return Parties(mchid: mchid, appid: merchant.appid)
    }

    /// A combined order and its parts as they are now.
    func combined(_ outTradeNo: String, _ mchid: String, at business: Timestamp) -> (CombineOrder, [SandboxOrder])? {
        state.combineOrders[CombineOrder.key(mchid, outTradeNo)].map { ($0, parts(of: $0, at: business)) }
    }

    private func combined(
        _ outTradeNo: String, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> (CombineOrder, [SandboxOrder]) {
        try checkPath(outTradeNo, CombineRules.outTradeNo)
        guard let found = combined(outTradeNo, merchant.mchid, at: moment.business) else { throw .orderNotExist }
        return found
    }

    private func parts(of combine: CombineOrder, at business: Timestamp) -> [SandboxOrder] {
        combine.partKeys.compactMap { state.orders[$0]?.settled(at: business) }
    }

    /// The object of a combined order's query and of its notification.
    func combineObject(_ combine: CombineOrder, _ parts: [SandboxOrder]) -> JSONValue {
        let openid = parts.first { $0.paidAt != nil }.flatMap { payer(of: $0, in: combine.appid) }
        return .record(
            ("combine_appid", .string(combine.appid)), ("combine_mchid", .string(combine.mchid)),
            ("combine_out_trade_no", .string(combine.outTradeNo)),
            ("combine_payer_info", openid.map { .record(("openid", .string($0))) }),
            ("scene_info", combine.deviceID.map { .record(("device_id", .string($0))) }),
            ("sub_orders", .array(parts.map(partObject))))
    }

    private func partObject(_ part: SandboxOrder) -> JSONValue {
        let isPaid = part.paidAt != nil
        return .record(
            (
                "amount",
                .record(
                    ("currency", .string(part.currency)), ("payer_amount", isPaid ? .integer(part.payerTotal) : nil),
                    ("payer_currency", isPaid ? .string(part.currency) : nil), ("total_amount", .integer(part.total)))
            ),
            ("attach", isPaid ? .text(part.attach) : nil), ("bank_type", .text(part.bankType)),
            ("mchid", .string(part.mchid)), ("out_trade_no", .string(part.outTradeNo)),
            ("promotion_detail", promotionDetail(of: part)), ("sub_mchid", .text(part.subMchid)),
            ("success_time", .time(part.paidAt)), ("trade_state", .string(part.tradeState.rawValue)),
            ("trade_type", isPaid ? .string(part.tradeType) : nil), ("transaction_id", .text(part.transactionID)))
    }
}
