import Logging
import PaymentPrimitives

/// Tells one client of what has happened: puts down a delivery for each published event, and sends what is due.
///
/// One job for each client: a receiver that hangs must not keep the others waiting. Any number of servers may run it.
package struct WebhookJob: Job {
    package var name: String { "webhooks \(client)" }
    private let client: String
    private let webhooks: WebhookService
    /// How many deliveries are sent in one tick, and at the same time.
    private let batch = 100
    private let width = 4
    /// After so many failures in one tick the rest waits for the next.
    private let patience = 4

    package init(client: String, webhooks: WebhookService) {
        self.client = client
        self.webhooks = webhooks
    }

    package func tick(_ now: Timestamp) async -> Timestamp {
        let idle = now.advanced(by: .seconds(5))
        // As configured at this moment: what is due goes to the new address, with the new keys.
        guard let endpoint = webhooks.endpoint(client) else { return idle }
        do {
            try await webhooks.storage.beginWebhooks(client: client)
            let hasMore = try await webhooks.storage.fanOutWebhooks(
                client: client, scopes: endpoint.scopes, now: now, limit: 500)
            let (due, next) = try await webhooks.storage.dueWebhooks(
                client: client, scopes: endpoint.scopes, now: now, limit: batch)
            var failures = 0
            await withTaskGroup(of: Bool.self) { group in
                for (index, webhook) in due.enumerated() {
                    if index >= width, await group.next() == false { failures += 1 }
                    guard failures < patience, !Task.isCancelled else { break }
                    group.addTask { await send(webhook, to: endpoint) }
                }
                for await isSent in group where !isSent { failures += 1 }
            }
            if failures < patience, hasMore || due.count == batch { return now }
            // What failed just now may be due before all others.
            return failures > 0 ? now.advanced(by: .seconds(1)) : min(next ?? idle, idle)
        } catch {
            webhooks.logger.error("webhooks could not be read: \(error)", metadata: ["client": "\(client)"])
            return idle
        }
    }

    /// Whether the receiver and the database took it, or did not have to.
    private func send(_ webhook: DueWebhook, to endpoint: WebhookEndpoint) async -> Bool {
        let claimed = webhooks.clock.now.advanced(by: WebhookSchedule.claim)
        do {
            guard try await webhooks.storage.claimWebhook(webhook.delivery, until: claimed) else { return true }
            let count = webhook.delivery.attempts + 1
            let attempt = await webhooks.sender.send(webhook.message, to: endpoint, attempt: count)
            let now = webhooks.clock.now
            guard attempt.isDelivered || !Task.isCancelled else {
                // The server stops, which is not the receiver's fault: it is due as it was.
                try await webhooks.storage.saveWebhook(webhook.delivery, claimed: claimed)
                return true
            }
            let next = WebhookSchedule.next(after: now, attempts: count, random: webhooks.random)
            let delivery = webhook.delivery.after(attempt, at: now, next: next)
            try await webhooks.storage.saveWebhook(delivery, claimed: claimed)
            if delivery.state == .dead {
                webhooks.logger.error(
                    "a webhook was tried for a day in vain; replay it when the receiver is well",
                    metadata: ["client": "\(client)", "event": "\(delivery.eventID)", "type": "\(delivery.kind)"])
            }
            return attempt.isDelivered
        } catch {
            // Nothing is lost: it is due again when the claim ends.
            webhooks.logger.warning(
                "a webhook's result could not be kept: \(error)",
                metadata: ["client": "\(client)", "event": "\(webhook.delivery.eventID)"])
            return false
        }
    }
}
