import PaymentPrimitives

/// When to ask WeChat about a payment that nobody has told us about.
package enum QuerySchedule {
    /// Gaps between questions: the first within a minute, then rarer.
    static let gaps: [Duration] = [.seconds(20), .seconds(30), .seconds(60), .seconds(120), .seconds(300), .seconds(600)]

    /// A moment after the last one to pay: whoever pressed the button in time has been booked by then.
    static let grace: Duration = .seconds(15)

    /// The next question after `count` of them; never later than shortly after the expiry, when the order is closed.
    package static func next(after now: Timestamp, count: Int64, expiresAt: Timestamp) -> Timestamp {
        let gap = gaps[Int(min(max(count, 0), Int64(gaps.count - 1)))]
        let regular = now.advanced(by: gap)
        let closing = expiresAt.advanced(by: grace)
        return now < closing ? min(regular, closing) : regular
    }
}
