/// Does what a ``CodePayFlow`` says, for merchants and service providers.
struct CodePayDriver<Order: Hashable & Sendable> {
    let clock: any WallClock
    let tradeState: (Order) -> TradeState
    let charge: () async throws(WeChatPayError) -> CodePayAnswer<Order>
    let query: () async throws(WeChatPayError) -> Order
    let reverse: () async throws(WeChatPayError) -> Void

    func run(
        _ flow: inout CodePayFlow, onChange: (CodePayFlow) async throws -> Void
    ) async throws -> CodePayResult<Order> {
        var event = CodePayFlow.Event.resumed
        var order: Order?
        while true {
            let before = flow.state
            let action = flow.next(event, now: clock.now)
            // On disk before anything is done: a charge that is not stored could be made twice.
            if flow.state != before { try await onChange(flow) }
            switch action {
            case .charge:
                event = await outcome { () async throws(WeChatPayError) in
                    switch try await charge() {
                    case .finished(let answer):
                        order = answer
                        return .order(tradeState(answer))
                    case .userPaying: return .order(.userPaying)
                    }
                }
            case .query(let due):
                try await clock.sleep(until: due)
                event = await outcome { () async throws(WeChatPayError) in
                    let answer = try await query()
                    order = answer
                    return .order(tradeState(answer))
                }
            case .reverse(let due):
                try await clock.sleep(until: due)
                event = await outcome { () async throws(WeChatPayError) in
                    try await reverse()
                    return .takenBack
                }
            case .finish:
                return try await result(flow.state, order)
            }
        }
    }

    /// A refusal is WeChat's last word on an action; any other error says nothing about it.
    private func outcome(
        _ body: () async throws(WeChatPayError) -> CodePayFlow.Event
    ) async -> CodePayFlow.Event {
        do throws(WeChatPayError) {
            return try await body()
        } catch {
            guard error.advice == .stop else { return .unknown }
            let other = error.status.map { "HTTP_\($0)" } ?? error.code.description
            return .refused(error.wechatCode?.canonical ?? WeChatErrorCode(rawValue: other))
        }
    }

    private func result(_ state: CodePayFlow.State, _ order: Order?) async throws -> CodePayResult<Order> {
        switch state {
        case .failed(let code): return .failed(code)
        case .reversed: return .reversed
        default:
            if let order { return .paid(order) }
            // Stored as paid by an earlier run.
            return .paid(try await query())
        }
    }
}
