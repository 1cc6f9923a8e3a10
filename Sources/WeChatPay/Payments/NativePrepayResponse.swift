/// The answer to a prepay request for a QR code.
public struct NativePrepayResponse: Hashable, Sendable, Decodable, PrepayAnswer {
    /// What the QR code says (`code_url`), for example `weixin://wxpay/bizpayurl?pr=…`; valid for two hours.
    public let codeURL: String

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case codeURL = "code_url"
    }

    var essential: (name: String, text: String) { ("code_url", codeURL) }
}
