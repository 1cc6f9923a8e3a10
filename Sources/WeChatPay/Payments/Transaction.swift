/// An order as WeChat sees it: the answer to a query and the content of `TRANSACTION.SUCCESS`.
///
/// Only what WeChat always sends is demanded; an unpaid order has little more. Empty texts are absent ones, unknown fields
/// are ignored.
@dynamicMemberLookup
public struct Transaction: Hashable, Sendable {
    /// The app id of the order.
    public let appid: String?
    /// The merchant number.
    public let mchid: String
    /// Who paid.
    public let payer: Payer?
    /// How it stands with the order.
    public let trade: Trade

    /// A member of ``trade``.
    public subscript<Value>(dynamicMember member: KeyPath<Trade, Value>) -> Value { trade[keyPath: member] }

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

        package init(openid: String?) {
            self.openid = openid
        }

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

        package init(total: Int64?, payerTotal: Int64?, currency: Currency?, payerCurrency: Currency?) {
            self.total = total
            self.payerTotal = payerTotal
            self.currency = currency
            self.payerCurrency = payerCurrency
        }
    }
}

/// The beginning of an identifier that must not be seen whole.
package func abbreviated(_ text: String) -> String { "\(text.prefix(4))…" }
