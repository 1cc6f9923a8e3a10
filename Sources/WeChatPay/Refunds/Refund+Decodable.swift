extension Refund: Decodable {
    private enum CodingKeys: String, CodingKey {
        case channel, status, amount
        case refundID = "refund_id"
        case outRefundNo = "out_refund_no"
        case transactionID = "transaction_id"
        case outTradeNo = "out_trade_no"
        case subMchid = "sub_mchid"
        case userReceivedAccount = "user_received_account"
        case successTime = "success_time"
        case createTime = "create_time"
        case fundsAccount = "funds_account"
        case promotionDetail = "promotion_detail"
    }

    /// Reads WeChat's refund object; see ``init(json:)`` for bytes from outside.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        refundID = try container.requiredText(.refundID)
        outRefundNo = try container.requiredText(.outRefundNo)
        transactionID = try container.requiredText(.transactionID)
        outTradeNo = try container.requiredText(.outTradeNo)
        status = RefundStatus(rawValue: try container.requiredText(.status))
        amount = try container.decode(Amount.self, forKey: .amount)
        subMchid = try container.text(.subMchid)
        channel = try container.text(.channel).map(RefundChannel.init)
        userReceivedAccount = try container.text(.userReceivedAccount)
        successTime = try container.time(.successTime)
        createTime = try container.time(.createTime)
        fundsAccount = try container.text(.fundsAccount).map(FundsAccount.init)
        // Coupons are told for information; one that is written in a new way must not hide the refund.
        promotionDetail = (try? container.decodeIfPresent([Promotion].self, forKey: .promotionDetail)) ?? []
    }
}

extension Refund.Promotion: Decodable {
    private enum CodingKeys: String, CodingKey {
        case scope, type, amount
        case promotionID = "promotion_id"
        case refundAmount = "refund_amount"
        case goodsDetail = "goods_detail"
    }

    /// Reads an entry of WeChat's `promotion_detail`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        promotionID = try container.text(.promotionID)
        scope = try container.text(.scope)
        type = try container.text(.type)
        amount = try container.decodeIfPresent(Int64.self, forKey: .amount)
        refundAmount = try container.decodeIfPresent(Int64.self, forKey: .refundAmount)
        goodsDetail = try container.decodeIfPresent([Refund.Goods].self, forKey: .goodsDetail) ?? []
    }
}

extension Refund.Goods: Decodable {
    private enum CodingKeys: String, CodingKey {
        case merchantGoodsID = "merchant_goods_id"
        case wechatpayGoodsID = "wechatpay_goods_id"
        case goodsName = "goods_name"
        case unitPrice = "unit_price"
        case refundAmount = "refund_amount"
        case refundQuantity = "refund_quantity"
    }

    /// Reads an entry of WeChat's `goods_detail`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        merchantGoodsID = try container.text(.merchantGoodsID)
        wechatpayGoodsID = try container.text(.wechatpayGoodsID)
        goodsName = try container.text(.goodsName)
        unitPrice = try container.decodeIfPresent(Int64.self, forKey: .unitPrice)
        refundAmount = try container.decodeIfPresent(Int64.self, forKey: .refundAmount)
        refundQuantity = try container.decodeIfPresent(Int64.self, forKey: .refundQuantity)
    }
}
