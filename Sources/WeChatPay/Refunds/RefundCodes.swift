/// The state of a refund (`status`, `refund_status`). An open set: unknown states survive.
public struct RefundStatus: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Accepted; the money is on its way.
    public static let processing = RefundStatus(rawValue: "PROCESSING")
    /// The payer has the money.
    public static let success = RefundStatus(rawValue: "SUCCESS")
    /// The money could not be paid out, since the payer's card is void or frozen; the merchant has to act, see
    /// ``Refunds/applyAbnormal(_:)``.
    public static let abnormal = RefundStatus(rawValue: "ABNORMAL")
    /// Closed; the money stays with the merchant. Another refund needs a new number.
    public static let closed = RefundStatus(rawValue: "CLOSED")

    public var description: String { rawValue }
}

/// Where a refund goes (`channel`). An open set: unknown channels survive.
public struct RefundChannel: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// To where the money came from.
    public static let original = RefundChannel(rawValue: "ORIGINAL")
    /// To the payer's balance.
    public static let balance = RefundChannel(rawValue: "BALANCE")
    /// To another balance, since the payer's account is void.
    public static let otherBalance = RefundChannel(rawValue: "OTHER_BALANCE")
    /// To another bank card, since the payer's is void.
    public static let otherBankCard = RefundChannel(rawValue: "OTHER_BANKCARD")

    public var description: String { rawValue }
}

/// Where the money of a refund comes from (`funds_account`, `account`). An open set: unknown accounts survive.
public struct FundsAccount: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// WeChat's word.
    public let rawValue: String

    /// Takes the word as it stands.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// What is not settled to the merchant yet.
    public static let unsettled = FundsAccount(rawValue: "UNSETTLED")
    /// The merchant's available balance.
    public static let available = FundsAccount(rawValue: "AVAILABLE")
    /// The merchant's balance that is not available, frozen for one.
    public static let unavailable = FundsAccount(rawValue: "UNAVAILABLE")
    /// The operation account.
    public static let operation = FundsAccount(rawValue: "OPERATION")
    /// The basic account, its available part.
    public static let basic = FundsAccount(rawValue: "BASIC")

    public var description: String { rawValue }
}
