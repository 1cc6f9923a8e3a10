import Logging
import PaymentPrimitives

/// Asks WeChat about a merchant's open payments at rising intervals, and closes the expired ones: query, close, query.
///
/// One job for each merchant: a WeChat that hangs for one must not keep the others waiting.
package struct PaymentQueryJob: Job {
    package var name: String { "payment-query \(merchant)" }
    private let payments: PaymentService
    private let merchant: String
    /// How many payments are worked on in one tick, and at the same time.
    private let batch = 200
    private let width = 8
    /// After so many questions without an answer in one tick the rest waits for the next.
    private let patience = 8

    package init(payments: PaymentService, merchant: String) {
        self.payments = payments
        self.merchant = merchant
    }

    package func tick(_ now: Timestamp) async -> Timestamp {
        let idle = now.advanced(by: .seconds(5))
        do {
            let (due, next) = try await payments.storage.dueQueries(merchant: merchant, now: now, limit: batch)
            var failures = 0
            await withTaskGroup(of: Bool.self) { group in
                for (index, payment) in due.enumerated() {
                    if index >= width, await group.next() == false { failures += 1 }
                    guard failures < patience else { break }
                    group.addTask { await tend(payment) }
                }
            }
            return due.count == batch && failures < patience ? now : min(next ?? idle, idle)
        } catch {
            payments.logger.error("due payments could not be read: \(error)", metadata: ["merchant": "\(merchant)"])
            return idle
        }
    }

    /// Whether WeChat and the database answered, or did not have to.
    private func tend(_ payment: Payment) async -> Bool {
        guard let due = payment.nextQueryAt, payments.inFlight.enter(payment.id) else { return true }
        defer { payments.inFlight.leave(payment.id) }
        let now = payments.clock.now
        // A crashed claim is taken over after a minute: the question is simply due again.
        let until = now.advanced(by: .seconds(60))
        do {
            let claimed = try await payments.storage.write(merchant) {
                try $0.claimDue(merchant: merchant, id: payment.id, due: due, until: until)
            }
            guard claimed else { return true }
            if payment.state.isOpen, now >= payment.expiresAt || payment.reversingAt != nil {
                _ = try await payments.closeNow(payment)
            } else {
                _ = try await payments.ask(payment, payments.channel(for: payment), claimed: until)
            }
            return true
        } catch is Refusal {
            // It is in the log; asking every minute would not make it better.
            return (try? await payments.postpone(payment, claimed: until)) != nil
        } catch {
            payments.logger.warning("payment could not be asked for: \(error)", metadata: ["payment": "\(payment.id)"])
            // A customer waits at the till; for all others the question is due again when the claim ends.
            if payment.method == .codePay { _ = try? await payments.postpone(payment, claimed: until) }
            return false
        }
    }
}
