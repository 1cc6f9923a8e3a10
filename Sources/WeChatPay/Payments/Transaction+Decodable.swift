extension Transaction: Decodable {
    private enum CodingKeys: String, CodingKey {
        case appid, mchid, payer
    }

    /// Reads WeChat's order object; see ``init(json:)`` for bytes from outside.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mchid = try container.requiredText(.mchid)
        appid = try container.text(.appid)
        payer = try container.decodeIfPresent(Payer.self, forKey: .payer)
        trade = try Trade(from: decoder)
    }
}

extension Transaction.Amount: Decodable {
    private enum CodingKeys: String, CodingKey {
        case total, currency
        case payerTotal = "payer_total"
        case payerCurrency = "payer_currency"
    }

    /// Reads WeChat's `amount`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        total = try container.decodeIfPresent(Int64.self, forKey: .total)
        payerTotal = try container.decodeIfPresent(Int64.self, forKey: .payerTotal)
        currency = try container.text(.currency).map(Currency.init)
        payerCurrency = try container.text(.payerCurrency).map(Currency.init)
    }
}

extension Transaction.Promotion: Decodable {
    private enum CodingKeys: String, CodingKey {
        case name, scope, type, amount, currency
        case couponID = "coupon_id"
        case stockID = "stock_id"
        case wechatpayContribute = "wechatpay_contribute"
        case merchantContribute = "merchant_contribute"
        case otherContribute = "other_contribute"
        case goodsDetail = "goods_detail"
    }

    /// Reads an entry of WeChat's `promotion_detail`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        couponID = try container.text(.couponID)
        name = try container.text(.name)
        scope = try container.text(.scope)
        type = try container.text(.type)
        amount = try container.decodeIfPresent(Int64.self, forKey: .amount)
        stockID = try container.text(.stockID)
        wechatpayContribute = try container.decodeIfPresent(Int64.self, forKey: .wechatpayContribute)
        merchantContribute = try container.decodeIfPresent(Int64.self, forKey: .merchantContribute)
        otherContribute = try container.decodeIfPresent(Int64.self, forKey: .otherContribute)
        currency = try container.text(.currency).map(Currency.init)
        goodsDetail = try container.decodeIfPresent([Transaction.Goods].self, forKey: .goodsDetail) ?? []
    }
}

extension Transaction.Goods: Decodable {
    private enum CodingKeys: String, CodingKey {
        case quantity
        case goodsID = "goods_id"
        case unitPrice = "unit_price"
        case discountAmount = "discount_amount"
        case goodsRemark = "goods_remark"
    }

    /// Reads an entry of WeChat's `goods_detail`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        goodsID = try container.text(.goodsID)
        quantity = try container.decodeIfPresent(Int64.self, forKey: .quantity)
        unitPrice = try container.decodeIfPresent(Int64.self, forKey: .unitPrice)
        discountAmount = try container.decodeIfPresent(Int64.self, forKey: .discountAmount)
        goodsRemark = try container.text(.goodsRemark)
    }
}
