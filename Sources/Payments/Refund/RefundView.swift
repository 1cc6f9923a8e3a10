import PaymentPrimitives

/// A refund as the merchant's systems see it: in `/v1` answers and in events.
package struct RefundView: Encodable, Sendable {
    package let refund: Refund

    package init(_ refund: Refund) {
        self.refund = refund
    }

    private enum Keys: String, CodingKey {
        case id, merchant, kind, state, amount, reason
        case paymentID = "payment_id"
        case mchid
        case subMchid = "sub_mchid"
        case outTradeNo = "out_trade_no"
        case outRefundNo = "out_refund_no"
        case refundID = "refund_id"
        case transactionID = "transaction_id"
        case fundsAccount = "funds_account"
        case userReceivedAccount = "user_received_account"
        case failureCode = "failure_code"
        case createdAt = "created_at"
        case acceptedAt = "accepted_at"
        case successTime = "success_time"
    }

    private enum AmountKeys: String, CodingKey {
        case refund, total, currency
        case payerRefund = "payer_refund"
        case settlementRefund = "settlement_refund"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(refund.id, forKey: .id)
        try container.encode(refund.merchant, forKey: .merchant)
        try container.encode(refund.paymentID, forKey: .paymentID)
        try container.encode(refund.kind.rawValue, forKey: .kind)
        try container.encode(refund.state.rawValue, forKey: .state)
        try container.encode(refund.mchid, forKey: .mchid)
        try container.encode(refund.subMchid, forKey: .subMchid)
        try container.encode(refund.outTradeNo, forKey: .outTradeNo)
        try container.encode(refund.outRefundNo, forKey: .outRefundNo)
        try container.encode(refund.refundID, forKey: .refundID)
        try container.encode(refund.transactionID, forKey: .transactionID)
        var amount = container.nestedContainer(keyedBy: AmountKeys.self, forKey: .amount)
        try amount.encode(refund.amount.fen, forKey: .refund)
        try amount.encode(refund.total, forKey: .total)
        try amount.encode(refund.amount.currency.rawValue, forKey: .currency)
        try amount.encode(refund.payerRefund, forKey: .payerRefund)
        try amount.encode(refund.settlementRefund, forKey: .settlementRefund)
        try container.encode(refund.reason, forKey: .reason)
        try container.encode(refund.fundsAccount?.rawValue, forKey: .fundsAccount)
        try container.encode(refund.userReceivedAccount, forKey: .userReceivedAccount)
        try container.encode(refund.failureCode, forKey: .failureCode)
        try container.encode(refund.createdAt.rfc3339, forKey: .createdAt)
        try container.encode(refund.acceptedAt?.rfc3339, forKey: .acceptedAt)
        try container.encode(refund.successTime?.rfc3339, forKey: .successTime)
    }
}
