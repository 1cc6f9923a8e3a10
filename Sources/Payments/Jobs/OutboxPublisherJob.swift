import Logging
import PaymentPrimitives

/// Gives committed events their place in the one order in which consumers read. One publisher does it after the commit,
/// since sequence numbers taken inside transactions commit out of order and a reader would skip the late ones.
package struct OutboxPublisherJob: Job {
    package let name = "outbox-publisher"
    private let storage: any PaymentStorage
    private let published: SignalBoard
    private let logger: Logger

    package init(storage: any PaymentStorage, published: SignalBoard, logger: Logger) {
        self.storage = storage
        self.published = published
        self.logger = logger
    }

    package func tick(_ now: Timestamp) async -> Timestamp {
        do {
            let count = try await storage.publishEvents(limit: 500)
            if count > 0 { published.notify() }
            return count == 500 ? now : now.advanced(by: .seconds(2))
        } catch {
            logger.error("events could not be published: \(error)")
            return now.advanced(by: .seconds(2))
        }
    }
}
