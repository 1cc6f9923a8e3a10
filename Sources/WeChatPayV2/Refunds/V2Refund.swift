/// Money of an order that goes back (《申请退款》).
public struct V2RefundRequest: Hashable, Sendable {
    /// The app id of the order.
    public var appid: String
    /// The order.
    public var order: V2OrderNumber
    /// The merchant's number of the refund, 1–64 of `0-9 A-Z a-z _ - | * @`. The same number again is the same refund.
    public var outRefundNo: String
    /// What the order cost, in fen; exactly that.
    public var total: Int64
    /// What goes back, in fen; 1 to what is left.
    public var refund: Int64
    /// The currency, CNY unless the order had another.
    public var currency: Currency
    /// Why; the payer sees it. At most 80 bytes.
    public var reason: String?
    /// Where the money comes from: `.unsettled`, WeChat's default, or `.available`.
    public var fundsAccount: FundsAccount?
    /// Where WeChat reports the refund, as ``UnifiedOrderRequest/notifyURL``.
    public var notifyURL: String?
    /// For a service provider: whose order it was.
    public var sub: V2SubMerchant?

    /// A request out of its parts; nothing is checked before it is sent.
    public init(
        appid: String, order: V2OrderNumber, outRefundNo: String, total: Int64, refund: Int64, currency: Currency = .cny,
        reason: String? = nil, fundsAccount: FundsAccount? = nil, notifyURL: String? = nil, sub: V2SubMerchant? = nil
    ) {
        self.appid = appid
        self.order = order
        self.outRefundNo = outRefundNo
        self.total = total
        self.refund = refund
        self.currency = currency
        self.reason = reason
        self.fundsAccount = fundsAccount
        self.notifyURL = notifyURL
        self.sub = sub
    }

    func fields() throws(WeChatPayError) -> XMLFields {
        var fields = XMLFields()
        try fields.add(appid: appid, sub)
        try order.write(to: &fields)
        try WeChatText.checkOutRefundNo(outRefundNo)
        fields["out_refund_no"] = outRefundNo
        try fields.add(fen: total, "total_fee")
        try fields.add(fen: refund, "refund_fee")
        guard refund <= total else {
            throw WeChatPayError(.invalidArgument, "refund_fee: \(refund), more than the order's \(total)")
        }
        if currency != .cny { try fields.add(currency.rawValue, "refund_fee_type", 1...8) }
        try fields.add(reason, "refund_desc", 0...80)
        switch fundsAccount {
        case nil: break
        case .some(.unsettled): fields["refund_account"] = "REFUND_SOURCE_UNSETTLED_FUNDS"
        case .some(.available): fields["refund_account"] = "REFUND_SOURCE_RECHARGE_FUNDS"
        case .some(let other):
            throw WeChatPayError(.invalidArgument, "refund_account: API v2 knows no \(other)")
        }
        if let notifyURL {
            try WeChatText.checkNotifyURL(notifyURL, longest: 256)
            fields["notify_url"] = notifyURL
        }
        return fields
    }
}

/// A refund that WeChat has accepted. That is not its end: ask with ``V2Client/queryRefunds(appid:_:sub:offset:)``.
public struct V2Refund: Hashable, Sendable {
    /// WeChat's order number.
    public let transactionID: String
    /// The merchant's order number.
    public let outTradeNo: String
    /// The merchant's number of the refund.
    public let outRefundNo: String
    /// WeChat's number of the refund.
    public let refundID: String
    /// What goes back, in fen.
    public let refund: Int64
    /// What the order cost, in fen.
    public let total: Int64
    /// What the payer gets, in fen: without the coupons' part.
    public let cashRefund: Int64?
    /// What is taken from the merchant, in fen.
    public let settlementRefund: Int64?
    /// The coupons' part, in fen.
    public let couponRefund: Int64?
    /// The coupons that come back.
    public let coupons: [V2Coupon]

    init(_ fields: XMLFields) throws(WeChatPayError) {
        transactionID = try fields.text("transaction_id")
        outTradeNo = try fields.text("out_trade_no")
        outRefundNo = try fields.text("out_refund_no")
        refundID = try fields.text("refund_id")
        refund = try fields.number("refund_fee")
        total = try fields.number("total_fee")
        cashRefund = try fields.optionalNumber("cash_refund_fee")
        settlementRefund = try fields.optionalNumber("settlement_refund_fee")
        couponRefund = try fields.optionalNumber("coupon_refund_fee")
        coupons = try V2Coupon.read(
            fields, amount: "coupon_refund_fee", id: "coupon_refund_id", count: "coupon_refund_count")
    }
}

extension V2Client {
    /// Gives money back: `POST /secapi/pay/refund` (《申请退款》), with the merchant's certificate. The same request again is the
    /// same refund.
    ///
    /// - Throws: ``WeChatPayError``: `invalidArgument` names a field before anything is sent; `refused` with WeChat's code,
    ///   ``WeChatErrorCode/notEnough`` when the account holds too little.
    public func refund(_ request: V2RefundRequest) async throws(WeChatPayError) -> V2Refund {
        let answer = try await post(
            "/secapi/pay/refund", request.fields(), needsCertificate: true, isIdempotent: true)
        let refund = try V2Refund(answer)
        guard refund.outRefundNo == request.outRefundNo, refund.refund == request.refund else {
            throw WeChatPayError.v2Malformed("the answer is about another refund")
        }
        return refund
    }
}
