/// Charging a payer's code from beginning to end, as a value: charge once; while it is not decided ask after 5 seconds and
/// then about every 10; after 45 seconds take the charge back, until WeChat says that it is (《付款码支付最佳实践》). That
/// there is no such order is believed from 120 seconds after the charge, when the payer's code is surely dead.
///
/// Pure: it is told what happened and what time it is, and says what to do. Store it before doing what it says. A value
/// that was stored in the middle of a charge asks WeChat when it is resumed; it never charges again. It does not hold the
/// payer's code.
public struct CodePayFlow: Hashable, Sendable, Codable {
    /// The app id of the order; a service provider's own.
    public let appid: String
    /// The merchant's order number.
    public let outTradeNo: String
    /// The sub-merchant of a service provider.
    public let subMchid: String?
    /// The sub-merchant's app id.
    public let subAppid: String?
    /// How far it is.
    public private(set) var state: State

    /// A charge that has not begun.
    public init(_ request: CodePayRequest) {
        appid = request.appid
        outTradeNo = request.order.outTradeNo
        subMchid = nil
        subAppid = nil
        state = .ready
    }

    /// A charge of another API that has not begun.
    package init(appid: String, outTradeNo: String, subMchid: String?, subAppid: String?) {
        self.appid = appid
        self.outTradeNo = outTradeNo
        self.subMchid = subMchid
        self.subAppid = subAppid
        state = .ready
    }

    /// A charge for a sub-merchant that has not begun.
    public init(_ request: PartnerCodePayRequest) {
        appid = request.spAppid
        outTradeNo = request.order.outTradeNo
        subMchid = request.subMchid
        subAppid = request.subAppid
        state = .ready
    }

    /// How far a charge is.
    public enum State: Hashable, Sendable, Codable {
        /// Nothing was sent.
        case ready
        /// The charge is on its way, or was when the value was stored.
        case charging(since: Timestamp)
        /// Nobody knows yet whether it is paid; the next question is due.
        case asking(since: Timestamp, due: Timestamp)
        /// It is being taken back; the next reversal is due.
        case reversing(since: Timestamp, due: Timestamp)
        /// The reversal was refused: the next question, why, is due.
        case checking(since: Timestamp, due: Timestamp)
        /// Paid.
        case paid
        /// Not paid, and never will be: WeChat's error code, or the trade state `PAYERROR` or `CLOSED`.
        case failed(WeChatErrorCode)
        /// Taken back.
        case reversed
    }

    /// What happened.
    public enum Event: Hashable, Sendable {
        /// The flow begins, or begins again after a restart.
        case resumed
        /// WeChat says how it stands with the order: at once, or when it was asked.
        case order(TradeState)
        /// WeChat has refused the last action, in an answer that it signed.
        case refused(WeChatErrorCode)
        /// Nobody knows what became of the last action.
        case unknown
        /// WeChat says that the charge is taken back.
        case takenBack
    }

    /// What to do next.
    public enum Action: Hashable, Sendable {
        /// Charge the payer's code, now and once.
        case charge
        /// Query the order at that moment.
        case query(at: Timestamp)
        /// Reverse the order at that moment.
        case reverse(at: Timestamp)
        /// Nothing: ``CodePayFlow/state`` says how it ended.
        case finish
    }

    /// Goes on after an event.
    ///
    /// - Parameters:
    ///   - event: what became of the last action.
    ///   - now: the time.
    /// - Returns: what to do next, after the value is stored.
    public mutating func next(_ event: Event, now: Timestamp) -> Action {
        state = Self.state(after: event, in: state, now: now)
        switch state {
        case .ready, .charging: return .charge
        case .asking(_, let due), .checking(_, let due): return .query(at: due)
        case .reversing(_, let due): return .reverse(at: due)
        case .paid, .failed, .reversed: return .finish
        }
    }
}
