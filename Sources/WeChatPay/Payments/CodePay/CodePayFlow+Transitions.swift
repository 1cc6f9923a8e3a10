extension CodePayFlow {
    /// From the charge to the first question.
    static let firstPause = Duration.seconds(5)
    /// From one question or reversal to the next.
    static let pause = Duration.seconds(10)
    /// From the charge to the last question.
    static let patience = Duration.seconds(45)
    /// WeChat takes no charge back that is younger.
    static let earliestReversal = Duration.seconds(15)
    /// From the charge until `ORDER_NOT_EXIST` is believed. A payer's code lives for one minute; doubled, since until then a
    /// charge whose answer was lost may still arrive, or be in WeChat's books but not yet in the copy that is asked. Who takes
    /// the word sooner charges again, and the payer pays twice.
    static let lifeOfCode = Duration.seconds(120)

    /// The whole machine. No way leads back to `ready` or `charging`, so nothing is charged twice.
    static func state(after event: Event, in state: State, now: Timestamp) -> State {
        switch state {
        case .paid, .failed, .reversed:
            return state
        case .ready:
            if event == .resumed { return .charging(since: now) }
            // Somebody has charged, and this value is older than that.
            return ending(event) ?? .asking(since: now, due: now.advanced(by: firstPause))
        case .charging(let since):
            if case .refused(let code) = event { return .failed(code) }
            return ending(event) ?? .asking(since: since, due: max(now, since.advanced(by: firstPause)))
        case .asking(let since, _):
            return event == .resumed ? state : ending(event) ?? asked(since, now)
        case .reversing(let since, _):
            switch event {
            case .resumed: return state
            case .refused(let code) where code.canonical == .orderNotExist: return missing(code, since, now)
            case .refused: return .checking(since: since, due: now.advanced(by: pause))
            // Older than the reversal: what counts is what becomes of that.
            case .order(.success), .order(.refund): return .reversing(since: since, due: now.advanced(by: pause))
            default: return ending(event) ?? .reversing(since: since, due: now.advanced(by: pause))
            }
        case .checking(let since, _):
            switch event {
            case .resumed: return state
            case .refused(let code) where code.canonical == .orderNotExist: return missing(code, since, now)
            default: return ending(event) ?? .reversing(since: since, due: now.advanced(by: pause))
            }
        }
    }

    /// What an event ends, if it does.
    private static func ending(_ event: Event) -> State? {
        switch event {
        case .takenBack, .order(.revoked): .reversed
        case .order(.success), .order(.refund): .paid
        case .order(.payError): .failed(WeChatErrorCode(rawValue: TradeState.payError.rawValue))
        case .order(.closed): .failed(WeChatErrorCode(rawValue: TradeState.closed.rawValue))
        case .order, .refused, .unknown, .resumed: nil
        }
    }

    /// After WeChat said that there is no such order, to a reversal or to the question after one: the end once the payer's
    /// code is dead, since then the charge never reached WeChat and never will; before that, reversed again.
    private static func missing(_ code: WeChatErrorCode, _ since: Timestamp, _ now: Timestamp) -> State {
        guard now < since.advanced(by: lifeOfCode) else { return .failed(code) }
        return .reversing(since: since, due: now.advanced(by: pause))
    }

    /// After a question that decided nothing. That WeChat does not know the order decides nothing either, the charge may
    /// still be on its way.
    private static func asked(_ since: Timestamp, _ now: Timestamp) -> State {
        let last = since.advanced(by: patience)
        guard now < last else { return .reversing(since: since, due: max(now, since.advanced(by: earliestReversal))) }
        return .asking(since: since, due: min(now.advanced(by: pause), last))
    }
}
