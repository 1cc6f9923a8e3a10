extension PrepayOrder: Encodable {
    private enum CodingKeys: String, CodingKey {
        case description, attach, amount, detail
        case outTradeNo = "out_trade_no"
        case timeExpire = "time_expire"
        case notifyURL = "notify_url"
        case goodsTag = "goods_tag"
        case limitPay = "limit_pay"
        case supportFapiao = "support_fapiao"
        case settleInfo = "settle_info"
    }

    /// Writes WeChat's JSON. WeChat wants no `null` and no field that it does not know: what is absent is left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(description, forKey: .description)
        try container.encode(outTradeNo, forKey: .outTradeNo)
        try container.encodeIfPresent(timeExpire?.rfc3339, forKey: .timeExpire)
        try container.encodeIfPresent(attach, forKey: .attach)
        try container.encode(notifyURL, forKey: .notifyURL)
        try container.encodeIfPresent(goodsTag, forKey: .goodsTag)
        if !limitPay.isEmpty { try container.encode(limitPay, forKey: .limitPay) }
        try container.encodeIfPresent(supportFapiao, forKey: .supportFapiao)
        try container.encode(OrderAmount(amount), forKey: .amount)
        try container.encodeIfPresent(detail, forKey: .detail)
        try container.encodeIfPresent(settleInfo, forKey: .settleInfo)
    }

    /// Refuses what WeChat would refuse, before anything is sent.
    func validate() throws(WeChatPayError) {
        try WeChatText.check(description, "description", 1...127)
        try WeChatText.checkOutTradeNo(outTradeNo)
        try WeChatText.checkNotifyURL(notifyURL)
        try WeChatText.check(attach, "attach", 0...128)
        try WeChatText.check(goodsTag, "goods_tag", 0...32)
        try OrderAmount(amount).validate()
        try WeChatText.checkTime(timeExpire, "time_expire")
        for word in limitPay { try WeChatText.check(word.rawValue, "limit_pay", 1...32) }
        try detail?.validate()
    }
}

/// The `amount` of an order: `total` in fen and its currency.
struct OrderAmount: Encodable {
    let total: Int64
    let currency: Currency

    init(_ money: Money) {
        total = money.fen
        currency = money.currency
    }

    func validate() throws(WeChatPayError) {
        try WeChatText.check(currency.rawValue, "amount.currency", 1...16)
        guard total >= 1 else { throw WeChatPayError(.invalidArgument, "amount.total: \(total), at least 1") }
    }
}
