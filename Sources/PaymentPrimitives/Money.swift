/// An amount of money as a whole number of minor units (fen for `CNY`), never a fraction and never floating point.
///
/// Arithmetic throws instead of wrapping around or mixing currencies: a wrong sum is worse than a stopped one.
public struct Money: Hashable, Sendable, Codable {
    /// The amount in minor units of ``currency``: fen for `CNY`. May be negative (a ledger has both signs).
    public let fen: Int64
    /// The currency of the amount.
    public let currency: Currency

    /// An amount of `fen` minor units.
    public init(fen: Int64, currency: Currency = .cny) {
        self.fen = fen
        self.currency = currency
    }

    /// The sum of two amounts.
    ///
    /// - Throws: ``MoneyError`` `.overflow` when the result does not fit, `.currencyMismatch` for two currencies.
    public func adding(_ other: Money) throws(MoneyError) -> Money {
        try combine(other) { $0.addingReportingOverflow($1) }
    }

    /// The difference of two amounts.
    ///
    /// - Throws: ``MoneyError`` `.overflow` when the result does not fit, `.currencyMismatch` for two currencies.
    public func subtracting(_ other: Money) throws(MoneyError) -> Money {
        try combine(other) { $0.subtractingReportingOverflow($1) }
    }

    /// The amount taken `count` times, as a price by a quantity.
    ///
    /// - Throws: ``MoneyError`` `.overflow` when the result does not fit.
    public func multiplied(by count: Int64) throws(MoneyError) -> Money {
        let (product, overflow) = fen.multipliedReportingOverflow(by: count)
        guard !overflow else { throw .overflow }
        return Money(fen: product, currency: currency)
    }

    private func combine(
        _ other: Money, _ operation: (Int64, Int64) -> (partialValue: Int64, overflow: Bool)
    ) throws(MoneyError) -> Money {
        guard currency == other.currency else { throw .currencyMismatch(currency, other.currency) }
        let (value, overflow) = operation(fen, other.fen)
        guard !overflow else { throw .overflow }
        return Money(fen: value, currency: currency)
    }
}

/// Why an amount could not be computed or read.
public enum MoneyError: Error, Equatable, CustomStringConvertible {
    /// The result needs more than 63 bits.
    case overflow
    /// Two amounts in different currencies were combined.
    case currencyMismatch(Currency, Currency)
    /// A text is not an amount in yuan with at most two decimals.
    case notAnAmount(String)

    public var description: String {
        switch self {
        case .overflow: "the amount is too large"
        case .currencyMismatch(let left, let right): "cannot combine \(left) with \(right)"
        case .notAnAmount(let text): "\"\(text.prefix(40))\" is not an amount in yuan with at most two decimals"
        }
    }
}
