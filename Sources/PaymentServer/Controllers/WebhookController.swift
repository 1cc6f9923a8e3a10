import HTTPTypes
import Hummingbird
import PaymentPrimitives
import Payments

/// `/v1/webhooks`: a client's own deliveries, and no one else's.
struct WebhookController {
    let webhooks: WebhookService

    func addRoutes(to group: RouterGroup<ServerRequestContext>) {
        group.get("webhooks/deliveries") { try await list($0, $1) }
        group.post("webhooks/deliveries/:event/replay") { _, context in
            let client = try PaymentController.client(context)
            let event = try context.parameters.require("event")
            let delivery = try await webhooks.replay(client: client.name, scopes: client.scopes, eventID: event)
            return try JSONAnswer.value(["delivery": WebhookDeliveryView(delivery)])
        }
    }

    private static let filters: Set = ["state", "event", "cursor", "limit"]

    private func list(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let client = try PaymentController.client(context)
        let query = request.uri.queryParameters
        if let unknown = query.first(where: { !Self.filters.contains(String($0.key)) })?.key.prefix(40) {
            throw PaymentError(
                .invalidRequest, "\(unknown) is not a filter; there are \(Self.filters.sorted().joined(separator: ", "))",
                field: String(unknown))
        }
        func text(_ name: Substring) -> String? { query[name].map(String.init) }
        var filter = WebhookFilter(client: client.name, scopes: client.scopes)
        filter.eventID = text("event")
        if let state = text("state") {
            guard let known = WebhookDelivery.State(rawValue: state) else {
                let states = WebhookDelivery.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw PaymentError(.invalidRequest, "state is not one of \(states)", field: "state")
            }
            filter.state = known
        }
        if let cursor = text("cursor") {
            guard let position = Int64(cursor), position >= 0 else {
                throw PaymentError(.invalidRequest, "cursor is none that this server gave", field: "cursor")
            }
            filter.before = position
        }
        let limit = try PaymentController.limit(text("limit"))
        filter.limit = limit + 1
        let found = try await webhooks.storage.webhooks(filter)
        let page = found.prefix(limit)
        return try JSONAnswer.value(
            WebhookDeliveryPage(
                deliveries: page.map(WebhookDeliveryView.init),
                cursor: found.count > limit ? page.last.map { String($0.position) } : nil))
    }
}

/// A page of deliveries, newest event first.
struct WebhookDeliveryPage: Encodable {
    let deliveries: [WebhookDeliveryView]
    /// For the next page; null on the last one.
    let cursor: String?

    enum CodingKeys: String, CodingKey {
        case deliveries, cursor
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(deliveries, forKey: .deliveries)
        try container.encode(cursor, forKey: .cursor)
    }
}

/// A delivery as its client sees it.
struct WebhookDeliveryView: Encodable {
    let delivery: WebhookDelivery

    init(_ delivery: WebhookDelivery) { self.delivery = delivery }

    enum CodingKeys: String, CodingKey {
        case merchant, type, position, state, attempts
        case eventID = "event_id"
        case createdAt = "created_at"
        case nextAttemptAt = "next_attempt_at"
        case lastAttemptAt = "last_attempt_at"
        case lastStatus = "last_status"
        case lastError = "last_error"
        case deliveredAt = "delivered_at"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(delivery.eventID, forKey: .eventID)
        try container.encode(delivery.merchant, forKey: .merchant)
        try container.encode(delivery.kind, forKey: .type)
        try container.encode(delivery.position, forKey: .position)
        try container.encode(delivery.state.rawValue, forKey: .state)
        try container.encode(delivery.attempts, forKey: .attempts)
        try container.encode(delivery.createdAt.rfc3339, forKey: .createdAt)
        try container.encode(delivery.nextAttemptAt?.rfc3339, forKey: .nextAttemptAt)
        try container.encode(delivery.lastAttemptAt?.rfc3339, forKey: .lastAttemptAt)
        try container.encode(delivery.lastStatus, forKey: .lastStatus)
        try container.encode(delivery.lastError, forKey: .lastError)
        try container.encode(delivery.deliveredAt?.rfc3339, forKey: .deliveredAt)
    }
}
