import Logging
import PaymentPrimitives

/// What clients ask about their webhooks, and what the jobs need to send them.
package struct WebhookService: Sendable {
    package let storage: any WebhookStorage
    let sender: any WebhookSender
    /// All endpoints as configured at this moment.
    private let endpoints: @Sendable () -> [WebhookEndpoint]
    /// Wakes the jobs.
    private let published: SignalBoard
    let clock: any WallClock
    let random: any RandomSource
    let logger: Logger

    package init(
        storage: any WebhookStorage, sender: any WebhookSender, endpoints: @escaping @Sendable () -> [WebhookEndpoint],
        published: SignalBoard, clock: any WallClock, random: any RandomSource, logger: Logger
    ) {
        self.storage = storage
        self.sender = sender
        self.endpoints = endpoints
        self.published = published
        self.clock = clock
        self.random = random
        self.logger = logger
    }

    package func endpoint(_ client: String) -> WebhookEndpoint? { endpoints().first { $0.client == client } }

    /// The clients that have an endpoint.
    package var clients: Set<String> { Set(endpoints().map(\.client)) }

    /// Sets the cursors of endpoints that are new, so that they learn of all that happens from now on.
    package func begin() async throws {
        for client in clients.sorted() { try await storage.beginWebhooks(client: client) }
    }

    /// Sends an event once more, whether it was taken or given up.
    ///
    /// - Throws: ``PaymentError`` `.notFound` when the client has no delivery of that event; `.wrongState` when it is on its
    ///   way already, or the client has no endpoint.
    package func replay(client: String, scopes: [MerchantScope], eventID: String) async throws -> WebhookDelivery {
        guard let first = try await storage.webhooks(filter(client, scopes, eventID)).first else {
            throw PaymentError(.notFound, "there is no delivery of an event \"\(eventID.prefix(40))\"")
        }
        guard endpoint(client) != nil else {
            throw PaymentError(.wrongState, "this client has no webhook_url, so there is nowhere to send it to")
        }
        let (replayed, all) = try await storage.replayWebhooks(
            client: client, scopes: scopes, eventID: first.eventID, now: clock.now)
        guard replayed > 0, let delivery = all.first else {
            throw PaymentError(.wrongState, "the event is on its way already; see next_attempt_at")
        }
        published.notify()
        return delivery
    }

    private func filter(_ client: String, _ scopes: [MerchantScope], _ eventID: String) -> WebhookFilter {
        var filter = WebhookFilter(client: client, scopes: scopes)
        filter.eventID = eventID
        return filter
    }
}
