import Logging
import PaymentPrimitives

/// Asks WeChat about open payments at rising intervals, and closes the expired ones: query, close, query.
package struct PaymentQueryJob: Job {
    package let name = "payment-query"
    private let payments: PaymentService
    /// How many payments are worked on in one tick, and at the same time.
    private let batch: Int
    private let width: Int

    package init(payments: PaymentService, batch: Int = 200, width: Int = 8) {
        self.payments = payments
        self.batch = batch
        self.width = width
    }

    package func tick(_ now: Timestamp) async -> Timestamp {
        let idle = now.advanced(by: .seconds(5))
        do {
            let (due, next) = try await payments.storage.dueQueries(now: now, limit: batch)
            await withTaskGroup(of: Void.self) { group in
                for (index, payment) in due.enumerated() {
                    if index >= width { await group.next() }
                    group.addTask { await tend(payment, now) }
                }
            }
            return due.count == batch ? now : min(next ?? idle, idle)
        } catch {
            payments.logger.error("due payments could not be read: \(error)")
            return idle
        }
    }

    private func tend(_ payment: Payment, _ now: Timestamp) async {
        guard let due = payment.nextQueryAt else { return }
        do {
            // A crashed claim is taken over after a minute: the question is simply due again.
            let claimed = try await payments.storage.write(payment.merchant) {
                try $0.claimDue(merchant: payment.merchant, id: payment.id, due: due, until: now.advanced(by: .seconds(60)))
            }
            guard claimed, payments.inFlight.enter(payment.id) else { return }
            defer { payments.inFlight.leave(payment.id) }
            if now > payment.expiresAt {
                _ = try await payments.close(merchant: payment.merchant, id: payment.id)
            } else {
                let channel = try payments.directory.merchant(payment.merchant).channel(payment.channel)
                _ = try await payments.ask(payment, channel, job: true)
            }
        } catch {
            payments.logger.warning("payment could not be asked for: \(error)", metadata: ["payment": "\(payment.id)"])
        }
    }
}
