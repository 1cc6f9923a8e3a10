import PaymentPrimitives
import Payments

/// An order as the mini-program sees it.
struct OrderView: Encodable {
    struct Amount: Encodable {
        let total: Int64
        let currency: String

        init(_ money: Money) {
            total = money.fen
            currency = money.currency.rawValue
        }
    }

    struct Item: Encodable {
        let sku: String
        let name: String
        let price: Amount
        let quantity: Int64
    }

    struct Attempt: Encodable {
        let id: String
        let out_trade_no: String
        let method: String
        let state: String
        let transaction_id: String?
        let success_time: String?
        let expires_at: String
    }

    let id: String
    let out_trade_no: String?
    let state: String
    let amount: Amount
    let items: [Item]
    let payments: [Attempt]
    let created_at: String
    let fulfilled_at: String?

    init(_ order: Order) {
        id = order.id
        // The payment that counts: the paid one, else the newest.
        out_trade_no = (order.payments.first { $0.state == .paid } ?? order.payments.first)?.outTradeNo
        state = order.state
        amount = Amount(order.amount)
        items = order.items.map { Item(sku: $0.sku, name: $0.name, price: Amount($0.price), quantity: $0.quantity) }
        payments = order.payments.map {
            Attempt(
                id: $0.id, out_trade_no: $0.outTradeNo, method: $0.method.rawValue, state: $0.state.rawValue,
                transaction_id: $0.transactionID, success_time: $0.successTime?.rfc3339, expires_at: $0.expiresAt.rfc3339)
        }
        created_at = order.createdAt.rfc3339
        fulfilled_at = order.fulfilledAt?.rfc3339
    }
}

/// `{order, client}`; `client` is what `wx.requestPayment` needs, or null.
struct OrderAnswer: Encodable {
    let order: OrderView
    var client: HandOffView?
    /// Why there is nothing to pay with yet, when that is so.
    var notice: String?

    enum CodingKeys: String, CodingKey {
        case order, client, notice
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(order, forKey: .order)
        try container.encode(client, forKey: .client)
        try container.encodeIfPresent(notice, forKey: .notice)
    }
}
