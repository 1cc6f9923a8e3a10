/// Which refunds are asked for; the first three name an order's or a refund's number at WeChat or at the merchant.
public enum V2RefundNumber: Hashable, Sendable {
    /// WeChat's number of a refund.
    case refundID(String)
    /// The merchant's number of a refund.
    case outRefundNo(String)
    /// All refunds of an order, ten a page.
    case order(V2OrderNumber)

    func write(to fields: inout XMLFields) throws(WeChatPayError) {
        switch self {
        case .refundID(let number): try fields.add(number, "refund_id", 1...32)
        case .outRefundNo(let number):
            try WeChatText.checkOutRefundNo(number)
            fields["out_refund_no"] = number
        case .order(let order): try order.write(to: &fields)
        }
    }
}

/// The refunds of an order: a page of them.
public struct V2RefundList: Hashable, Sendable {
    /// WeChat's order number.
    public let transactionID: String
    /// The merchant's order number.
    public let outTradeNo: String
    /// What the order cost, in fen.
    public let total: Int64
    /// How many refunds the order has in all, where WeChat says it.
    public let totalCount: Int64?
    /// Those of this page.
    public let refunds: [Item]

    /// One refund of an order.
    public struct Item: Hashable, Sendable {
        /// The merchant's number of the refund.
        public let outRefundNo: String
        /// WeChat's number of the refund.
        public let refundID: String
        /// The state, in API v3's words; ``wechatStatus`` has API v2's.
        public let status: RefundStatus
        /// The state as API v2 calls it: `SUCCESS`, `PROCESSING`, `REFUNDCLOSE`, `CHANGE`.
        public let wechatStatus: String
        /// Where it goes.
        public let channel: RefundChannel?
        /// What goes back, in fen.
        public let refund: Int64
        /// What is taken from the merchant, in fen.
        public let settlementRefund: Int64?
        /// The coupons' part, in fen.
        public let couponRefund: Int64?
        /// The coupons that come back.
        public let coupons: [V2Coupon]
        /// To whom it went, in words.
        public let userReceivedAccount: String?
        /// When the payer got it.
        public let successTime: Timestamp?

        init(_ fields: XMLFields, _ index: Int) throws(WeChatPayError) {
            let place = "_\(index)"
            outRefundNo = try fields.text("out_refund_no" + place)
            refundID = try fields.text("refund_id" + place)
            wechatStatus = try fields.text("refund_status" + place)
            status = RefundStatus(v2: wechatStatus)
            channel = fields.optionalText("refund_channel" + place).map { RefundChannel(rawValue: $0) }
            refund = try fields.number("refund_fee" + place)
            settlementRefund = try fields.optionalNumber("settlement_refund_fee" + place)
            couponRefund = try fields.optionalNumber("coupon_refund_fee" + place)
            coupons = try V2Coupon.read(
                fields, amount: "coupon_refund_fee", id: "coupon_refund_id", count: "coupon_refund_count", suffix: place)
            // WeChat's own spelling.
            userReceivedAccount = fields.optionalText("refund_recv_accout" + place)
            successTime = try fields.optionalTime("refund_success_time" + place)
        }
    }

    /// How many refunds a page has at most.
    static let pageLength: Int64 = 10

    init(_ fields: XMLFields) throws(WeChatPayError) {
        transactionID = try fields.text("transaction_id")
        outTradeNo = try fields.text("out_trade_no")
        total = try fields.number("total_fee")
        totalCount = try fields.optionalNumber("total_refund_count")
        let count = try fields.number("refund_count")
        guard (0...50).contains(count) else { throw WeChatPayError.v2Malformed("refund_count is not 0 to 50") }
        var refunds: [Item] = []
        for index in 0..<Int(count) { refunds.append(try Item(fields, index)) }
        self.refunds = refunds
    }
}

extension RefundStatus {
    /// API v2's words in API v3's; unknown ones survive.
    init(v2 word: String) {
        switch word {
        case "REFUNDCLOSE": self = .closed
        case "CHANGE": self = .abnormal
        default: self.init(rawValue: word)
        }
    }
}

extension V2Client {
    /// Asks for refunds: `POST /pay/refundquery` (《查询退款》).
    ///
    /// - Parameters:
    ///   - appid: the app id of the order.
    ///   - number: of the order or the refund.
    ///   - sub: for a service provider, whose order it was.
    ///   - offset: of an order with more than ten refunds, how many to leave out.
    /// - Throws: ``WeChatPayError``; `refused` with ``WeChatErrorCode/refundNotExist``.
    public func queryRefunds(
        appid: String, _ number: V2RefundNumber, sub: V2SubMerchant? = nil, offset: Int = 0
    ) async throws(WeChatPayError) -> V2RefundList {
        var fields = XMLFields()
        try fields.add(appid: appid, sub)
        try number.write(to: &fields)
        if offset != 0 { try fields.add(fen: Int64(offset), "offset") }
        let list = try V2RefundList(try await post("/pay/refundquery", fields, isIdempotent: true))
        let isAsked =
            switch number {
            case .refundID(let id): list.refunds.contains { $0.refundID == id }
            case .outRefundNo(let no): list.refunds.contains { $0.outRefundNo == no }
            case .order(let order): order.isAnswered(outTradeNo: list.outTradeNo, transactionID: list.transactionID)
            }
        guard isAsked else { throw WeChatPayError.v2Malformed("the answer is about other refunds") }
        return list
    }
}
