import PaymentPrimitives
import Payments

/// The body of `POST /v1/payments/{id}/refunds`; without an amount all goes back that can.
struct CreateRefundBody: Decodable {
    let amount: Money?
    let reason: String?
    let outRefundNo: String?
    let fundsAccount: FundsAccount?

    private enum Key: String, CodingKey, CaseIterable {
        case amount, reason
        case outRefundNo = "out_refund_no"
        case fundsAccount = "funds_account"
    }

    private enum AmountKey: String, CodingKey, CaseIterable {
        case refund, currency
    }

    init(from decoder: any Decoder) throws {
        try decoder.refuseFields(otherThan: Key.self)
        let container = try decoder.container(keyedBy: Key.self)
        if container.contains(.amount) {
            try container.superDecoder(forKey: .amount).refuseFields(otherThan: AmountKey.self)
            let amount = try container.nestedContainer(keyedBy: AmountKey.self, forKey: .amount)
            self.amount = Money(
                fen: try amount.decode(Int64.self, forKey: .refund),
                currency: Currency(rawValue: try amount.decodeIfPresent(String.self, forKey: .currency) ?? "CNY"))
        } else {
            amount = nil
        }
        reason = try container.decodeIfPresent(String.self, forKey: .reason)
        outRefundNo = try container.decodeIfPresent(String.self, forKey: .outRefundNo)
        fundsAccount = try container.decodeIfPresent(String.self, forKey: .fundsAccount).map { text in
            guard let account = FundsAccount(rawValue: text) else {
                throw PaymentError(
                    .invalidRequest,
                    "funds_account is not one of \(FundsAccount.allCases.map(\.rawValue).joined(separator: ", "))",
                    field: "funds_account")
            }
            return account
        }
    }
}
