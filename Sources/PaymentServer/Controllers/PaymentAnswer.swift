import PaymentPrimitives
import Payments

/// `{payment, client}`: a payment, and what the front end hands to WeChat.
struct PaymentAnswer: Encodable {
    let payment: PaymentView
    let client: ClientHandOff?

    enum CodingKeys: String, CodingKey {
        case payment, client
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(payment, forKey: .payment)
        try container.encode(client.map(HandOffView.init), forKey: .client)
    }
}

/// A page of payments, newest first.
struct PaymentPage: Encodable {
    let payments: [PaymentView]
    /// For the next page; null on the last one.
    let cursor: String?

    enum CodingKeys: String, CodingKey {
        case payments, cursor
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(payments, forKey: .payments)
        try container.encode(cursor, forKey: .cursor)
    }
}

/// The transitions of a payment and of its refunds, oldest first, and its ledger lines.
struct TimelineAnswer: Encodable {
    struct Event: Encodable {
        /// The refund whose transition it is; absent where it is the payment's own.
        let refundID: String?
        let version: Int64
        let from: String?
        let to: String
        let source: String
        let detail: String
        let at: String

        enum CodingKeys: String, CodingKey {
            case version, from, to, source, detail, at
            case refundID = "refund"
        }
    }

    struct Line: Encodable {
        let account: String
        let amount: Int64
    }

    let payment: PaymentView
    let events: [Event]
    let ledger: [Line]

    init(payment: PaymentView, events: [PaymentEvent], refunds: [RefundEvent], ledger: [LedgerLine]) {
        self.payment = payment
        let own = events.map { event in
            let shown = Event(
                refundID: nil, version: event.version, from: event.from?.rawValue, to: event.to.rawValue,
                source: event.source, detail: event.detail, at: event.at.rfc3339)
            return (event.at, shown)
        }
        let others = refunds.map { event in
            let shown = Event(
                refundID: event.refundID, version: event.version, from: event.from?.rawValue, to: event.to.rawValue,
                source: event.source, detail: event.detail, at: event.at.rfc3339)
            return (event.at, shown)
        }
        // Sorting is stable: at the same moment the payment's own comes first, and each keeps its order.
        self.events = (own + others).sorted { $0.0 < $1.0 }.map(\.1)
        self.ledger = ledger.map { Line(account: $0.account.rawValue, amount: $0.amount) }
    }
}

/// Published events. Their data was written as JSON in the transaction that made them true, and goes out as it is.
enum EventPage {
    private struct Head: Encodable {
        let position: Int64?
        let id: String
        let type: String
        let merchant: String
        let timestamp: String
    }

    static func bytes(_ events: [OutboxEvent]) -> [UInt8] {
        var body = Array(#"{"events":["#.utf8)
        for (index, event) in events.enumerated() {
            let head = Head(
                position: event.position, id: event.id, type: event.kind.rawValue, merchant: event.merchant,
                timestamp: event.at.rfc3339)
            guard let bytes = try? StrictJSON.encode(head) else { continue }
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body += bytes.dropLast() + Array(#","data":"#.utf8) + event.data + [UInt8(ascii: "}")]
        }
        return body + Array("]}".utf8)
    }
}
