/// Gives money of a paid order back, in whole or in part (《申请退款》).
///
/// At most 50 parts an order, a minute apart, within 365 days of the payment. The same request may be sent again under the
/// same number; another amount under it is refused.
public struct RefundRequest: Hashable, Sendable {
    /// The order.
    public var order: Order
    /// The merchant's number of the refund, 1–64 of `0-9 A-Z a-z _ - | * @`, unique for the merchant.
    public var outRefundNo: String
    /// How much.
    public var amount: Amount
    /// Why, at most 80 bytes; the payer sees it.
    public var reason: String?
    /// Where WeChat reports the refund, at most 256 bytes; instead of the address that the merchant console has.
    public var notifyURL: String?
    /// Where the money comes from; only for merchants who settle by themselves.
    public var fundsAccount: FundsAccount?
    /// The goods that are given back; empty for none.
    public var goodsDetail: [Goods]
    /// The sub-merchant, for a service provider.
    public var subMchid: String?

    /// A refund out of its parts; nothing is checked before it is sent.
    public init(
        order: Order, outRefundNo: String, amount: Amount, reason: String? = nil, notifyURL: String? = nil,
        fundsAccount: FundsAccount? = nil, goodsDetail: [Goods] = [], subMchid: String? = nil
    ) {
        self.order = order
        self.outRefundNo = outRefundNo
        self.amount = amount
        self.reason = reason
        self.notifyURL = notifyURL
        self.fundsAccount = fundsAccount
        self.goodsDetail = goodsDetail
        self.subMchid = subMchid
    }

    /// An order, by one of its two numbers.
    public enum Order: Hashable, Sendable {
        /// WeChat's number.
        case transactionID(String)
        /// The merchant's number.
        case outTradeNo(String)
    }

    /// The amounts of a refund, in minor units (fen).
    public struct Amount: Hashable, Sendable {
        /// What is given back: at least 1, at most ``total`` less what was given back before.
        public var refund: Int64
        /// What the order cost.
        public var total: Int64
        /// The currency of the order.
        public var currency: Currency
        /// Which accounts bear it, their amounts adding up to ``refund``; empty for WeChat's own order.
        public var from: [Source]

        /// Amounts in fen.
        public init(refund: Int64, total: Int64, currency: Currency = .cny, from: [Source] = []) {
            self.refund = refund
            self.total = total
            self.currency = currency
            self.from = from
        }
    }

    /// An account that bears a part of a refund.
    public struct Source: Hashable, Sendable, Codable {
        /// ``FundsAccount/available`` or ``FundsAccount/unavailable``.
        public var account: FundsAccount
        /// Its part in fen, at least 1.
        public var amount: Int64

        /// A part.
        public init(account: FundsAccount, amount: Int64) {
            self.account = account
            self.amount = amount
        }
    }

    /// Goods that are given back. Amounts are in fen.
    public struct Goods: Hashable, Sendable, Encodable {
        /// The merchant's number of the goods, 1–32 bytes.
        public var merchantGoodsID: String
        /// WeChat's number of the goods, at most 32 bytes.
        public var wechatpayGoodsID: String?
        /// The name of the goods, at most 256 bytes.
        public var goodsName: String?
        /// The price of one.
        public var unitPrice: Int64
        /// What is given back for them.
        public var refundAmount: Int64
        /// How many are given back, at least 1.
        public var refundQuantity: Int64

        /// WeChat's names.
        enum CodingKeys: String, CodingKey {
            case merchantGoodsID = "merchant_goods_id"
            case wechatpayGoodsID = "wechatpay_goods_id"
            case goodsName = "goods_name"
            case unitPrice = "unit_price"
            case refundAmount = "refund_amount"
            case refundQuantity = "refund_quantity"
        }

        /// Goods out of their parts.
        public init(
            merchantGoodsID: String, wechatpayGoodsID: String? = nil, goodsName: String? = nil, unitPrice: Int64,
            refundAmount: Int64, refundQuantity: Int64
        ) {
            self.merchantGoodsID = merchantGoodsID
            self.wechatpayGoodsID = wechatpayGoodsID
            self.goodsName = goodsName
            self.unitPrice = unitPrice
            self.refundAmount = refundAmount
            self.refundQuantity = refundQuantity
        }
    }
}
