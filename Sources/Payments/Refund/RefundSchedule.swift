import PaymentPrimitives

/// When to send a refund again, or to ask for it.
package enum RefundSchedule {
    /// How long the first sender may be at it before a job takes over.
    static let sending: Duration = .seconds(30)
    /// WeChat wants a minute between two refunds of one order.
    static let pause: Duration = .seconds(60)

    static let sendingAgain: [Duration] = [.seconds(5), .seconds(15), .seconds(30), .seconds(60), .seconds(300), .seconds(600)]
    /// The account fills up with the next sales, or when somebody tops it up.
    static let waiting: [Duration] = [.seconds(60), .seconds(300), .seconds(600), .seconds(1800), .seconds(3600)]
    /// A wallet has it in seconds, a bank card within three days.
    static let processing: [Duration] = [
        .seconds(10), .seconds(30), .seconds(60), .seconds(300), .seconds(600), .seconds(1800), .seconds(3600),
    ]
    static let abnormal: [Duration] = [.seconds(3600), .seconds(4 * 3600)]

    /// The next moment for a refund in its present state; nil when there is nothing to do any more.
    package static func next(for refund: Refund, after now: Timestamp) -> Timestamp? {
        let gaps: [Duration]
        var tries = refund.tryCount
        switch refund.state {
        case .created:
            gaps = sendingAgain
            // The first try was not after a pause.
            tries -= 1
        case .waitingForFunds: gaps = waiting
        case .processing: gaps = processing
        case .abnormal: gaps = abnormal
        case .closed, .succeeded: return nil
        }
        return now.advanced(by: gaps[Int(min(max(tries, 0), Int64(gaps.count - 1)))])
    }
}
