import Logging
import PaymentPrimitives
import Payments
import SQLDatabase

/// Closes orders that can no longer be paid: WeChat refused their payment, or the server died before there was one.
/// An order whose payment expires is closed with it, by ``FulfilmentJob``.
package struct UnpaidOrderJob: Job {
    package let name = "shop-unpaid-orders"
    private let store: OrderStore
    private let storage: any PaymentStorage
    private let orderTTL: Duration
    private let logger: Logger

    package init(
        database: any Database, storage: any PaymentStorage, merchant: String, orderTTL: Duration, logger: Logger
    ) {
        store = OrderStore(database: database, merchant: merchant)
        self.storage = storage
        self.orderTTL = orderTTL
        self.logger = logger
    }

    package func tick(_ now: Timestamp) async -> Timestamp {
        do {
            let old = now.advanced(by: .zero - orderTTL - .seconds(300))
            for id in try await store.unpaid(before: old, limit: 100) {
                var filter = PaymentFilter(merchants: [store.merchant])
                filter.reference = id
                let isOver = try await storage.payments(filter).allSatisfy {
                    $0.state == .closed || $0.state == .failed || $0.isRefunded
                }
                if isOver { try await store.close(id: id) }
            }
        } catch {
            logger.error("unpaid orders could not be closed: \(error)")
        }
        return now.advanced(by: .seconds(60))
    }
}
