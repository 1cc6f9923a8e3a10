import PaymentPrimitives
import Payments

/// The body of `POST /v1/payments`. Fields that this version does not know are refused: a misspelt `openid` or an option
/// without effect must not pass unnoticed where money is concerned.
struct CreatePaymentBody: Decodable {
    let payment: NewPayment

    private enum Key: String, CodingKey, CaseIterable {
        case merchant, appid, method, amount, description, reference, openid, attach
        case outTradeNo = "out_trade_no"
        case expiresAt = "expires_at"
    }

    private enum AmountKey: String, CodingKey, CaseIterable {
        case total, currency
    }

    init(from decoder: any Decoder) throws {
        try Self.refuseOthers(decoder, Key.allCases.map(\.rawValue), "")
        let container = try decoder.container(keyedBy: Key.self)
        let amountDecoder = try container.superDecoder(forKey: .amount)
        try Self.refuseOthers(amountDecoder, AmountKey.allCases.map(\.rawValue), "amount.")
        let amount = try container.nestedContainer(keyedBy: AmountKey.self, forKey: .amount)
        let method = try container.decode(String.self, forKey: .method)
        guard let method = PaymentMethod(rawValue: method) else {
            throw PaymentError(
                .invalidRequest,
                "method \"\(method.prefix(40))\" is not one of \(PaymentMethod.allCases.map(\.rawValue).joined(separator: ", "))",
                field: "method")
        }
        var payment = NewPayment(
            merchant: try container.decode(String.self, forKey: .merchant),
            appid: try container.decode(String.self, forKey: .appid), method: method,
            amount: Money(
                fen: try amount.decode(Int64.self, forKey: .total),
                currency: Currency(rawValue: try amount.decodeIfPresent(String.self, forKey: .currency) ?? "CNY")),
            description: try container.decode(String.self, forKey: .description))
        payment.outTradeNo = try container.decodeIfPresent(String.self, forKey: .outTradeNo)
        payment.reference = try container.decodeIfPresent(String.self, forKey: .reference)
        payment.openID = try container.decodeIfPresent(String.self, forKey: .openid)
        payment.attach = try container.decodeIfPresent(String.self, forKey: .attach)
        if let text = try container.decodeIfPresent(String.self, forKey: .expiresAt) {
            guard let moment = Timestamp(rfc3339: text) else {
                throw PaymentError(
                    .invalidRequest, "expires_at is not an RFC 3339 time such as 2026-01-31T18:00:00+08:00", field: "expires_at")
            }
            payment.expiresAt = moment
        }
        self.payment = payment
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    static func refuseOthers(_ decoder: any Decoder, _ known: [String], _ path: String) throws {
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            let name = path + String(key.stringValue.prefix(40))
            throw PaymentError(.invalidRequest, "\(name) is not a field of this version", field: name)
        }
    }
}
