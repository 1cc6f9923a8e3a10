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
        /// The channel closed the order at our request.
        case closed
        /// The channel, asked for the order, does not know the number.
        case absent
        /// The channel, told to close the order, does not know the number.
        case absentAtClose

        /// Whether the channel says that the money was paid.
        var saysPaid: Bool {
            if case .trade(let facts) = self { facts.isPaid } else { false }
        }
    }

    /// Who said so.
    package enum Source: String, Sendable {
        case begin, notification, query, close
    }
}

/// What a channel gives when it takes an order.
package struct BegunOrder: Sendable, Equatable {
    package let prepayID: String?
    package let channelOrderID: String?

    package init(prepayID: String?, channelOrderID: String? = nil) {
        self.prepayID = prepayID
        self.channelOrderID = channelOrderID
    }
}

/// What a channel attests about an order. Exactly the fields that are there are checked; at least merchant, number and,
/// for a success, the amount.
package struct TradeFacts: Sendable, Equatable {
    package var state: TradeState
    package var mchid: String
    package var outTradeNo: String
    package var appid: String?
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
