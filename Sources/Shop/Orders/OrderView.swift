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
        let outTradeNo: String
        let method: String
        let state: String
        let transactionID: String?
        let successTime: String?
        let expiresAt: String

        enum CodingKeys: String, CodingKey {
            case id, method, state
            case outTradeNo = "out_trade_no"
            case transactionID = "transaction_id"
            case successTime = "success_time"
            case expiresAt = "expires_at"
        }
    }

    let id: String
    let outTradeNo: String?
    let state: String
    let amount: Amount
    let items: [Item]
    let payments: [Attempt]
    let createdAt: String
    let fulfilledAt: String?

    enum CodingKeys: String, CodingKey {
        case id, state, amount, items, payments
        case outTradeNo = "out_trade_no"
        case createdAt = "created_at"
        case fulfilledAt = "fulfilled_at"
    }

    init(_ order: Order) {
        id = order.id
        // The payment that counts: the paid one, else the newest.
        outTradeNo = (order.payments.first { $0.state == .paid } ?? order.payments.first)?.outTradeNo
        state = order.state
        amount = Amount(order.amount)
        items = order.items.map { Item(sku: $0.sku, name: $0.name, price: Amount($0.price), quantity: $0.quantity) }
        payments = order.payments.map {
            Attempt(
                id: $0.id, outTradeNo: $0.outTradeNo, method: $0.method.rawValue, state: $0.state.rawValue,
                transactionID: $0.transactionID, successTime: $0.successTime?.rfc3339, expiresAt: $0.expiresAt.rfc3339)
        }
        createdAt = order.createdAt.rfc3339
        fulfilledAt = order.fulfilledAt?.rfc3339
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
