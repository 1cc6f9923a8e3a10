extension RefundRequest: CheckedBody {
    private enum CodingKeys: String, CodingKey {
        case reason, amount
        case subMchid = "sub_mchid"
        case transactionID = "transaction_id"
        case outTradeNo = "out_trade_no"
        case outRefundNo = "out_refund_no"
        case notifyURL = "notify_url"
        case fundsAccount = "funds_account"
        case goodsDetail = "goods_detail"
    }

    /// Writes WeChat's JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(subMchid, forKey: .subMchid)
        switch order {
        case .transactionID(let number): try container.encode(number, forKey: .transactionID)
        case .outTradeNo(let number): try container.encode(number, forKey: .outTradeNo)
        }
        try container.encode(outRefundNo, forKey: .outRefundNo)
        try container.encodeIfPresent(reason, forKey: .reason)
        try container.encodeIfPresent(notifyURL, forKey: .notifyURL)
        try container.encodeIfPresent(fundsAccount, forKey: .fundsAccount)
        try container.encode(amount, forKey: .amount)
        if !goodsDetail.isEmpty { try container.encode(goodsDetail, forKey: .goodsDetail) }
    }

    func validate() throws(WeChatPayError) {
        if let subMchid { try WeChatText.checkMchid(subMchid, "sub_mchid") }
        switch order {
        case .transactionID(let number): try WeChatText.checkTransactionID(number)
        case .outTradeNo(let number): try WeChatText.checkOutTradeNo(number)
        }
        try WeChatText.checkOutRefundNo(outRefundNo)
        try WeChatText.check(reason, "reason", 1...80)
        if let notifyURL { try WeChatText.checkNotifyURL(notifyURL, longest: 256) }
        try WeChatText.check(fundsAccount?.rawValue, "funds_account", 1...32)
        try amount.validate()
        for (index, goods) in goodsDetail.enumerated() { try goods.validate("goods_detail[\(index)]") }
    }
}

extension RefundRequest.Amount: Encodable {
    private enum CodingKeys: String, CodingKey {
        case refund, total, currency, from
    }

    /// Writes WeChat's JSON.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(refund, forKey: .refund)
        try container.encode(total, forKey: .total)
        try container.encode(currency, forKey: .currency)
        if !from.isEmpty { try container.encode(from, forKey: .from) }
    }

    func validate() throws(WeChatPayError) {
        guard total >= 1 else { throw WeChatPayError(.invalidArgument, "amount.total: \(total), at least 1") }
        guard refund >= 1 else { throw WeChatPayError(.invalidArgument, "amount.refund: \(refund), at least 1") }
        guard refund <= total else {
            throw WeChatPayError(.invalidArgument, "amount.refund: \(refund), more than amount.total, \(total)")
        }
        try WeChatText.check(currency.rawValue, "amount.currency", 1...16)
        guard !from.isEmpty else { return }
        var rest = refund
        for (index, source) in from.enumerated() {
            try WeChatText.check(source.account.rawValue, "amount.from[\(index)].account", 1...32)
            guard source.amount >= 1 else {
                throw WeChatPayError(.invalidArgument, "amount.from[\(index)].amount: \(source.amount), at least 1")
            }
            guard source.amount <= rest else { throw WeChatPayError(.invalidArgument, Self.sumMessage) }
            rest -= source.amount
        }
        guard rest == 0 else { throw WeChatPayError(.invalidArgument, Self.sumMessage) }
    }

    private static let sumMessage = "amount.from: the amounts do not add up to amount.refund"
}

extension RefundRequest.Goods {
    func validate(_ field: String) throws(WeChatPayError) {
        try WeChatText.check(merchantGoodsID, "\(field).merchant_goods_id", 1...32)
        try WeChatText.check(wechatpayGoodsID, "\(field).wechatpay_goods_id", 1...32)
        try WeChatText.check(goodsName, "\(field).goods_name", 1...256)
        for (name, value, least) in [
            ("unit_price", unitPrice, 0), ("refund_amount", refundAmount, 0), ("refund_quantity", refundQuantity, 1),
        ] as [(String, Int64, Int64)] where value < least {
            throw WeChatPayError(.invalidArgument, "\(field).\(name): \(value), at least \(least)")
        }
    }
}
