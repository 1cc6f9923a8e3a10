import PaymentPrimitives

/// When to ask WeChat about a payment that nobody has told us about.
package enum QuerySchedule {
    /// Gaps between questions: the first within a minute, then rarer.
    static let gaps: [Duration] = [.seconds(20), .seconds(30), .seconds(60), .seconds(120), .seconds(300), .seconds(600)]

    /// A moment after the last one to pay: whoever pressed the button in time has been booked by then.
    static let grace: Duration = .seconds(15)

    /// After a charge: the first question after five seconds, then every ten.
    static let chargeStart: Duration = .seconds(5)
    static let chargeGap: Duration = .seconds(10)
    /// So often; then WeChat is away, and it is asked as rarely as for other payments.
    static let chargeCount: Int64 = 60

    /// The payment's next question, when `count` of them were asked before.
    static func next(for payment: Payment, after now: Timestamp) -> Timestamp {
        guard payment.method == .codePay else {
            return next(after: now, count: payment.queryCount, expiresAt: payment.expiresAt)
        }
        let gap =
            payment.queryCount == 0 ? chargeStart : payment.queryCount < chargeCount ? chargeGap : gaps[gaps.count - 1]
        let regular = now.advanced(by: gap)
        // The customer stands at the till: the charge is taken back without grace.
        return now < payment.expiresAt ? min(regular, payment.expiresAt) : regular
    }

    /// The next question after `count` of them; never later than shortly after the expiry, when the order is closed.
    package static func next(after now: Timestamp, count: Int64, expiresAt: Timestamp) -> Timestamp {
        let gap = gaps[Int(min(max(count, 0), Int64(gaps.count - 1)))]
        let regular = now.advanced(by: gap)
        let closing = expiresAt.advanced(by: grace)
        return now < closing ? min(regular, closing) : regular
    }
}
