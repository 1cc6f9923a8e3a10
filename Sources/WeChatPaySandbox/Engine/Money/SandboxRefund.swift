import PaymentPrimitives

/// A refund as the platform knows it.
public struct SandboxRefund: Sendable, Codable, Equatable {
    /// The merchant's number of the refund, unique per merchant; made by the platform when nobody called the API.
    public let outRefundNo: String
    /// WeChat's number of the refund, 29 digits.
    public let refundID: String
    /// The merchant that the order belongs to: with a service provider's order, the service provider.
    public let mchid: String
    /// The merchant below a service provider whose money it is; `nil` for a direct merchant.
    public let subMchid: String?
    /// The merchant's number of the order.
    public let outTradeNo: String
    /// WeChat's number of the payment.
    public let transactionID: String
    /// Why, in the merchant's words.
    public let reason: String?
    /// Where the notification goes; `nil`: none is sent.
    public let notifyURL: String?
    /// Which of the merchant's accounts has paid: `UNSETTLED` or `AVAILABLE`.
    public let fundsAccount: FundsAccount
    /// The amount of the order, in fen.
    public let total: Int64
    /// The amount that was asked for, in fen, coupons included.
    public let refund: Int64
    /// What the user has paid for the order, in fen.
    public let payerTotal: Int64
    /// What the user gets, in fen.
    public let payerRefund: Int64
    /// What was settled of the order before the fee, in fen.
    public let settlementTotal: Int64
    /// What is taken from the merchant, in fen.
    public let settlementRefund: Int64
    /// The fee that the merchant gets back, in fen.
    public let feeRefund: Int64
    /// What goes back to the coupons, in the order of the order's coupons.
    public let coupons: [CouponRefund]
    /// When it was accepted, in business time.
    public let createdAt: Timestamp
    /// Whether it was made in the merchant console and not by an API call.
    public let isFromConsole: Bool
    /// Every status it had, in their order; the first is `PROCESSING`.
    public internal(set) var changes: [StatusChange]
    /// How an abnormal refund was sent on.
    public internal(set) var rerouting: Rerouting?
    /// Whether API v2 has asked for it, and is told of it in its own form.
    var isFromV2: Bool? = nil
    /// The accounts that the request named in `amount.from`.
    let from: [Source]
    /// The first request's fields in the order of their names: a repeated request must say the same.
    let parameters: String

    /// What it is now.
    public var status: Status { changes.last?.status ?? .processing }

    /// When the money reached the user, in business time.
    public var successTime: Timestamp? { changes.last { $0.status == .success }?.at }

    /// What has become of a refund, in WeChat's words. An open set.
    public struct Status: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
        /// WeChat's word.
        public let rawValue: String
        /// Takes the word as it stands.
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// Accepted, the money is on its way.
        public static let processing = Status(rawValue: "PROCESSING")
        /// The user has the money.
        public static let success = Status(rawValue: "SUCCESS")
        /// The money cannot reach the user, and waits for another way.
        public static let abnormal = Status(rawValue: "ABNORMAL")
        /// Given up, the money is the merchant's again.
        public static let closed = Status(rawValue: "CLOSED")
    }

    /// A status and when it began.
    public struct StatusChange: Sendable, Codable, Equatable {
        /// The status.
        public let status: Status
        /// Since when, in business time.
        public let at: Timestamp
    }

    /// Which account of the merchant's pays for a refund.
    public enum FundsAccount: String, Sendable, Codable, CaseIterable {
        /// 未结算资金.
        case unsettled = "UNSETTLED"
        /// 可用余额.
        case available = "AVAILABLE"
    }

    /// What goes back to a coupon.
    public struct CouponRefund: Sendable, Codable, Equatable {
        /// The coupon.
        public let couponID: String
        /// Who has paid for it.
        public let type: SandboxOrder.AppliedCoupon.Kind
        /// Its part of the order, in fen.
        public let amount: Int64
        /// Its part of the refund, in fen.
        public let refundAmount: Int64
    }

    /// Where an abnormal refund goes instead.
    public struct Rerouting: Sendable, Codable, Equatable {
        /// `USER_BANK_CARD` or `MERCHANT_BANK_CARD`.
        public let type: String
        /// What the refund object calls it.
        public let receivedAccount: String
    }

    struct Source: Sendable, Codable, Equatable {
        let account: String
        let amount: Int64
    }

    /// The money of a refund takes this long to reach the user.
    static let processingTime = Duration.seconds(5)

    static func key(_ mchid: String, _ outRefundNo: String) -> String { mchid + "/" + outRefundNo }

    var key: String { Self.key(mchid, outRefundNo) }
    var orderKey: String { SandboxOrder.key(mchid, outTradeNo) }
    var payee: String { subMchid ?? mchid }

    /// The status at a moment; `nil` before it was accepted.
    func status(at moment: Timestamp) -> Status? { changes.last { $0.at <= moment }?.status }

    /// What the fund flow bill says about who has asked.
    var applicant: String { isFromConsole ? "\(mchid)@\(mchid)" : "\(mchid)API" }
}

/// How a refund ends, when a test or a person decides it.
public enum RefundOutcome: String, Sendable, Codable, CaseIterable {
    /// The user gets the money.
    case success
    /// The money cannot reach the user: the card is void, the account closed.
    case abnormal
    /// The refund is given up.
    case closed
}
