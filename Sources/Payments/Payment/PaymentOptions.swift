import PaymentPrimitives

/// What WeChat may be told about an order besides what every order has, in WeChat's own words.
///
/// Read from `scene` and `wechat` of a request and stored as JSON: unknown fields are refused in both places, since an
/// option that is dropped unseen makes another order.
package struct PaymentOptions: Sendable, Equatable, Codable {
    /// Where the payer pays.
    package var scene: Scene?
    /// A mark for discounts, at most 32 bytes.
    package var goodsTag: String?
    /// Ways to pay that are excluded, in WeChat's words.
    package var limitPay: [String]?
    /// Whether the payment message has an entrance to e-invoices.
    package var supportFapiao: Bool?
    /// The goods.
    package var detail: Detail?
    package var settleInfo: SettleInfo?

    package init() {}

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case scene, detail
        case goodsTag = "goods_tag"
        case limitPay = "limit_pay"
        case supportFapiao = "support_fapiao"
        case settleInfo = "settle_info"
    }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseFields(otherThan: CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        scene = try container.decodeIfPresent(Scene.self, forKey: .scene)
        goodsTag = try container.decodeIfPresent(String.self, forKey: .goodsTag)
        limitPay = try container.decodeIfPresent([String].self, forKey: .limitPay)
        supportFapiao = try container.decodeIfPresent(Bool.self, forKey: .supportFapiao)
        detail = try container.decodeIfPresent(Detail.self, forKey: .detail)
        settleInfo = try container.decodeIfPresent(SettleInfo.self, forKey: .settleInfo)
    }

    /// Whether two requests ask for the same. The payer's address does not count: it may change between two tries of one
    /// payer.
    func isSame(as other: PaymentOptions) -> Bool {
        func plain(_ options: PaymentOptions) -> PaymentOptions {
            var options = options
            options.scene?.payerClientIP = nil
            if options.scene == Scene() { options.scene = nil }
            return options
        }
        return plain(self) == plain(other)
    }
}

extension PaymentOptions {
    /// How the money is settled.
    package struct SettleInfo: Sendable, Equatable, Codable {
        /// Whether it is frozen for profit sharing.
        package var profitSharing: Bool?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case profitSharing = "profit_sharing"
        }

        package init(from decoder: any Decoder) throws {
            try decoder.refuseFields(otherThan: CodingKeys.self)
            profitSharing = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(Bool.self, forKey: .profitSharing)
        }
    }

    /// What is bought, for discounts on single goods.
    package struct Detail: Sendable, Equatable, Codable {
        /// The price before discounts, in fen.
        package var costPrice: Int64?
        /// The number of the merchant's receipt.
        package var invoiceID: String?
        package var goodsDetail: [Goods]?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case costPrice = "cost_price"
            case invoiceID = "invoice_id"
            case goodsDetail = "goods_detail"
        }

        package init(from decoder: any Decoder) throws {
            try decoder.refuseFields(otherThan: CodingKeys.self)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            costPrice = try container.decodeIfPresent(Int64.self, forKey: .costPrice)
            invoiceID = try container.decodeIfPresent(String.self, forKey: .invoiceID)
            goodsDetail = try container.decodeIfPresent([Goods].self, forKey: .goodsDetail)
        }
    }

    /// One kind of goods.
    package struct Goods: Sendable, Equatable, Codable {
        package var merchantGoodsID: String
        package var wechatpayGoodsID: String?
        package var goodsName: String?
        package var quantity: Int64
        /// In fen.
        package var unitPrice: Int64

        enum CodingKeys: String, CodingKey, CaseIterable {
            case quantity
            case merchantGoodsID = "merchant_goods_id"
            case wechatpayGoodsID = "wechatpay_goods_id"
            case goodsName = "goods_name"
            case unitPrice = "unit_price"
        }

        package init(from decoder: any Decoder) throws {
            try decoder.refuseFields(otherThan: CodingKeys.self)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            merchantGoodsID = try container.decode(String.self, forKey: .merchantGoodsID)
            wechatpayGoodsID = try container.decodeIfPresent(String.self, forKey: .wechatpayGoodsID)
            goodsName = try container.decodeIfPresent(String.self, forKey: .goodsName)
            quantity = try container.decode(Int64.self, forKey: .quantity)
            unitPrice = try container.decode(Int64.self, forKey: .unitPrice)
        }
    }
}
