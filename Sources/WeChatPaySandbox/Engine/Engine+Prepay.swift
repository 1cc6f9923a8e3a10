import PaymentPrimitives

extension Engine {
    /// `POST /v3/pay/transactions/jsapi`, 《JSAPI下单》.
    mutating func prepay(_ call: Call, _ merchant: SandboxMerchant, _ moment: Moment) throws(Fault) -> Answer {
        let body = try checkedBody(call, TransactionRules.jsapi, merchant, moment)
        guard merchant.role == .merchant else { throw .noAuthority }
        let order = try order(from: body, merchant, moment)
        if let known = state.orders[order.key]?.settled(at: moment.business) {
            switch known.tradeState {
            case .notPaid: break
            case .closed: throw Fault(400, "ORDER_CLOSED", "该订单已关闭", number: 268_447_914)
            default: throw Fault(400, "ORDERPAID", "该订单已支付", number: 268_498_689)
            }
            guard known.parameters == order.parameters else {
                throw .invalidRequest("请求重入时，参数与首次请求时不一致", number: 268_498_688)
            }
        }
        let prepay = SandboxOrder.PrepayID(
            id: makePrepayID(moment), expiresAt: moment.business.advanced(by: SandboxOrder.prepayLifetime))
        state.orders[order.key, default: order].prepayIDs.append(prepay)
        state.prepayIDs[prepay.id] = order.key
        isChanged = true
        return .ok(.record(("prepay_id", .string(prepay.id))))
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
        if let mchid = body["mchid"]?.string, mchid != merchant.mchid {
            throw .parameter(
                "http header中的mchid与post payload中的mchid不匹配", field: "/mchid", value: .string(mchid),
                issue: "not the mchid of Authorization")
        }
        return body
    }

    /// The order that a checked body asks for.
    private mutating func order(
        from body: JSONValue, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> SandboxOrder {
        let appid = body["appid"]?.string ?? ""
        guard appid == merchant.appid else {
            throw Fault(400, "APPID_MCHID_NOT_MATCH", "appid和mch_id不匹配，请检查后再试", number: 268_445_527)
        }
        let openid = body["payer"]?["openid"]?.string ?? ""
        guard platform.user(openid)?.appid == appid else {
            throw .parameter(
                "无效的openid", field: "/payer/openid", value: .string(openid), issue: "no user of this appid",
                number: 268_501_013)
        }
        let currency = body["amount"]?["currency"]?.string ?? "CNY"
        guard currency == "CNY" else {
            throw .parameter(
                "货币类型不合法", field: "/amount/currency", value: .string(currency), issue: "Currency code is invalid")
        }
        let notifyURL = body["notify_url"]?.string ?? ""
        try checkNotifyURL(notifyURL, merchant.mchid, moment)
        return SandboxOrder(
            outTradeNo: body["out_trade_no"]?.string ?? "", mchid: merchant.mchid, appid: appid, tradeType: "JSAPI",
            description: body["description"]?.string ?? "", attach: body["attach"]?.string, notifyURL: notifyURL,
            total: body["amount"]?["total"]?.int64 ?? 0, currency: currency, openid: openid,
            deviceID: body["scene_info"]?["device_id"]?.string, createdAt: moment.business,
            timeExpire: try timeExpire(body["time_expire"]?.string, moment), tradeState: .notPaid, prepayIDs: [],
            parameters: body.sorted.json)
    }

    /// `time_expire` with WeChat's limits: at least a minute and at most 90 days ahead.
    private func timeExpire(_ text: String?, _ moment: Moment) throws(Fault) -> Timestamp? {
        guard let text else { return nil }
        guard text.wholeMatch(of: /.{10}T.{8}(\.\d+)?(Z|[+-]\d\d:\d\d)/) != nil, let time = Timestamp(rfc3339: text) else {
            throw .parameter(
                "输入源“/body/time_expire”映射到值字段“交易结束时间”规则校验失败，时间格式应为yyyy-MM-DDTHH:mm:ss+TIMEZONE",
                field: "/time_expire", value: .string(text), issue: "not an RFC 3339 time with a zone")
        }
        let earliest = moment.business.advanced(by: .seconds(60))
        let latest = moment.business.advanced(by: .seconds(90 * 86_400))
        return min(max(time, earliest), latest)
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

    /// 36 characters, of the form of the live ones: `wx`, the Beijing time in 14 digits, then 20 more.
    private mutating func makePrepayID(_ moment: Moment) -> String {
        let digits = moment.business.rfc3339.prefix(19).filter(\.isNumber)
        let number = padded(nextSequence() % 1_000_000, 6)
        return "wx\(digits)\(number)\(random.alphanumeric(10).lowercased())0000"
    }
}

/// A number with leading zeros.
func padded(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
