/// The state of an order at WeChat (`trade_state`). An open set: unknown states survive.
public struct TradeState: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Paid.
    public static let success = TradeState(rawValue: "SUCCESS")
    /// Paid, and at least a part was given back.
    public static let refund = TradeState(rawValue: "REFUND")
    /// Not paid yet; a failed attempt leaves it so.
    public static let notPay = TradeState(rawValue: "NOTPAY")
    /// Closed without payment.
    public static let closed = TradeState(rawValue: "CLOSED")
    /// Reversed (code pay).
    public static let revoked = TradeState(rawValue: "REVOKED")
    /// The payer is entering the password (code pay).
    public static let userPaying = TradeState(rawValue: "USERPAYING")
    /// Payment failed (code pay).
    public static let payError = TradeState(rawValue: "PAYERROR")

    public var description: String { rawValue }
}
