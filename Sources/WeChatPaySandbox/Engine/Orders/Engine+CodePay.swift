import PaymentPrimitives

extension Engine {
    /// A payment code lives a minute.
    private static let authCodeLifetime = Duration.seconds(60)
    /// Above 1000 yuan the user is asked for the password.
    private static let passwordFree: Int64 = 100_000

    /// The 18 digits that a user shows: they live a minute and work once.
    mutating func authCode(openid: String, needsPassword: Bool, at moment: Moment) throws(SandboxError) -> String {
        guard user(openid) != nil else {
            throw SandboxError(
                .notFound, "there is no user with that openid; sandbox.json lists users, POST /_sandbox/users adds one")
        }
        // Kept for a day, so that a code that is shown too late is called expired and not unknown.
        let oldest = moment.business.advanced(by: .seconds(-86_400))
        state.authCodes = state.authCodes.filter { $0.value.expiresAt > oldest }
        let sequence = nextSequence()
        let code = "1\(sequence % 6)\(randomDigits(10))\(padded(sequence % 1_000_000, 6))"
        state.authCodes[code] = SandboxState.AuthCode(
            openid: openid, expiresAt: moment.business.advanced(by: Self.authCodeLifetime), needsPassword: needsPassword)
        isChanged = true
        return code
    }

    /// `POST …/codepay`, 《付款码支付》: the answer is the payment, and there is no notification.
    mutating func codePay(
        _ scope: Scope, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        let body = try checkedBody(call, TransactionRules.codePay(scope), merchant, moment)
        let order = try charge(
            codePayOrder(body, try parties(in: body, scope, merchant), moment), code: body["payer"]?["auth_code"]?.string ?? "",
            moment)
        return order.tradeState == .userPaying ? Self.userPaying : .ok(orderObject(order))
    }

    /// Charges a payment code for an order, unless the number is known.
    ///
    /// - Returns: the order, paid, or waiting for the user's password.
    mutating func charge(_ wish: SandboxOrder, code text: String, _ moment: Moment) throws(Fault) -> SandboxOrder {
        var order = wish
        if let known = state.orders[order.key]?.settled(at: moment.business) {
            try checkReentry(known.tradeState)
            try checkReentry(known: (known.tradeType, known.parameters), again: (order.tradeType, order.parameters))
            if known.tradeState == .userPaying { return known }
            // What has failed needs a new number, and a new code.
            throw Fault(403, "OUT_TRADE_NO_USED", "商户订单号重复", number: 268_498_690)
        }
        let code = try useAuthCode(text, order.mchid, moment)
        guard let user = user(code.openid) else { throw Self.invalidCode("请扫描微信支付授权码") }
        order.openid = user.openid
        let due = withCoupons([order], user).reduce(0) { $0 + $1.payerTotal }
        if walletBalance(of: user) >= due, code.needsPassword || order.total > Self.passwordFree {
            order.tradeState = .userPaying
            state.orders[order.key] = order
            isChanged = true
            return order
        }
        guard let paid = charge([order], user, moment) else {
            order.tradeState = .payError
            state.orders[order.key] = order
            throw Fault(403, "NOT_ENOUGH", "用户余额不足，请引导用户更换支付方式", number: 268_447_851)
        }
        return paid[0]
    }

    /// The user answers the question for the password.
    mutating func confirmCode(
        outTradeNo: String, mchid: String, outcome: PayOutcome, at moment: Moment
    ) throws(SandboxError) -> PayReport {
        guard let order = order(mchid, outTradeNo, at: moment.business) else {
            throw SandboxError(.notFound, "merchant \(mchid) has no order \(outTradeNo)")
        }
        guard order.tradeState == .userPaying, let user = order.openid.flatMap(user) else {
            throw SandboxError(
                .invalidArgument, "\(outTradeNo) is \(order.tradeState): no user is being asked for a password")
        }
        guard outcome != .successThenKillApp else {
            throw SandboxError(.invalidArgument, "outcome \(outcome.rawValue) is of payment sheets; say success")
        }
        if outcome == .success, let paid = charge([order], user, moment) { return .succeeded(paid[0], isHeard: true) }
        state.orders[order.key]?.tradeState = .payError
        isChanged = true
        return .failed(state.orders[order.key] ?? order, outcome.reason ?? "余额不足")
    }

    /// `POST …/out-trade-no/{out_trade_no}/reverse`, 《撤销订单》.
    mutating func reverse(
        outTradeNo: String, _ scope: Scope, _ call: Call, _ merchant: SandboxMerchant, _ moment: Moment
    ) throws(Fault) -> Answer {
        try checkPath(outTradeNo, TransactionRules.outTradeNo)
        let body = try checkedBody(call, TransactionRules.reverse(scope), merchant, moment)
        let sub = try parties(in: body, scope, merchant).subMchid
        let order = try order(outTradeNo, of: merchant, sub, moment)
        try reverse(order, moment)
        return .ok(
            .object(
                (partyFields(of: order) + [("out_trade_no", .string(outTradeNo))])
                    .compactMap { name, value in value.map { .init(name: name, value: $0) } }))
    }

    /// Takes a payment by code back; once more does no harm.
    mutating func reverse(_ order: SandboxOrder, _ moment: Moment) throws(Fault) {
        guard order.tradeType == SandboxOrder.micropay else {
            throw .invalidRequest("仅付款码支付订单支持撤销，请使用关闭订单或退款接口", number: 268_449_642)
        }
        if order.tradeState == .revoked { return }
        let age = moment.business.since(order.createdAt)
        // Its code is API v2's; v3's own is not documented.
        guard age < SandboxOrder.lifetime else {
            throw Fault(400, "REVERSE_EXPIRE", "订单已超过7天，不能撤销，请使用退款接口", number: 268_449_643)
        }
        guard [.userPaying, .payError, .success].contains(order.tradeState) else {
            throw .invalidRequest("订单已发生退款，不能撤销", number: 268_449_644)
        }
        if age < .seconds(15) {
            try lenient(
                "reverse_too_early", order.mchid,
                "\(order.outTradeNo) was reversed within 15 seconds of the charge: WeChat asks to wait that long",
                .invalidRequest("支付后15秒内不能调用撤销接口，请先查询订单", number: 268_449_645), moment)
        }
        if order.tradeState == .success {
            returnCoupons(of: order)
            giveBack(reversing: order, moment)
        }
        state.orders[order.key]?.tradeState = .revoked
        state.orders[order.key]?.closedAt = moment.business
        isChanged = true
    }

    private mutating func codePayOrder(
        _ body: JSONValue, _ parties: Parties, _ moment: Moment
    ) throws(Fault) -> SandboxOrder {
        SandboxOrder(
            outTradeNo: body["out_trade_no"]?.string ?? "", mchid: parties.mchid, appid: parties.appid,
            tradeType: SandboxOrder.micropay, description: body["description"]?.string ?? "", attach: body["attach"]?.string,
            notifyURL: nil, total: body["amount"]?["total"]?.int64 ?? 0,
            currency: try currency(body["amount"]?["currency"], "/amount/currency"),
            deviceID: body["scene_info"]?["device_id"]?.string, createdAt: moment.business, timeExpire: nil,
            tradeState: .userPaying, subMchid: parties.subMchid, subAppid: parties.subAppid,
            goodsTag: body["goods_tag"]?.string, prepayIDs: [], parameters: body.sorted.json)
    }

    /// Takes a payment code, which thereby is used.
    private mutating func useAuthCode(
        _ text: String, _ mchid: String, _ moment: Moment
    ) throws(Fault) -> SandboxState.AuthCode {
        let code = try authCode(text, mchid, moment)
        state.authCodes[text]?.isUsed = true
        isChanged = true
        return code
    }

    /// A payment code that can still be used. Codes, statuses and texts are API v2's in v3's spelling; what v3 says is not
    /// documented.
    func authCode(_ text: String, _ mchid: String, _ moment: Moment) throws(Fault) -> SandboxState.AuthCode {
        guard text.wholeMatch(of: /1[0-5][0-9]{16}/) != nil, let code = state.authCodes[text],
            code.mchid == nil || code.mchid == mchid
        else { throw Self.invalidCode("请扫描微信支付授权码(以10/11/12/13/14/15为前缀的18位数字)") }
        guard !code.isUsed else { throw Self.invalidCode("101 每个二维码仅限使用一次，请刷新再试") }
        guard code.expiresAt > moment.business else {
            throw Fault(400, "AUTH_CODE_EXPIRE", "付款码已过期，请用户刷新后重新扫码", number: 268_447_853)
        }
        return code
    }

    static func invalidCode(_ message: String) -> Fault {
        Fault(400, "AUTH_CODE_INVALID", message, number: 268_447_852)
    }

    private static let userPaying = Answer(Fault(202, "USERPAYING", "用户支付中，需要输入密码", number: 268_447_850))
}
