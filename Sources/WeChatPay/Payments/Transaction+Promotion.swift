extension Transaction {
    /// A coupon that was used (`promotion_detail`). Amounts are in fen.
    public struct Promotion: Hashable, Sendable {
        /// The coupon.
        public let couponID: String?
        /// Its name.
        public let name: String?
        /// `GLOBAL` (the whole order) or `SINGLE` (single goods).
        public let scope: String?
        /// `CASH` (prepaid) or `NOCASH`.
        public let type: String?
        /// Its value.
        public let amount: Int64?
        /// The batch of the coupon.
        public let stockID: String?
        /// The part that WeChat bears.
        public let wechatpayContribute: Int64?
        /// The part that the merchant bears.
        public let merchantContribute: Int64?
        /// The part that others bear.
        public let otherContribute: Int64?
        /// The currency of the amounts.
        public let currency: Currency?
        /// The goods that it was used for; empty for none.
        public let goodsDetail: [Goods]
    }

    /// Goods that a coupon was used for. Amounts are in fen.
    public struct Goods: Hashable, Sendable {
        /// The merchant's number of the goods.
        public let goodsID: String?
        /// How many.
        public let quantity: Int64?
        /// The price of one.
        public let unitPrice: Int64?
        /// The discount.
        public let discountAmount: Int64?
        /// A remark.
        public let goodsRemark: String?
    }
}
