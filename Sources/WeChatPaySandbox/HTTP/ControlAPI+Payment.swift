import HTTPTypes
import PaymentPrimitives

/// The control calls of the person with the phone.
extension ControlAPI {
    static let paymentCalls = [
        "POST /_sandbox/pay {prepay_id | code_url | h5_url | out_trade_no + mchid, openid, outcome}",
        "POST /_sandbox/auth-code {openid, password?}", "POST /_sandbox/confirm-code {out_trade_no, mchid, outcome}",
        "POST /_sandbox/users {openid, appid, balance_fen?}",
        "POST /_sandbox/coupons {openid, amount_fen, type: CASH | NOCASH, name?, minimum_fen?, goods_tag?}",
    ]

    /// - Returns: the answer; `nil` when it is another's call.
    func routePayment(_ call: Call, _ path: [String]) async throws -> JSONValue? {
        guard call.method == .post, path.count == 1 else { return nil }
        switch path[0] {
        case "pay": return try await pay(Fields(call))
        case "auth-code":
            let fields = try Fields(call)
            let code = try sandbox.authCode(
                openid: fields.text("openid"), needsPassword: fields.flag("password"))
            return .record(("auth_code", .string(code)))
        case "confirm-code":
            let fields = try Fields(call)
            return try sandbox.confirmCode(
                outTradeNo: fields.text("out_trade_no"), mchid: fields.text("mchid"), outcome: outcome(fields)
            ).json
        case "users":
            let fields = try Fields(call)
            var user = SandboxUser(openid: try fields.text("openid"), appid: try fields.text("appid"))
            if fields.value["balance_fen"] != nil { user.balanceFen = try fields.integer("balance_fen") }
            try sandbox.addUser(user)
            return user.json
        case "coupons": return try addCoupon(Fields(call)).json
        default: return nil
        }
    }

    private func pay(_ fields: Fields) async throws -> JSONValue {
        let target: PaymentTarget
        if fields.value["prepay_id"] != nil {
            target = .prepayID(try fields.text("prepay_id"))
        } else if fields.value["code_url"] != nil {
            target = .codeURL(try fields.text("code_url"))
        } else if fields.value["h5_url"] != nil {
            target = .h5URL(try fields.text("h5_url"))
        } else if fields.value["out_trade_no"] != nil {
            target = .outTradeNo(try fields.text("out_trade_no"), mchid: try fields.text("mchid"))
        } else {
            throw SandboxError(
                .invalidArgument, "say which order: prepay_id, code_url, h5_url, or out_trade_no and mchid")
        }
        return try await sandbox.pay(target, openid: try fields.text("openid"), outcome: try outcome(fields)).json
    }

    private func addCoupon(_ fields: Fields) throws -> SandboxCoupon {
        guard let type = SandboxOrder.AppliedCoupon.Kind(rawValue: try fields.text("type")) else {
            throw SandboxError(.invalidArgument, "type: must be CASH or NOCASH")
        }
        func text(_ name: String) throws -> String? { fields.value[name] == nil ? nil : try fields.text(name) }
        return try sandbox.addCoupon(
            openid: fields.text("openid"), amount: fields.integer("amount_fen"), type: type, name: text("name"),
            minimum: fields.value["minimum_fen"] == nil ? 0 : fields.integer("minimum_fen"), goodsTag: text("goods_tag"))
    }

    private func outcome(_ fields: Fields) throws(SandboxError) -> PayOutcome {
        guard fields.value["outcome"] != nil else { return .success }
        let word = try fields.text("outcome")
        guard let outcome = PayOutcome(rawValue: word) else {
            let known = PayOutcome.allCases.map(\.rawValue).joined(separator: ", ")
            throw SandboxError(.invalidArgument, "outcome “\(word)” is not one of: \(known)")
        }
        return outcome
    }
}

extension PayReport {
    var json: JSONValue {
        .record(
            ("err_msg", errMsg.map(JSONValue.string) ?? .null), ("err_code", errCode.map(JSONValue.integer)),
            ("reason", .text(reason)), ("trade_state", .string(tradeState.rawValue)), ("transaction_id", .text(transactionID)))
    }
}

extension SandboxUser {
    var json: JSONValue {
        .record(("openid", .string(openid)), ("appid", .string(appid)), ("balance_fen", .integer(balanceFen)))
    }
}

extension SandboxCoupon {
    var json: JSONValue {
        .record(
            ("coupon_id", .string(couponID)), ("stock_id", .string(stockID)), ("openid", .string(openid)),
            ("name", .string(name)), ("type", .string(type.rawValue)), ("amount_fen", .integer(amount)),
            ("minimum_fen", .integer(minimum)), ("goods_tag", .text(goodsTag)), ("used_for", .text(usedFor)))
    }
}
