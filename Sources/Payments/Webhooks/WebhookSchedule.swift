import PaymentPrimitives

/// When to try a webhook again that was not taken.
package enum WebhookSchedule {
    /// Gaps between attempts: about a day together. Eleven attempts, then it is dead.
    static let gaps: [Duration] = [
        .seconds(5), .seconds(30), .seconds(120), .seconds(600), .seconds(1800), .seconds(3600), .seconds(2 * 3600),
        .seconds(4 * 3600), .seconds(6 * 3600), .seconds(10 * 3600),
    ]

    /// How long a claimed delivery is left alone; then whoever claimed it has crashed.
    static let claim: Duration = .seconds(60)

    /// The next attempt when `attempts` have failed; nil when there is none any more.
    ///
    /// Up to a tenth is added or taken away by chance, so that all that failed together does not come back together.
    package static func next(after now: Timestamp, attempts: Int64, random: any RandomSource) -> Timestamp? {
        guard attempts >= 1, attempts <= gaps.count else { return attempts < 1 ? now : nil }
        let gap = gaps[Int(attempts) - 1].wholeMilliseconds
        let chance = random.bytes(2).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        // From 0.9 to 1.1 of the gap, in whole milliseconds.
        return now.advanced(by: .milliseconds(gap * 9 / 10 + gap * chance / 65_535 / 5))
    }
}
