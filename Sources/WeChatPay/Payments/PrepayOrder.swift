/// What is bought, for how much, and how it may be paid: the part that all prepay requests have in common.
///
/// Lengths count in UTF-8 bytes; no character may have four (no emoji), see ``WeChatText/fitting(_:bytes:)``.
public struct PrepayOrder: Hashable, Sendable {
    /// What is bought, 1–127 bytes; the payer sees it.
    public var description: String
    /// The merchant's order number, 6–32 of `0-9 A-Z a-z _ - | *`, unique for the merchant; for a service provider unique
    /// over all its sub-merchants.
    public var outTradeNo: String
    /// Where WeChat reports the payment: absolute, with a path, without query, at most 255 bytes.
    public var notifyURL: String
    /// What is to be paid, at least one fen.
    public var amount: Money
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
    /// How the money is settled.
    public var settleInfo: SettleInfo?

    /// An order out of its parts; nothing is checked before it is sent.
    public init(
        description: String, outTradeNo: String, notifyURL: String, amount: Money, timeExpire: Timestamp? = nil,
        attach: String? = nil, goodsTag: String? = nil, limitPay: [LimitPay] = [], supportFapiao: Bool? = nil,
        detail: OrderDetail? = nil, settleInfo: SettleInfo? = nil
    ) {
        self.description = description
        self.outTradeNo = outTradeNo
        self.notifyURL = notifyURL
        self.amount = amount
        self.timeExpire = timeExpire
        self.attach = attach
        self.goodsTag = goodsTag
        self.limitPay = limitPay
        self.supportFapiao = supportFapiao
        self.detail = detail
        self.settleInfo = settleInfo
    }
}
