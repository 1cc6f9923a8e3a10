import PaymentPrimitives

extension Engine {
    /// `POST /v3/pay/transactions/{jsapi,app,h5,native}` and the same for service providers: 《JSAPI下单》, 《APP下单》,
    /// 《H5下单》, 《Native下单》.
    mutating func prepay(
        _ method: PrepayMethod, _ scope: Scope, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        let body = try checkedBody(call, TransactionRules.prepay(method, scope), merchant, moment)
        let order = try order(from: body, method, try parties(in: body, scope, merchant), moment)
        if let known = state.orders[order.key]?.settled(at: moment.business) {
            try checkReentry(known.tradeState)
            try checkReentry(known: (known.tradeType, known.parameters), again: (order.tradeType, order.parameters))
        }
        let prepay = makePrepay(method, moment)
        state.orders[order.key, default: order].prepayIDs.append(prepay)
        remember(prepay, for: order.key)
        return .ok(PayLink.answer(prepay, method, origin: call.origin))
    }

    /// Whether an order may be placed again, by what has become of it.
    func checkReentry(_ state: SandboxOrder.TradeState) throws(Fault) {
        switch state {
        case .notPaid, .userPaying, .payError: break
        case .closed: throw Fault(400, "ORDER_CLOSED", "该订单已关闭", number: 268_447_914)
        // Codes of API v2; v3's own are not documented.
        case .revoked: throw Fault(400, "ORDER_REVERSED", "该订单已撤销", number: 268_447_914)
        default: throw Fault(400, "ORDERPAID", "该订单已支付", number: 268_498_689)
        }
    }

    /// A number belongs to one way of paying and to the fields of its first request.
    func checkReentry(
        known: (tradeType: String, parameters: String), again: (tradeType: String, parameters: String)
    ) throws(Fault) {
        guard known.tradeType == again.tradeType else { throw .repeatedNumber }
        guard known.parameters == again.parameters else { throw .reentryDiffers }
    }

    /// Keeps what a user may come with.
    mutating func remember(_ prepay: SandboxOrder.PrepayID, for key: String) {
        state.prepayIDs[prepay.id] = key
        if let code = prepay.code { state.codes[code] = prepay.id }
        isChanged = true
    }

    /// Reads a JSON body and checks its fields and that it speaks of the merchant that has signed it.
    mutating func checkedBody(
        _ call: Call, _ rules: [FieldRule], _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> JSONValue {
        let body: JSONValue
        do {
            body = try JSONParser.parse(call.body)
        } catch {
            throw .parameter("请求体不是合法的JSON：\(error)", field: "/", issue: error.description)
        }
        var check = BodyCheck(location: "body")
        try check.check(body, rules)
        if !check.unknownFields.isEmpty {
            let fields = check.unknownFields.joined(separator: ", ")
            try lenient(
                "unknown_body_field", merchant.mchid, "fields that the API does not document: \(fields)",
                .parameter(
                    "请求中含有未在API文档中定义的参数", field: check.unknownFields.first, issue: "undocumented field",
                    number: 270_924_358), moment)
        }
        for name in ["mchid", "sp_mchid", "combine_mchid"] {
            guard let mchid = body[name]?.string, mchid != merchant.mchid else { continue }
            throw .parameter(
                "http header中的mchid与post payload中的mchid不匹配", field: "/" + name, value: .string(mchid),
                issue: "not the mchid of Authorization")
        }
        return body
    }

    /// The order that a checked body asks for.
    private mutating func order(
        from body: JSONValue, _ method: PrepayMethod, _ parties: Parties, _ moment: Moment
    ) throws(Fault) -> SandboxOrder {
        let openid = method == .jsapi ? try payer(in: body, parties) : nil
        let currency = try currency(body["amount"]?["currency"], "/amount/currency")
        let notifyURL = body["notify_url"]?.string ?? ""
        try checkNotifyURL(notifyURL, parties.mchid, moment)
        return SandboxOrder(
            outTradeNo: body["out_trade_no"]?.string ?? "", mchid: parties.mchid, appid: parties.appid,
            tradeType: method.tradeType, description: body["description"]?.string ?? "", attach: body["attach"]?.string,
            notifyURL: notifyURL, total: body["amount"]?["total"]?.int64 ?? 0, currency: currency, openid: openid,
            deviceID: body["scene_info"]?["device_id"]?.string, createdAt: moment.business,
            timeExpire: try timeExpire(body["time_expire"]?.string, moment), tradeState: .notPaid,
            subMchid: parties.subMchid, subAppid: parties.subAppid, goodsTag: body["goods_tag"]?.string, prepayIDs: [],
            parameters: body.sorted.json)
    }

    /// The currency of an amount, of which there is one.
    func currency(_ value: JSONValue?, _ pointer: String) throws(Fault) -> String {
        let currency = value?.string ?? "CNY"
        guard currency == "CNY" else {
            throw .parameter("货币类型不合法", field: pointer, value: .string(currency), issue: "Currency code is invalid")
        }
        return currency
    }

    /// `time_expire` with WeChat's limits: at least a minute and at most 90 days ahead.
    func timeExpire(_ text: String?, _ moment: Moment) throws(Fault) -> Timestamp? {
        guard let time = try time(text, "time_expire", "交易结束时间") else { return nil }
        let earliest = moment.business.advanced(by: .seconds(60))
        let latest = moment.business.advanced(by: .seconds(90 * 86_400))
        return min(max(time, earliest), latest)
    }

    /// A time of a body, with its zone.
    func time(_ text: String?, _ name: String, _ label: String) throws(Fault) -> Timestamp? {
        guard let text else { return nil }
        guard text.wholeMatch(of: /.{10}T.{8}(\.\d+)?(Z|[+-]\d\d:\d\d)/) != nil, let time = Timestamp(rfc3339: text) else {
            throw .parameter(
                "输入源“/body/\(name)”映射到值字段“\(label)”规则校验失败，时间格式应为yyyy-MM-DDTHH:mm:ss+TIMEZONE",
                field: "/" + name, value: .string(text), issue: "not an RFC 3339 time with a zone")
        }
        return time
    }

    /// `notify_url` must be public https without a query; http is let pass for this machine, and where the options say so.
    mutating func checkNotifyURL(_ text: String, _ mchid: String, _ moment: Moment) throws(Fault) {
        func refused(_ issue: String) -> Fault {
            .parameter(
                "输入源“/body/notify_url”映射到值字段“通知地址”规则校验失败，通知地址必须为可公网访问的https地址，且不能携带参数",
                field: "/notify_url", value: .string(text), issue: issue)
        }
        guard let url = NotifyURL(text) else { throw refused("not an absolute http or https URL with a path") }
        guard !url.hasQuery else { throw refused("a query or fragment is not allowed") }
        if !url.isSecure {
            guard url.host.isLoopback || options.allowHTTPNotify else { throw refused("not https") }
        }
        if !url.isSecure || !url.host.isPublic {
            try lenient(
                "notify_url_not_public_https", mchid,
                "notify_url \(text) is not public https: WeChat would refuse it or never reach it",
                refused("not public https"), moment)
        }
    }

    /// A prepay id of 36 characters, of the form of the live ones: `wx`, the Beijing time in 14 digits, then 20 more. A
    /// QR code and a link have another short text besides.
    mutating func makePrepay(_ method: PrepayMethod, _ moment: Moment) -> SandboxOrder.PrepayID {
        let digits = moment.business.rfc3339.prefix(19).filter(\.isNumber)
        let sequence = nextSequence()
        var prepay = SandboxOrder.PrepayID(
            id: "wx\(digits)\(padded(sequence % 1_000_000, 6))\(random.alphanumeric(10).lowercased())0000",
            expiresAt: moment.business.advanced(by: method.lifetime))
        switch method {
        case .jsapi, .app: break
        // The sequence behind a fixed number of random characters keeps two codes apart.
        case .native: prepay.code = random.alphanumeric(6) + String(sequence, radix: 36)
        case .h5: prepay.code = randomDigits(10)
        }
        return prepay
    }

    /// Decimal digits by chance.
    func randomDigits(_ count: Int) -> String {
        // Of a byte's 256 values the last six would make six digits likelier than the others.
        var digits = ""
        while digits.utf8.count < count {
            for byte in random.bytes(count) where byte < 250 && digits.utf8.count < count { digits += String(byte % 10) }
        }
        return digits
    }
}

/// A number with leading zeros.
func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
