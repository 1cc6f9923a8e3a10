/// A fee in a bill, exact: WeChat writes fees with five decimals of a yuan.
public struct BillFee: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Thousandths of a fen (1/100000 yuan); negative where a fee is given back.
    public let milliFen: Int64

    /// A fee of so many thousandths of a fen.
    public init(milliFen: Int64) {
        self.milliFen = milliFen
    }

    /// The fee in whole fen; `nil` when it is not a whole number of them.
    public var fen: Int64? { milliFen.isMultiple(of: 1000) ? milliFen / 1000 : nil }

    public static func < (left: BillFee, right: BillFee) -> Bool { left.milliFen < right.milliFen }

    /// The fee in yuan as WeChat writes it: `0.01000`.
    public var description: String {
        let (whole, part) = milliFen.magnitude.quotientAndRemainder(dividingBy: 100_000)
        let digits = String(part)
        return (milliFen < 0 ? "-" : "") + "\(whole)." + String(repeating: "0", count: 5 - digits.count) + digits
    }
}
