import PaymentPrimitives

/// A notification and every attempt to deliver it.
public struct Delivery: Sendable, Codable, Equatable {
    /// The notification's own id, the same in every attempt.
    public let id: String
    /// The merchant it is for.
    public let mchid: String
    /// The order it is about; `nil` for one made by `trigger`.
    public let outTradeNo: String?
    /// For example `TRANSACTION.SUCCESS`.
    public let eventType: String
    /// Where it goes.
    public let notifyURL: String
    /// The text that is sent, the same in every attempt: of API v3 JSON that holds the encrypted resource, of API v2 XML.
    public let body: String
    /// When it was made, in business time.
    public let createdAt: Timestamp
    /// The attempts, in their order.
    public internal(set) var attempts: [Attempt]
    /// When the next attempt is due, in business time; `nil` when there will be none.
    public internal(set) var nextDue: Timestamp?
    /// Whether an attempt was answered 200 or 204.
    public internal(set) var isDelivered: Bool
    /// Whether the body is XML of API v2; its receiver must say SUCCESS in the body of its answer.
    var isXML: Bool? = nil
    /// The place among all deliveries.
    let number: Int64

    /// One attempt.
    public struct Attempt: Sendable, Codable, Equatable {
        /// 1 for the first.
        public let number: Int
        /// When it should have been made, in business time.
        public let due: Timestamp
        /// When it was made, in business time.
        public let sentAt: Timestamp
        /// The status that the receiver answered with; `nil` when it did not answer.
        public let status: Int?
        /// Why there was no answer.
        public let error: String?
        /// Whether a person or a test asked for it, outside the schedule.
        public let isResend: Bool
    }

    /// The seconds between one attempt and the next: 24 h 4 min in all.
    static let gaps: [Int64] = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600]

    /// Books an attempt and finds out when the next one is due.
    mutating func record(_ outcome: DeliveryOutcome, due: Timestamp, sentAt: Timestamp, isResend: Bool) {
        attempts.append(
            Attempt(
                number: attempts.count + 1, due: due, sentAt: sentAt, status: outcome.status, error: outcome.error,
                isResend: isResend))
        // API v2 takes nothing but 200 for received; what the body said has been looked at before.
        if isXML == true ? outcome.status == 200 : outcome.isSuccess {
            isDelivered = true
            nextDue = nil
        } else if !isResend, !isDelivered {
            let tried = attempts.count { !$0.isResend }
            nextDue = tried <= Self.gaps.count ? sentAt.advanced(by: .seconds(Self.gaps[tried - 1])) : nil
        }
    }
}

/// How an attempt ended.
struct DeliveryOutcome: Sendable {
    let status: Int?
    let error: String?

    /// WeChat takes 200 and 204 for received, whatever the body says.
    var isSuccess: Bool { status == 200 || status == 204 }
}
