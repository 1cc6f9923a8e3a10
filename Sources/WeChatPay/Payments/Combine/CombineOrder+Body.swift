/// The body of every combined prepay request.
struct CombineBody: CheckedBody {
    let mchid: String
    let order: CombineOrder
    var payerOpenID: String? = nil
    var sceneInfo: CombineSceneInfo? = nil
    var h5Info: H5Info? = nil

    private enum CodingKeys: String, CodingKey {
        case combineMchid = "combine_mchid"
        case payer = "combine_payer_info"
        case sceneInfo = "scene_info"
    }

    func encode(to encoder: any Encoder) throws {
        try order.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mchid, forKey: .combineMchid)
        if let payerOpenID { try container.encode(["openid": payerOpenID], forKey: .payer) }
        if let sceneInfo { try container.encode(SceneField(scene: sceneInfo, h5Info: h5Info), forKey: .sceneInfo) }
    }

    func validate() throws(WeChatPayError) {
        try order.validate()
        try WeChatText.check(payerOpenID, "combine_payer_info.openid", 1...128)
        try sceneInfo?.validate()
        try h5Info?.validate()
    }
}

extension CombineOrder: Encodable {
    private enum CodingKeys: String, CodingKey {
        case combineAppid = "combine_appid"
        case combineOutTradeNo = "combine_out_trade_no"
        case notifyURL = "notify_url"
        case subOrders = "sub_orders"
        case timeStart = "time_start"
        case timeExpire = "time_expire"
        case limitPay = "limit_pay"
    }

    /// Writes WeChat's JSON; what is absent is left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(combineAppid, forKey: .combineAppid)
        try container.encode(combineOutTradeNo, forKey: .combineOutTradeNo)
        try container.encode(notifyURL, forKey: .notifyURL)
        try container.encode(subOrders, forKey: .subOrders)
        try container.encodeIfPresent(timeStart?.rfc3339, forKey: .timeStart)
        try container.encodeIfPresent(timeExpire?.rfc3339, forKey: .timeExpire)
        if !limitPay.isEmpty { try container.encode(limitPay, forKey: .limitPay) }
    }

    func validate() throws(WeChatPayError) {
        try WeChatText.check(combineAppid, "combine_appid", 1...32)
        try WeChatText.checkOutTradeNo(combineOutTradeNo, "combine_out_trade_no", least: 2)
        try WeChatText.checkNotifyURL(notifyURL)
        try WeChatText.checkTime(timeStart, "time_start")
        try WeChatText.checkTime(timeExpire, "time_expire")
        for word in limitPay { try WeChatText.check(word.rawValue, "limit_pay", 1...32) }
        for (index, order) in subOrders.enumerated() { try order.validate("sub_orders[\(index)]") }
        try Self.check(subOrders.map(\.reference))
    }

    /// Refuses too few, too many, and one order twice.
    static func check(_ references: [SubOrderReference]) throws(WeChatPayError) {
        guard (1...50).contains(references.count) else {
            throw WeChatPayError(.invalidArgument, "sub_orders: \(references.count) orders, 1 to 50 are allowed")
        }
        for (index, reference) in references.enumerated() { try reference.validate("sub_orders[\(index)]") }
        guard Set(references.map { [$0.mchid, $0.outTradeNo] }).count == references.count else {
            throw WeChatPayError(.invalidArgument, "sub_orders: an out_trade_no occurs twice")
        }
    }
}

extension CombineOrder.SubOrder: Encodable {
    private enum CodingKeys: String, CodingKey {
        case description, amount, attach, detail
        case goodsTag = "goods_tag"
        case settleInfo = "settle_info"
    }

    private struct Amount: Encodable {
        let total: Int64
        let currency: Currency

        enum CodingKeys: String, CodingKey {
            case total = "total_amount"
            case currency
        }
    }

    /// Writes WeChat's JSON.
    public func encode(to encoder: any Encoder) throws {
        try reference.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(description, forKey: .description)
        try container.encode(Amount(total: amount.fen, currency: amount.currency), forKey: .amount)
        try container.encode(attach, forKey: .attach)
        try container.encodeIfPresent(detail, forKey: .detail)
        try container.encodeIfPresent(goodsTag, forKey: .goodsTag)
        try container.encodeIfPresent(settleInfo, forKey: .settleInfo)
    }

    func validate(_ field: String) throws(WeChatPayError) {
        try WeChatText.check(description, "\(field).description", 1...127)
        try WeChatText.check(attach, "\(field).attach", 1...128)
        try WeChatText.check(detail, "\(field).detail", 1...6000)
        try WeChatText.check(goodsTag, "\(field).goods_tag", 1...32)
        try WeChatText.check(amount.currency.rawValue, "\(field).amount.currency", 1...16)
        guard amount.fen >= 1 else {
            throw WeChatPayError(.invalidArgument, "\(field).amount.total_amount: \(amount.fen), at least 1")
        }
        if let subsidy = settleInfo?.subsidyAmount, subsidy < 0 {
            throw WeChatPayError(.invalidArgument, "\(field).settle_info.subsidy_amount: \(subsidy), at least 0")
        }
    }
}

/// The body with which a combined order is closed: it must name exactly the orders of the prepay request.
struct CombineCloseBody: CheckedBody {
    let combineAppid: String
    let subOrders: [CombineOrder.SubOrderReference]

    private enum CodingKeys: String, CodingKey {
        case combineAppid = "combine_appid"
        case subOrders = "sub_orders"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(combineAppid, forKey: .combineAppid)
        try container.encode(subOrders, forKey: .subOrders)
    }

    func validate() throws(WeChatPayError) {
        try WeChatText.check(combineAppid, "combine_appid", 1...32)
        try CombineOrder.check(subOrders)
    }
}
