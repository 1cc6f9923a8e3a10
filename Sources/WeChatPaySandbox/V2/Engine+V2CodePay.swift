import PaymentPrimitives

extension Engine {
    /// `/pay/micropay`, 《付款码支付》: the answer is the payment, and there is no notification.
    mutating func micropay(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> V2Document {
        let code = try request.required("auth_code", 128)
        let wish = try orderV2(request, SandboxOrder.micropay, moment)
        if let negative = request.negativeTest { throw Self.negativeTest(negative) }
        let order = try v2 { () throws(Fault) in try charge(wish, code: code, moment) }
        guard order.tradeState == .success else { throw .business("USERPAYING", "需要用户输入支付密码") }
        var answer = V2Document()
        answer.add("device_info", order.deviceID)
        answer.add(paymentV2(order, listsCoupons: false))
        return answer
    }

    /// What the header `Wechatpay-Negative-Test` asks for instead of a charge: an `err_code` of the document's table.
    private static func negativeTest(_ word: String) -> V2Fault {
        let known: [String: String] = [
            "SYSTEMERROR": "系统错误", "BANKERROR": "银行系统异常", "USERPAYING": "需要用户输入支付密码", "NOTENOUGH": "余额不足",
            "AUTHCODEEXPIRE": "付款码已过期，请用户刷新后重新扫码", "AUTH_CODE_ERROR": "付款码错误",
            "AUTH_CODE_INVALID": "请扫描微信支付授权码(以10/11/12/13/14/15为前缀的18位数字)", "NOTSUPORTCARD": "不支持卡类型",
            "BUYER_MISMATCH": "支付账号错误", "TRADE_ERROR": "用户没有输入支付密码", "ORDERPAID": "商户订单已支付",
            "ORDERCLOSED": "订单已关闭", "ORDERREVERSED": "该订单已撤销", "OUT_TRADE_NO_USED": "商户订单号重复",
            "NOAUTH": "商户无此接口权限", "RULELIMIT": "交易金额或次数超出限制", "INVALID_REQUEST": "无效请求",
            "PARAM_ERROR": "参数错误",
        ]
        guard let message = known[word] else { return .parameter("Wechatpay-Negative-Test的值无效") }
        return .business(word, message)
    }

    /// `/secapi/pay/reverse`, 《撤销订单》.
    mutating func reverseV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> V2Document {
        let order = try knownOrderV2(request, moment)
        try v2 { () throws(Fault) in try reverse(order, moment) }
        var answer = V2Document()
        answer.add("recall", "N")
        return answer
    }

    /// `/tools/authcodetoopenid`, 《付款码查询openid》. From then on the code is this merchant's alone.
    mutating func openidV2(_ request: V2Request, _ moment: Moment) throws(V2Fault) -> V2Document {
        let text = try request.required("auth_code", 128)
        let code = try v2 { () throws(Fault) in try authCode(text, request.merchant.mchid, moment) }
        state.authCodes[text]?.mchid = request.merchant.mchid
        isChanged = true
        func seen(by appid: String) -> String { user(code.openid)?.openid(in: appid) ?? code.openid }
        var answer = V2Document()
        answer.add("openid", seen(by: request.merchant.appid))
        answer.add("sub_openid", request.subAppid.map(seen))
        return answer
    }
}
