/// An ISO 4217 currency code.
///
/// An open set: a code that WeChat adds tomorrow survives decoding and encoding unchanged. Domestic WeChat Pay
/// accepts `CNY` only.
public struct Currency: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The three-letter code, for example `CNY`.
    public let rawValue: String

    /// Takes the code as it stands; nothing is checked.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Renminbi. Its minor unit is the fen (分), 100 to the yuan.
    public static let cny = Currency(rawValue: "CNY")

    public var description: String { rawValue }
}
