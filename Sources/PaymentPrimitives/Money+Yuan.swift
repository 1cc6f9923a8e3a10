extension Money: CustomStringConvertible {
    /// The amount in major units with two decimals, for people and for WeChat's bills: `12.30`, `-0.05`.
    public var yuan: String {
        let magnitude = fen.magnitude
        let (whole, part) = magnitude.quotientAndRemainder(dividingBy: 100)
        return (fen < 0 ? "-" : "") + "\(whole)." + (part < 10 ? "0\(part)" : "\(part)")
    }

    /// `12.30 CNY`.
    public var description: String { "\(yuan) \(currency)" }

    /// Reads an amount written in yuan: `12.30`, `12.3`, `12`, `-0.05`.
    ///
    /// - Throws: ``MoneyError`` `.notAnAmount` for anything else (exponents, thousands separators, a third decimal
    ///   other than zero), `.overflow` when it does not fit.
    public init(yuan text: String, currency: Currency = .cny) throws(MoneyError) {
        var digits = text.utf8[...]
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits = digits.dropFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = parts.first, !whole.isEmpty,
            parts.allSatisfy({ $0.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } })
        else { throw .notAnAmount(text) }
        var decimals = parts.count == 2 ? Array(parts[1]) : []
        guard parts.count == 1 || !decimals.isEmpty, decimals.dropFirst(2).allSatisfy({ $0 == UInt8(ascii: "0") }) else {
            throw .notAnAmount(text)
        }
        decimals = Array((decimals + [UInt8(ascii: "0"), UInt8(ascii: "0")]).prefix(2))
        var value: Int64 = 0
        for digit in Array(whole) + decimals {
            let step = Int64(digit - UInt8(ascii: "0"))
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, overflowing) =
                negative ? shifted.subtractingReportingOverflow(step) : shifted.addingReportingOverflow(step)
            guard !overflow, !overflowing else { throw .overflow }
            value = next
        }
        self.init(fen: value, currency: currency)
    }
}
