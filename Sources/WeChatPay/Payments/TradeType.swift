/// How an order was paid (`trade_type`). An open set: unknown types survive.
public struct TradeType: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Mini-program or official account.
    public static let jsapi = TradeType(rawValue: "JSAPI")
    /// A QR code that the payer scans.
    public static let native = TradeType(rawValue: "NATIVE")
    /// Another app.
    public static let app = TradeType(rawValue: "APP")
    /// A browser outside WeChat (H5).
    public static let mweb = TradeType(rawValue: "MWEB")
    /// The payer's code, scanned by the merchant.
    public static let micropay = TradeType(rawValue: "MICROPAY")
    /// The payer's face.
    public static let facepay = TradeType(rawValue: "FACEPAY")

    public var description: String { rawValue }
}
