/// An order for a mini-program or an official account (《JSAPI/小程序下单》). The merchant number is the client's.
///
/// Lengths count in UTF-8 bytes; no character may have four (no emoji), see ``WeChatText/fitting(_:bytes:)``.
public struct JSAPIPrepayRequest: Sendable, CustomDebugStringConvertible, CustomReflectable {
    /// The mini-program or official account, bound to the merchant number; at most 32 bytes.
    public var appid: String
    /// What is bought, 1–127 bytes; the payer sees it.
    public var description: String
    /// The merchant's order number, 6–32 of `0-9 A-Z a-z _ - | *`, unique for the merchant.
    public var outTradeNo: String
    /// Where WeChat reports the payment: absolute, with a path, without query, at most 255 bytes.
    public var notifyURL: String
    /// What is to be paid, at least one fen.
    public var amount: Money
    /// The payer under ``appid``, 1–128 bytes.
    public var payerOpenID: String
    /// The last moment at which it can be paid. WeChat moves it between one minute and 90 days from now.
    public var timeExpire: Timestamp?
    /// Comes back in queries and notifications, at most 128 bytes.
    public var attach: String?
    /// A mark for discounts, at most 32 bytes.
    public var goodsTag: String?
    /// Ways to pay that are excluded; empty for none.
    public var limitPay: [LimitPay]
    /// Whether the payment message has an entrance to e-invoices.
    public var supportFapiao: Bool?
    /// The goods.
    public var detail: OrderDetail?
    /// Where it happens.
    public var sceneInfo: SceneInfo?
    /// How the money is settled.
    public var settleInfo: SettleInfo?

    /// An order out of its parts; nothing is checked before it is sent.
    public init(
        appid: String, description: String, outTradeNo: String, notifyURL: String, amount: Money, payerOpenID: String,
        timeExpire: Timestamp? = nil, attach: String? = nil, goodsTag: String? = nil, limitPay: [LimitPay] = [],
        supportFapiao: Bool? = nil, detail: OrderDetail? = nil, sceneInfo: SceneInfo? = nil, settleInfo: SettleInfo? = nil
    ) {
        self.appid = appid
        self.description = description
        self.outTradeNo = outTradeNo
        self.notifyURL = notifyURL
        self.amount = amount
        self.payerOpenID = payerOpenID
        self.timeExpire = timeExpire
        self.attach = attach
        self.goodsTag = goodsTag
        self.limitPay = limitPay
        self.supportFapiao = supportFapiao
        self.detail = detail
        self.sceneInfo = sceneInfo
        self.settleInfo = settleInfo
    }

    /// Without the payer, who belongs in no log.
    public var debugDescription: String { "JSAPIPrepayRequest(appid: \(appid), outTradeNo: \(outTradeNo), amount: \(amount))" }

    /// Without the payer.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["appid": appid, "outTradeNo": outTradeNo, "amount": amount.description, "description": description])
    }
}

/// The answer to a prepay request.
public struct JSAPIPrepayResponse: Hashable, Sendable, Decodable {
    /// The prepayment session (`prepay_id`), valid for two hours; send the same request for a new one.
    public let prepayID: String

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case prepayID = "prepay_id"
    }
}
