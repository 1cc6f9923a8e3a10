/// The calls of API v2.
enum V2Path: Sendable {
    case unifiedOrder, orderQuery, closeOrder, micropay, reverse, refund, refundQuery
    case downloadBill, downloadFundFlow, authCodeToOpenid, report, signKey

    private static let known: [[String]: V2Path] = [
        ["pay", "unifiedorder"]: .unifiedOrder, ["pay", "orderquery"]: .orderQuery, ["pay", "closeorder"]: .closeOrder,
        ["pay", "micropay"]: .micropay, ["secapi", "pay", "reverse"]: .reverse, ["secapi", "pay", "refund"]: .refund,
        ["pay", "refundquery"]: .refundQuery, ["pay", "downloadbill"]: .downloadBill,
        ["pay", "downloadfundflow"]: .downloadFundFlow, ["tools", "authcodetoopenid"]: .authCodeToOpenid,
        ["payitil", "report"]: .report,
    ]

    /// Below `/sandboxnew` there is no `secapi`, and no client certificate.
    private static let sandboxOnly: [[String]: V2Path] = [
        ["pay", "getsignkey"]: .signKey, ["pay", "reverse"]: .reverse, ["pay", "refund"]: .refund,
    ]

    /// The call that a path means, and whether it is the old sandbox's; `nil` for a path that is none of API v2.
    static func read(_ segments: [String]) -> (path: V2Path, isSandboxNew: Bool)? {
        guard segments.first == "sandboxnew" else { return known[segments].map { ($0, false) } }
        let rest = Array(segments.dropFirst())
        return (sandboxOnly[rest] ?? known[rest]).map { ($0, true) }
    }

    /// Whether WeChat asks for the merchant's client certificate.
    var needsCertificate: Bool { [.reverse, .refund, .downloadFundFlow].contains(self) }

    /// Whether an answer carries a signature.
    var isAnswerSigned: Bool { ![.downloadBill, .downloadFundFlow, .report, .signKey].contains(self) }

    /// Whether the body must name the app.
    var needsAppid: Bool { self != .signKey }
}

/// What is known of the client's certificate.
enum ClientCertificate: Sendable, Equatable {
    /// There was no TLS, hence nothing to show it by.
    case impossible
    /// TLS without one.
    case none
    /// The API certificate of a merchant.
    case merchant(String)
}
