import PaymentPrimitives

/// What leads a user to an order: the text of a QR code, or the address of the H5 cashier.
enum PayLink {
    static let h5Path = ["cgi-bin", "mmpayweb-bin", "checkmweb"]
    private static let native = "weixin://wxpay/bizpayurl?pr="

    /// What the merchant is given for an order.
    static func answer(_ prepay: SandboxOrder.PrepayID, _ method: PrepayMethod, origin: String) -> JSONValue {
        switch method {
        case .jsapi, .app: return .record(("prepay_id", .string(prepay.id)))
        case .native: return .record(("code_url", .string(native + (prepay.code ?? ""))))
        case .h5:
            let path = h5Path.joined(separator: "/")
            return .record(("h5_url", "\(origin)/\(path)?prepay_id=\(prepay.id)&package=\(prepay.code ?? "")"))
        }
    }

    /// The `pr` of a `code_url`.
    static func code(inCodeURL text: String) -> String? {
        text.hasPrefix(native) ? String(text.dropFirst(native.count)) : nil
    }

    /// The parameters of an `h5_url`; a merchant may have added `redirect_url`.
    static func parameters(ofH5URL text: String) -> (prepayID: String, package: String)? {
        guard let query = text.split(separator: "?", maxSplits: 1).dropFirst().first else { return nil }
        var values: [Substring: Substring] = [:]
        for pair in query.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1)
            if sides.count == 2, values[sides[0]] == nil { values[sides[0]] = sides[1] }
        }
        guard let id = values["prepay_id"], let package = values["package"] else { return nil }
        return (String(id), String(package))
    }
}
