import PaymentPrimitives

/// A payment as the merchant's systems see it: in `/v1` answers and in events.
package struct PaymentView: Encodable, Sendable {
    package let payment: Payment

    package init(_ payment: Payment) {
        self.payment = payment
    }

    enum Keys: String, CodingKey {
        case id, merchant, channel, method, state, mchid, appid
        case subMchid = "sub_mchid"
        case subAppid = "sub_appid"
        case outTradeNo = "out_trade_no"
        case transactionID = "transaction_id"
        case amount, payer, description, attach, reference
        case createdAt = "created_at"
        case expiresAt = "expires_at"
        case successTime = "success_time"
        case closedAt = "closed_at"
        case failureCode = "failure_code"
        case total
        case payerTotal = "payer_total"
        case currency, refunded, refundable
        case openID = "openid"
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(payment.id, forKey: .id)
        try container.encode(payment.merchant, forKey: .merchant)
        try container.encode(payment.channel.rawValue, forKey: .channel)
        try container.encode(payment.method.rawValue, forKey: .method)
        try container.encode(payment.state.rawValue, forKey: .state)
        try container.encode(payment.mchid, forKey: .mchid)
        try container.encode(payment.appid, forKey: .appid)
        try container.encodeIfPresent(payment.subMchid, forKey: .subMchid)
        try container.encodeIfPresent(payment.subAppid, forKey: .subAppid)
        try container.encode(payment.outTradeNo, forKey: .outTradeNo)
        try container.encode(payment.transactionID, forKey: .transactionID)
        var amount = container.nestedContainer(keyedBy: Keys.self, forKey: .amount)
        try amount.encode(payment.amount.fen, forKey: .total)
        try amount.encode(payment.payerTotal, forKey: .payerTotal)
        try amount.encode(payment.amount.currency.rawValue, forKey: .currency)
        try amount.encode(payment.refunds.refunded, forKey: .refunded)
        try amount.encode(payment.refundable, forKey: .refundable)
        var payer = container.nestedContainer(keyedBy: Keys.self, forKey: .payer)
        try payer.encode(payment.openID, forKey: .openID)
        try container.encode(payment.description, forKey: .description)
        try container.encode(payment.attach, forKey: .attach)
        try container.encode(payment.reference, forKey: .reference)
        try container.encode(payment.createdAt.rfc3339, forKey: .createdAt)
        try container.encode(payment.expiresAt.rfc3339, forKey: .expiresAt)
        try container.encode(payment.successTime?.rfc3339, forKey: .successTime)
        try container.encode(payment.closedAt?.rfc3339, forKey: .closedAt)
        try container.encode(payment.failureCode, forKey: .failureCode)
    }
}
