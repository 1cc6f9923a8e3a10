import Logging
import PaymentPrimitives

/// Sends a merchant's refunds that WeChat has not taken, and asks for those that it has, at rising intervals.
///
/// One job for each merchant: a WeChat that hangs for one must not keep the others waiting.
package struct RefundJob: Job {
    package var name: String { "refunds \(merchant)" }
    private let refunds: RefundService
    private let merchant: String
    /// How many refunds are worked on in one tick, and at the same time.
    private let batch = 100
    private let width = 4
    /// After so many questions without an answer in one tick the rest waits for the next.
    private let patience = 4

    package init(refunds: RefundService, merchant: String) {
        self.refunds = refunds
        self.merchant = merchant
    }

    package func tick(_ now: Timestamp) async -> Timestamp {
        let idle = now.advanced(by: .seconds(5))
        do {
            let (due, next) = try await refunds.storage.dueRefunds(merchant: merchant, now: now, limit: batch)
            var failures = 0
            await withTaskGroup(of: Bool.self) { group in
                for (index, refund) in due.enumerated() {
                    if index >= width, await group.next() == false { failures += 1 }
                    guard failures < patience else { break }
                    group.addTask { await tend(refund) }
                }
            }
            return due.count == batch && failures < patience ? now : min(next ?? idle, idle)
        } catch {
            refunds.logger.error("due refunds could not be read: \(error)", metadata: ["merchant": "\(merchant)"])
            return idle
        }
    }

    /// Whether WeChat and the database answered, or did not have to.
    private func tend(_ refund: Refund) async -> Bool {
        guard let due = refund.nextActionAt, refunds.inFlight.enter(refund.id) else { return true }
        defer { refunds.inFlight.leave(refund.id) }
        var claimed = refund
        // A crashed claim is taken over after a minute: the action is simply due again.
        claimed.nextActionAt = refunds.clock.now.advanced(by: .seconds(60))
        do {
            let until = claimed.nextActionAt ?? due
            let isMine = try await refunds.storage.write(merchant) {
                try $0.claimDueRefund(merchant: merchant, id: refund.id, due: due, until: until)
            }
            guard isMine else { return true }
            return try await refunds.advance(claimed).isAnswered
        } catch is Refusal {
            // It is in the log; asking every minute would not make it better.
            return (try? await refunds.postpone(claimed)) != nil
        } catch {
            refunds.logger.warning("refund could not be tended: \(error)", metadata: ["refund": "\(refund.id)"])
            return false
        }
    }
}
