import PaymentPrimitives

/// The port to durable storage of what is on its way to clients.
package protocol WebhookStorage: Sendable {
    /// Sets a new client's cursor to the outbox's head: it is told of what happens from now on. One that has a cursor
    /// keeps it.
    func beginWebhooks(client: String) async throws
    /// Puts down a delivery for each published event behind the client's cursor and moves the cursor, in one transaction.
    ///
    /// - Returns: whether there may be more.
    func fanOutWebhooks(client: String, scopes: [MerchantScope], now: Timestamp, limit: Int) async throws -> Bool
    /// A client's deliveries that are due, and when the first of the others will be. What the client may no longer see is
    /// left out.
    func dueWebhooks(
        client: String, scopes: [MerchantScope], now: Timestamp, limit: Int
    ) async throws -> (due: [DueWebhook], next: Timestamp?)
    /// True for the one job that may send a due delivery: its next attempt was still where `delivery` says.
    func claimWebhook(_ delivery: WebhookDelivery, until: Timestamp) async throws -> Bool
    /// Writes down what came of a delivery that was claimed until `claimed`. A failure counts only while the claim holds;
    /// that it was taken is true in any case.
    func saveWebhook(_ delivery: WebhookDelivery, claimed: Timestamp) async throws
    func webhooks(_ filter: WebhookFilter) async throws -> [WebhookDelivery]
    /// Makes deliveries of an event pending again that are dead or delivered; those that are pending stay as they are.
    ///
    /// - Returns: all deliveries of that event that the client may see.
    func replayWebhooks(
        client: String, scopes: [MerchantScope], eventID: String, now: Timestamp
    ) async throws -> (replayed: Int, all: [WebhookDelivery])
}

/// A due delivery with what is to be sent.
package struct DueWebhook: Sendable {
    package let delivery: WebhookDelivery
    package let message: WebhookMessage

    package init(delivery: WebhookDelivery, message: WebhookMessage) {
        self.delivery = delivery
        self.message = message
    }
}

/// Which deliveries to list; newest event first.
package struct WebhookFilter: Sendable {
    package let client: String
    package let scopes: [MerchantScope]
    package var state: WebhookDelivery.State?
    package var eventID: String?
    /// Only deliveries of events before this position.
    package var before: Int64?
    package var limit: Int = 50

    package init(client: String, scopes: [MerchantScope]) {
        self.client = client
        self.scopes = scopes
    }
}
