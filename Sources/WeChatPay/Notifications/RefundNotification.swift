/// What a notification says of a refund (《退款结果通知》): the content of `REFUND.SUCCESS`, `REFUND.ABNORMAL` and
/// `REFUND.CLOSED`.
public struct RefundNotification: Hashable, Sendable {
    /// The merchant number; a service provider's own (`sp_mchid`) where ``subMchid`` is there.
    public let mchid: String
    /// The sub-merchant of a service provider.
    public let subMchid: String?
    /// WeChat's number of the order.
    public let transactionID: String
    /// The merchant's number of the order.
    public let outTradeNo: String
    /// WeChat's number of the refund.
    public let refundID: String
    /// The merchant's number of the refund.
    public let outRefundNo: String
    /// How it ended.
    public let status: RefundStatus
    /// When the payer had the money.
    public let successTime: Timestamp?
    /// The payer's account in words, for example `招商银行信用卡0403`.
    public let userReceivedAccount: String?
    /// The amounts.
    public let amount: Amount

    /// The amounts of a refund, in fen. A notification names no currency.
    public struct Amount: Hashable, Sendable, Decodable {
        /// What the order cost.
        public let total: Int64
        /// What is given back.
        public let refund: Int64
        /// What the payer paid for the order: less than ``total`` when a coupon was used.
        public let payerTotal: Int64?
        /// What the payer gets back: less than ``refund`` when a coupon was used.
        public let payerRefund: Int64?

        /// WeChat's names.
        enum CodingKeys: String, CodingKey {
            case total, refund
            case payerTotal = "payer_total"
            case payerRefund = "payer_refund"
        }
    }

    /// Reads WeChat's JSON, strictly.
    ///
    /// - Throws: ``WeChatPayError`` with code `malformed`.
    public init(json: [UInt8]) throws(WeChatPayError) {
        self = try decodeStrictly(RefundNotification.self, json, "the refund").get()
    }
}

extension RefundNotification: Decodable {
    private enum CodingKeys: String, CodingKey {
        case mchid, amount
        case spMchid = "sp_mchid"
        case subMchid = "sub_mchid"
        case transactionID = "transaction_id"
        case outTradeNo = "out_trade_no"
        case refundID = "refund_id"
        case outRefundNo = "out_refund_no"
        case status = "refund_status"
        case successTime = "success_time"
        case userReceivedAccount = "user_received_account"
    }

    /// Reads the resource of a notification; see ``init(json:)`` for bytes from outside.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let spMchid = try container.text(.spMchid) {
            mchid = spMchid
            subMchid = try container.requiredText(.subMchid)
        } else {
            mchid = try container.requiredText(.mchid)
            subMchid = nil
        }
        transactionID = try container.requiredText(.transactionID)
        outTradeNo = try container.requiredText(.outTradeNo)
        refundID = try container.requiredText(.refundID)
        outRefundNo = try container.requiredText(.outRefundNo)
        status = RefundStatus(rawValue: try container.requiredText(.status))
        successTime = try container.time(.successTime)
        userReceivedAccount = try container.text(.userReceivedAccount)
        amount = try container.decode(Amount.self, forKey: .amount)
    }
}
