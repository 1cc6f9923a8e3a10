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

/// A payment's transitions and ledger lines.
struct TimelineAnswer: Encodable {
    struct Event: Encodable {
        let version: Int64
        let from: String?
        let to: String
        let source: String
        let detail: String
        let at: String
    }

    struct Line: Encodable {
        let account: String
        let amount: Int64
    }

    let payment: PaymentView
    let events: [Event]
    let ledger: [Line]

    init(payment: PaymentView, events: [PaymentEvent], ledger: [LedgerLine]) {
        self.payment = payment
        self.events = events.map { event in
            Event(
                version: event.version, from: event.from?.rawValue, to: event.to.rawValue, source: event.source,
                detail: event.detail, at: event.at.rfc3339)
        }
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
