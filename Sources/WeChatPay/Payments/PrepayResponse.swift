/// The answer to a prepay request for a mini-program, an official account or an app.
public struct PrepayResponse: Hashable, Sendable, Decodable {
    /// The prepayment session (`prepay_id`), valid for two hours; send the same request for a new one.
    public let prepayID: String

    /// WeChat's names.
    enum CodingKeys: String, CodingKey {
        case prepayID = "prepay_id"
    }
}

/// An answer that is of use only with a text in it.
protocol PrepayAnswer: Decodable {
    /// The text, and its name at WeChat.
    var essential: (name: String, text: String) { get }
}

extension PrepayResponse: PrepayAnswer {
    var essential: (name: String, text: String) { ("prepay_id", prepayID) }
}
