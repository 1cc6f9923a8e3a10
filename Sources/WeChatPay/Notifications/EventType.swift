/// What a notification is about (`event_type`). An open set: unknown events survive.
public struct EventType: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// An order was paid.
    public static let transactionSuccess = EventType(rawValue: "TRANSACTION.SUCCESS")
    /// A refund has arrived.
    public static let refundSuccess = EventType(rawValue: "REFUND.SUCCESS")
    /// A refund could not be paid out; the merchant has to act.
    public static let refundAbnormal = EventType(rawValue: "REFUND.ABNORMAL")
    /// A refund was closed; the money stays with the merchant.
    public static let refundClosed = EventType(rawValue: "REFUND.CLOSED")
    /// A transfer to a user has come to its end.
    public static let transferBillFinished = EventType(rawValue: "MCHTRANSFER.BILL.FINISHED")
    /// A user has complained.
    public static let complaintCreate = EventType(rawValue: "COMPLAINT.CREATE")
    /// A complaint has changed.
    public static let complaintStateChange = EventType(rawValue: "COMPLAINT.STATE_CHANGE")

    /// Whether it is about a refund.
    public var isRefund: Bool { rawValue.hasPrefix("REFUND.") }

    /// How a refund ended, as the event says it.
    var refundStatus: RefundStatus? {
        switch self {
        case .refundSuccess: .success
        case .refundAbnormal: .abnormal
        case .refundClosed: .closed
        default: nil
        }
    }

    public var description: String { rawValue }
}
