/// What was bought (`detail`), for discounts on single goods.
public struct OrderDetail: Hashable, Sendable, Encodable {
    /// The original price of the order in fen, at least the amount to pay.
    public var costPrice: Int64?
    /// The number of the merchant's receipt, at most 32 bytes.
    public var invoiceID: String?
    /// The goods, at most 6,000 kinds; empty for none.
    public var goodsDetail: [GoodsDetail]

    /// A detail out of its parts.
    public init(costPrice: Int64? = nil, invoiceID: String? = nil, goodsDetail: [GoodsDetail] = []) {
        self.costPrice = costPrice
        self.invoiceID = invoiceID
        self.goodsDetail = goodsDetail
    }

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case costPrice = "cost_price"
        case invoiceID = "invoice_id"
        case goodsDetail = "goods_detail"
    }

    /// Writes WeChat's JSON; an empty list of goods is left out, since WeChat wants one to 6,000.
    public func encode(to encoder: any Encoder) throws {
        try encode(to: encoder, wechatNumber: .wechatpayGoodsID)
    }

    /// The same, with another name for WeChat's number of the goods.
    func encode(to encoder: any Encoder, wechatNumber: GoodsDetail.CodingKeys) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(costPrice, forKey: .costPrice)
        try container.encodeIfPresent(invoiceID, forKey: .invoiceID)
        guard !goodsDetail.isEmpty else { return }
        var list = container.nestedUnkeyedContainer(forKey: .goodsDetail)
        for goods in goodsDetail { try goods.encode(to: list.superEncoder(), wechatNumber: wechatNumber) }
    }

    func validate(wechatNumber: GoodsDetail.CodingKeys = .wechatpayGoodsID) throws(WeChatPayError) {
        if let costPrice, costPrice < 0 { throw WeChatPayError(.invalidArgument, "detail.cost_price: \(costPrice), at least 0") }
        try WeChatText.check(invoiceID, "detail.invoice_id", 1...32)
        guard goodsDetail.count <= 6000 else {
            throw WeChatPayError(.invalidArgument, "detail.goods_detail: \(goodsDetail.count) entries, at most 6000")
        }
        for (index, goods) in goodsDetail.enumerated() { try goods.validate("detail.goods_detail[\(index)]", wechatNumber) }
    }
}

/// One kind of goods in an order.
public struct GoodsDetail: Hashable, Sendable, Encodable {
    /// The merchant's number of the goods, 1–32 bytes.
    public var merchantGoodsID: String
    /// WeChat's number of the goods, at most 32 bytes.
    public var wechatpayGoodsID: String?
    /// The name of the goods, at most 256 bytes.
    public var goodsName: String?
    /// How many, at least 1.
    public var quantity: Int64
    /// The price of one, in fen.
    public var unitPrice: Int64

    /// Goods out of their parts.
    public init(
        merchantGoodsID: String, wechatpayGoodsID: String? = nil, goodsName: String? = nil, quantity: Int64, unitPrice: Int64
    ) {
        self.merchantGoodsID = merchantGoodsID
        self.wechatpayGoodsID = wechatpayGoodsID
        self.goodsName = goodsName
        self.quantity = quantity
        self.unitPrice = unitPrice
    }

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case quantity
        case merchantGoodsID = "merchant_goods_id"
        case wechatpayGoodsID = "wechatpay_goods_id"
        case wxpayGoodsID = "wxpay_goods_id"
        case goodsName = "goods_name"
        case unitPrice = "unit_price"
    }

    /// Writes WeChat's JSON.
    public func encode(to encoder: any Encoder) throws {
        try encode(to: encoder, wechatNumber: .wechatpayGoodsID)
    }

    func encode(to encoder: any Encoder, wechatNumber: CodingKeys) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(merchantGoodsID, forKey: .merchantGoodsID)
        try container.encodeIfPresent(wechatpayGoodsID, forKey: wechatNumber)
        try container.encodeIfPresent(goodsName, forKey: .goodsName)
        try container.encode(quantity, forKey: .quantity)
        try container.encode(unitPrice, forKey: .unitPrice)
    }

    func validate(_ field: String, _ wechatNumber: CodingKeys) throws(WeChatPayError) {
        try WeChatText.check(merchantGoodsID, "\(field).merchant_goods_id", 1...32)
        try WeChatText.check(wechatpayGoodsID, "\(field).\(wechatNumber.rawValue)", 1...32)
        try WeChatText.check(goodsName, "\(field).goods_name", 1...256)
        guard quantity >= 1 else { throw WeChatPayError(.invalidArgument, "\(field).quantity: \(quantity), at least 1") }
        guard unitPrice >= 0 else { throw WeChatPayError(.invalidArgument, "\(field).unit_price: \(unitPrice), at least 0") }
    }
}
