/// A refund as WeChat sees it: the answer to a request, a query and an application after an abnormal end.
///
/// That WeChat has taken a refund says nothing about its end: believe ``status``. Empty texts are absent ones, unknown
/// fields are ignored.
public struct Refund: Hashable, Sendable {
    /// WeChat's number of the refund.
    public let refundID: String
    /// The merchant's number of the refund.
    public let outRefundNo: String
    /// WeChat's number of the order.
    public let transactionID: String
    /// The merchant's number of the order.
    public let outTradeNo: String
    /// The sub-merchant, where WeChat names it.
    public let subMchid: String?
    /// Where the money goes.
    public let channel: RefundChannel?
    /// The payer's account in words, for example `招商银行信用卡0403`.
    public let userReceivedAccount: String?
    /// When the payer had the money.
    public let successTime: Timestamp?
    /// When it was requested.
    public let createTime: Timestamp?
    /// The state.
    public let status: RefundStatus
    /// Where the money comes from.
    public let fundsAccount: FundsAccount?
    /// The amounts.
    public let amount: Amount
    /// Coupons that are given back; empty for none.
    public let promotionDetail: [Promotion]

    /// Reads WeChat's JSON, strictly.
    ///
    /// - Throws: ``WeChatPayError`` with code `malformed`.
    public init(json: [UInt8]) throws(WeChatPayError) {
        self = try decodeStrictly(Refund.self, json, "the refund").get()
    }

    /// The amounts of a refund, in minor units (fen).
    public struct Amount: Hashable, Sendable, Decodable {
        /// What the order cost.
        public let total: Int64
        /// What is given back.
        public let refund: Int64
        /// Which accounts bear it; `nil` where WeChat does not say.
        public let from: [RefundRequest.Source]?
        /// What the payer paid for the order: less than ``total`` when a coupon was used.
        public let payerTotal: Int64?
        /// What the payer gets back: less than ``refund`` when a coupon was used.
        public let payerRefund: Int64?
        /// What is taken back from the merchant: ``refund`` without coupons that were not settled.
        public let settlementRefund: Int64?
        /// What was settled of the order.
        public let settlementTotal: Int64?
        /// What is given back in coupons.
        public let discountRefund: Int64?
        /// The currency of the amounts.
        public let currency: Currency?
        /// The fee that is given back to the merchant.
        public let refundFee: Int64?

        /// WeChat's names.
        enum CodingKeys: String, CodingKey {
            case total, refund, from, currency
            case payerTotal = "payer_total"
            case payerRefund = "payer_refund"
            case settlementRefund = "settlement_refund"
            case settlementTotal = "settlement_total"
            case discountRefund = "discount_refund"
            case refundFee = "refund_fee"
        }

        /// What is given back with its currency, CNY where WeChat names none.
        public var refundMoney: Money { Money(fen: refund, currency: currency ?? .cny) }
        /// What the payer gets back with its currency, CNY where WeChat names none.
        public var payerRefundMoney: Money? { payerRefund.map { Money(fen: $0, currency: currency ?? .cny) } }
    }

    /// A coupon that is given back (`promotion_detail`). Amounts are in fen.
    public struct Promotion: Hashable, Sendable {
        /// The coupon.
        public let promotionID: String?
        /// `GLOBAL` (the whole order) or `SINGLE` (single goods).
        public let scope: String?
        /// `COUPON` (prepaid) or `DISCOUNT`.
        public let type: String?
        /// Its value.
        public let amount: Int64?
        /// What of it is given back.
        public let refundAmount: Int64?
        /// The goods; empty for none.
        public let goodsDetail: [Goods]
    }

    /// Goods that are given back. Amounts are in fen.
    public struct Goods: Hashable, Sendable {
        /// The merchant's number of the goods.
        public let merchantGoodsID: String?
        /// WeChat's number of the goods.
        public let wechatpayGoodsID: String?
        /// The name of the goods.
        public let goodsName: String?
        /// The price of one.
        public let unitPrice: Int64?
        /// What is given back for them.
        public let refundAmount: Int64?
        /// How many are given back.
        public let refundQuantity: Int64?
    }
}
