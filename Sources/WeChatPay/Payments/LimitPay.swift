/// Ways to pay that an order excludes or demands (`limit_pay`). An open set.
public struct LimitPay: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Not from the balance.
    public static let noBalance = LimitPay(rawValue: "no_balance")
    /// Not with a credit card.
    public static let noCredit = LimitPay(rawValue: "no_credit")
    /// Not with a debit card.
    public static let noDebit = LimitPay(rawValue: "no_debit")
    /// From the balance only.
    public static let balanceOnly = LimitPay(rawValue: "balance_only")

    public var description: String { rawValue }
}
