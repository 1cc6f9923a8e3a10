import PaymentPrimitives

/// Something learnt about a refund. Every change of a refund begins with one.
package struct RefundObservation: Sendable, Equatable {
    package let fact: Fact
    package let source: Source
    /// When it was learnt, in business time.
    package let at: Timestamp

    package init(_ fact: Fact, source: Source, at: Timestamp) {
        self.fact = fact
        self.source = source
        self.at = at
    }

    package enum Fact: Sendable, Equatable {
        /// The channel attests the refund's state.
        case known(RefundFacts)
        /// The channel did not take it: the merchant's account holds too little. The same number may be sent again.
        case notEnough
        /// The channel took the charge back that it is of (撤销). `settlement` is what the merchant had got, in fen.
        case reversed(settlement: Int64)
        /// The channel refused it for good; nothing goes back under this number.
        case refused(code: String)
    }

    /// Who said so.
    package enum Source: String, Sendable {
        /// The answer to the refund itself.
        case refund
        case notification, query
        /// The answer to the reverse of a charge.
        case reverse
    }
}

/// What a channel attests about a refund. Exactly the fields that are there are checked.
package struct RefundFacts: Sendable, Equatable {
    package var status: RefundStatus
    package var outRefundNo: String
    /// Only notifications say it.
    package var mchid: String?
    /// The sub-merchant, where the merchant is a service provider; notifications always say it, answers may.
    package var subMchid: String?
    package var outTradeNo: String?
    package var refundID: String?
    package var transactionID: String?
    /// What goes back, in fen.
    package var refund: Int64?
    /// What the order cost, in fen.
    package var total: Int64?
    package var currency: String?
    package var payerRefund: Int64?
    /// What the merchant gives of it, in fen; notifications do not say it.
    package var settlementRefund: Int64?
    package var userReceivedAccount: String?
    package var successTime: Timestamp?

    package init(status: RefundStatus, outRefundNo: String) {
        self.status = status
        self.outRefundNo = outRefundNo
    }
}

/// The refund's state in WeChat's words.
package enum RefundStatus: Sendable, Equatable {
    case processing, success, abnormal, closed
    /// A state that this version does not know.
    case other(String)

    package init(_ text: String) {
        switch text {
        case "PROCESSING": self = .processing
        case "SUCCESS": self = .success
        case "ABNORMAL": self = .abnormal
        case "CLOSED": self = .closed
        default: self = .other(text)
        }
    }

    /// The state in words, for events and logs.
    package var text: String {
        switch self {
        case .processing: "PROCESSING"
        case .success: "SUCCESS"
        case .abnormal: "ABNORMAL"
        case .closed: "CLOSED"
        case .other(let text): text
        }
    }
}
