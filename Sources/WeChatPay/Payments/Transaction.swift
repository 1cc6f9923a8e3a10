/// An order as WeChat sees it: the answer to a query and the content of `TRANSACTION.SUCCESS`.
///
/// Only what WeChat always sends is demanded; an unpaid order has little more. Empty texts are absent ones, unknown fields
/// are ignored.
public struct Transaction: Hashable, Sendable {
    /// The app id of the order.
    public let appid: String?
    /// The merchant number.
    public let mchid: String
    /// The merchant's order number.
    public let outTradeNo: String
    /// WeChat's order number, once paid.
    public let transactionID: String?
    /// How it was paid.
    public let tradeType: TradeType?
    /// The state.
    public let tradeState: TradeState
    /// The state in Chinese.
    public let tradeStateDescription: String?
    /// The bank, for example `CMB_DEBIT`, or `OTHERS`.
    public let bankType: String?
    /// What the prepay request attached, once paid.
    public let attach: String?
    /// When it was paid.
    public let successTime: Timestamp?
    /// Who paid.
    public let payer: Payer?
    /// What was to be paid, and was paid.
    public let amount: Amount?
    /// The merchant's device, from the prepay request.
    public let deviceID: String?
    /// Coupons that were used; empty for none.
    public let promotionDetail: [Promotion]

    /// Reads WeChat's JSON, strictly.
    ///
    /// - Throws: ``WeChatPayError`` with code `malformed`.
    public init(json: [UInt8]) throws(WeChatPayError) {
        self = try decodeStrictly(Transaction.self, json, "the order").get()
    }
}

extension Transaction {
    /// Who paid. Its description shows the beginning of the openid only.
    public struct Payer: Hashable, Sendable, Decodable, CustomStringConvertible, CustomReflectable {
        /// The payer under the order's app id.
        public let openid: String?

        public var description: String { "Payer(\(openid.map(abbreviated) ?? "nil"))" }
        public var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// The amounts of an order, in minor units (fen).
    public struct Amount: Hashable, Sendable {
        /// What the order costs.
        public let total: Int64?
        /// What the payer paid: less than the total when a coupon was used.
        public let payerTotal: Int64?
        /// The currency of the total.
        public let currency: Currency?
        /// The currency in which the payer paid.
        public let payerCurrency: Currency?

        /// The total with its currency, CNY where WeChat names none.
        public var totalMoney: Money? { total.map { Money(fen: $0, currency: currency ?? .cny) } }
        /// What the payer paid with its currency, CNY where WeChat names none.
        public var payerMoney: Money? { payerTotal.map { Money(fen: $0, currency: payerCurrency ?? .cny) } }
    }
}

/// The beginning of an identifier that must not be seen whole.
func abbreviated(_ text: String) -> String { "\(text.prefix(4))…" }
