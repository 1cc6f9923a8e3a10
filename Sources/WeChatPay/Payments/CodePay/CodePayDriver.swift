/// Does what a ``CodePayFlow`` says, for merchants and service providers.
package struct CodePayDriver<Order: Hashable & Sendable> {
    let clock: any WallClock
    let tradeState: (Order) -> TradeState
    let charge: () async throws(WeChatPayError) -> CodePayAnswer<Order>
    let query: () async throws(WeChatPayError) -> Order
    let reverse: () async throws(WeChatPayError) -> Void

    /// A driver out of what the API at hand can do.
    package init(
        clock: any WallClock, tradeState: @escaping (Order) -> TradeState,
        charge: @escaping () async throws(WeChatPayError) -> CodePayAnswer<Order>,
        query: @escaping () async throws(WeChatPayError) -> Order,
        reverse: @escaping () async throws(WeChatPayError) -> Void
    ) {
        self.clock = clock
        self.tradeState = tradeState
        self.charge = charge
        self.query = query
        self.reverse = reverse
    }

    package func run(
        _ flow: inout CodePayFlow, onChange: (CodePayFlow) async throws -> Void
    ) async throws -> CodePayResult<Order> {
        var event = CodePayFlow.Event.resumed
        var order: Order?
        var isSuspect = false
        while true {
            let before = flow.state
            let action = flow.next(event, now: clock.now)
            // On disk before anything is done: a charge that is not stored could be made twice.
            if flow.state != before { try await onChange(flow) }
            let step: Step
            switch action {
            case .charge:
                step = await outcome { () async throws(WeChatPayError) in
                    switch try await charge() {
                    case .finished(let answer):
                        order = answer
                        return .order(tradeState(answer))
                    case .userPaying: return .order(.userPaying)
                    }
                }
            case .query(let due):
                try await clock.sleep(until: due)
                step = await outcome { () async throws(WeChatPayError) in
                    let answer = try await query()
                    order = answer
                    return .order(tradeState(answer))
                }
            case .reverse(let due):
                try await clock.sleep(until: due)
                step = await outcome { () async throws(WeChatPayError) in
                    try await reverse()
                    return .takenBack
                }
            case .finish:
                return try await result(flow.state, order)
            }
            // One may be a gateway's. After two in a row the key is most likely wrong, and going on would never end.
            if isSuspect, let error = step.signError { throw error }
            isSuspect = step.signError != nil
            event = step.event
        }
    }

    /// What became of an action.
    private struct Step {
        let event: CodePayFlow.Event
        /// A refusal of our signature, which WeChat never signs.
        var signError: WeChatPayError?
    }

    /// A refusal that WeChat signed is its last word on an action, and what was never sent has no effect. Any other error
    /// says nothing about it: an unsigned `SIGN_ERROR` has the advice to stop, but a gateway may have made it up after the
    /// charge went through.
    private func outcome(
        _ body: () async throws(WeChatPayError) -> CodePayFlow.Event
    ) async -> Step {
        do throws(WeChatPayError) {
            return Step(event: try await body())
        } catch {
            if !error.isVerified, error.wechatCode?.canonical == .signError { return Step(event: .unknown, signError: error) }
            let isUnsent = error.status == nil && (error.code == .invalidArgument || error.code == .invalidKey)
            guard error.advice == .stop, error.isVerified || isUnsent else { return Step(event: .unknown) }
            let other = error.status.map { "HTTP_\($0)" } ?? error.code.description
            return Step(event: .refused(error.wechatCode?.canonical ?? WeChatErrorCode(rawValue: other)))
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
