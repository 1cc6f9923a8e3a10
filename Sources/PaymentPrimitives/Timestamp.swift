/// A moment: milliseconds since 1970-01-01T00:00:00Z, in 64 bits.
///
/// The only representation of time in public signatures and in tables. Texts are written and read at the edges, see
/// ``rfc3339`` and ``BeijingDate``.
public struct Timestamp: Hashable, Comparable, Sendable, Codable {
    /// Milliseconds since the epoch, UTC.
    public let milliseconds: Int64

    /// A moment `milliseconds` after the epoch.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// A moment `seconds` after the epoch, as WeChat writes it in `Wechatpay-Timestamp` and `timeStamp`.
    /// Saturates where milliseconds would not fit.
    public init(seconds: Int64) {
        let (value, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        self.init(milliseconds: overflow ? (seconds < 0 ? .min : .max) : value)
    }

    /// Whole seconds since the epoch, rounded down.
    public var seconds: Int64 {
        milliseconds.floorDivided(by: 1000)
    }

    /// The moment `duration` later (earlier when negative). Saturates at the ends of time.
    public func advanced(by duration: Duration) -> Timestamp {
        let (value, overflow) = milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
        return Timestamp(milliseconds: overflow ? (duration < .zero ? .min : .max) : value)
    }

    /// The time from `earlier` to this moment. Saturates at the ends of time.
    public func since(_ earlier: Timestamp) -> Duration {
        let (value, overflow) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return .milliseconds(overflow ? (self < earlier ? .min : .max) : value)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// Encoded as a bare number of milliseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// Decoded from a bare number of milliseconds.
    public init(from decoder: any Decoder) throws {
        self.init(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero; saturates where they do not fit.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, tooLarge) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, overflow) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return tooLarge || overflow ? (self < .zero ? .min : .max) : sum
    }
}
