/// What is bought, for how much, and how it may be paid: the part that orders and code payments have in common
/// (《统一下单》, 《付款码支付》).
///
/// Lengths count in UTF-8 bytes; no character may have four (no emoji), see ``WeChatText/fitting(_:bytes:)``.
public struct V2Order: Hashable, Sendable {
    /// What is bought (`body`), 1–127 bytes; the payer sees it.
    public var body: String
    /// The merchant's order number, 6–32 of `0-9 A-Z a-z _ - | *`, unique for the merchant.
    public var outTradeNo: String
    /// What is to be paid, at least one fen.
    public var amount: Money
    /// The address of the payer's device, IPv4 or IPv6; of a code payment the till's.
    public var payerClientIP: String
    /// The goods, JSON, at most 6000 bytes.
    public var detail: String?
    /// Comes back in queries and notifications, at most 127 bytes.
    public var attach: String?
    /// The merchant's device, at most 32 bytes.
    public var deviceInfo: String?
    /// When it was placed.
    public var timeStart: Timestamp?
    /// The last moment at which it can be paid, at least a minute from now.
    public var timeExpire: Timestamp?
    /// A mark for discounts, at most 32 bytes.
    public var goodsTag: String?
    /// A way to pay that is excluded; of WeChat's words API v2 knows `no_credit`.
    public var limitPay: LimitPay?
    /// Whether the payment message has an entrance to e-invoices.
    public var receipt: Bool?
    /// Whether the money is to be shared with others.
    public var profitSharing: Bool?
    /// Where it happens, JSON, at most 256 bytes; of an H5 order ``UnifiedOrderRequest/Kind/h5(sceneInfo:)`` says it.
    public var sceneInfo: String?

    /// An order out of its parts; nothing is checked before it is sent.
    public init(
        body: String, outTradeNo: String, amount: Money, payerClientIP: String, detail: String? = nil, attach: String? = nil,
        deviceInfo: String? = nil, timeStart: Timestamp? = nil, timeExpire: Timestamp? = nil, goodsTag: String? = nil,
        limitPay: LimitPay? = nil, receipt: Bool? = nil, profitSharing: Bool? = nil, sceneInfo: String? = nil
    ) {
        self.body = body
        self.outTradeNo = outTradeNo
        self.amount = amount
        self.payerClientIP = payerClientIP
        self.detail = detail
        self.attach = attach
        self.deviceInfo = deviceInfo
        self.timeStart = timeStart
        self.timeExpire = timeExpire
        self.goodsTag = goodsTag
        self.limitPay = limitPay
        self.receipt = receipt
        self.profitSharing = profitSharing
        self.sceneInfo = sceneInfo
    }

    /// Puts it among a request's fields; refuses what WeChat would refuse, naming the field.
    func write(to fields: inout XMLFields) throws(WeChatPayError) {
        try fields.add(body, "body", 1...127)
        try WeChatText.checkOutTradeNo(outTradeNo)
        fields["out_trade_no"] = outTradeNo
        try fields.add(fen: amount.fen, "total_fee")
        if amount.currency != .cny { try fields.add(amount.currency.rawValue, "fee_type", 1...16) }
        try fields.add(payerClientIP, "spbill_create_ip", 1...64)
        try fields.add(detail, "detail", 0...6000)
        try fields.add(attach, "attach", 0...127)
        try fields.add(deviceInfo, "device_info", 0...32)
        try fields.add(timeStart, "time_start")
        try fields.add(timeExpire, "time_expire")
        try fields.add(goodsTag, "goods_tag", 0...32)
        try fields.add(limitPay?.rawValue, "limit_pay", 1...32)
        if receipt == true { fields["receipt"] = "Y" }
        if let profitSharing { fields["profit_sharing"] = profitSharing ? "Y" : "N" }
        try fields.add(sceneInfo, "scene_info", 0...256)
    }
}

/// An order, by the merchant's number or by WeChat's.
public enum V2OrderNumber: Hashable, Sendable {
    /// The merchant's order number.
    case outTradeNo(String)
    /// WeChat's order number.
    case transactionID(String)

    func write(to fields: inout XMLFields) throws(WeChatPayError) {
        switch self {
        case .outTradeNo(let number):
            try WeChatText.checkOutTradeNo(number)
            fields["out_trade_no"] = number
        case .transactionID(let number):
            try WeChatText.checkTransactionID(number)
            fields["transaction_id"] = number
        }
    }

    /// Whether an answer is about this order: a signature does not say which question it answers.
    func isAnswered(outTradeNo: String?, transactionID: String?) -> Bool {
        switch self {
        case .outTradeNo(let number): outTradeNo == number
        case .transactionID(let number): transactionID == number
        }
    }
}
