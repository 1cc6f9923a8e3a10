import PaymentPrimitives

/// Something learnt about a payment. Every change of a payment begins with one.
package struct Observation: Sendable, Equatable {
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
        /// The channel took the order.
        case begun(BegunOrder)
        /// The channel refused the order for good; no money can move under this number.
        case refused(code: String)
        /// The channel attests the order's state.
        case trade(TradeFacts)
        /// The charge waits for the payer's password.
        case userPaying
        /// The channel closed the order at our request.
        case closed
        /// The channel is about to be told to take the charge back. From then on a success may be the money's last moment
        /// here, whatever becomes of the request.
        case reversing
        /// The channel refused to take the charge back: it stands as it stood.
        case notReversed
        /// The channel took the charge back at our request: what was paid is returned, and nothing can be paid any more.
        case reversed
        /// The channel, asked for the order, does not know the number.
        case absent
        /// The channel, told to close the order, does not know the number.
        case absentAtClose

        /// Whether it must be heard even of a payment that was booked as paid since the question was asked: more money,
        /// or money that went back. All else is older than the money.
        var isAboutMoney: Bool {
            switch self {
            case .trade(let facts): facts.isPaid
            case .reversed: true
            case .begun, .refused, .userPaying, .closed, .reversing, .notReversed, .absent, .absentAtClose: false
            }
        }
    }

    /// Who said so.
    package enum Source: String, Sendable {
        case begin, charge, notification, query, close, reverse
    }
}

/// What a channel gives when it takes an order.
package struct BegunOrder: Sendable, Equatable {
    /// The `prepay_id`, `code_url` or `h5_url`, as the method has it.
    package let prepay: String?
    package let channelOrderID: String?

    package init(prepay: String?, channelOrderID: String? = nil) {
        self.prepay = prepay
        self.channelOrderID = channelOrderID
    }
}

/// What came of charging the payer's code.
package enum Charge: Sendable, Equatable {
    /// The channel says how the order stands: paid, as a rule.
    case finished(TradeFacts)
    /// The payer is asked for a password.
    case userPaying
}

/// What a channel attests about an order. Exactly the fields that are there are checked; at least merchant, number and,
/// for a success, the amount.
package struct TradeFacts: Sendable, Equatable {
    package var state: TradeState
    package var mchid: String
    package var outTradeNo: String
    package var appid: String?
    /// The sub-merchant of a service provider's order: there exactly when it is one.
    package var subMchid: String?
    package var subAppid: String?
    package var transactionID: String?
    package var channelOrderID: String?
    package var total: Int64?
    package var currency: String?
    package var payerTotal: Int64?
    /// The part of the total that a coupon paid and that is not settled to the merchant (免充值券), in fen.
    package var merchantDiscount: Int64 = 0
    package var openID: String?
    package var successTime: Timestamp?

    /// A refunded order has been paid before.
    package var isPaid: Bool { state == .success || state == .refund }

    package init(state: TradeState, mchid: String, outTradeNo: String) {
        self.state = state
        self.mchid = mchid
        self.outTradeNo = outTradeNo
    }
}

/// The order's state in WeChat's words.
package enum TradeState: Sendable, Equatable {
    case success, refund, notPay, userPaying, closed, revoked, payError
    /// A state that this version does not know.
    case other(String)

    package init(_ text: String) {
        switch text {
        case "SUCCESS": self = .success
        case "REFUND": self = .refund
        case "NOTPAY": self = .notPay
        case "USERPAYING": self = .userPaying
        case "CLOSED": self = .closed
        case "REVOKED": self = .revoked
        case "PAYERROR": self = .payError
        default: self = .other(text)
        }
    }

    /// The state in words, for events and logs.
    package var text: String {
        switch self {
        case .success: "SUCCESS"
        case .refund: "REFUND"
        case .notPay: "NOTPAY"
        case .userPaying: "USERPAYING"
        case .closed: "CLOSED"
        case .revoked: "REVOKED"
        case .payError: "PAYERROR"
        case .other(let text): text
        }
    }
}
