import PaymentPrimitives
import Synchronization
import WeChatPay

extension Sandbox {
    /// What `wx.login` gives the mini program: a code that lives five minutes and works once.
    ///
    /// - Throws: ``SandboxError`` with code `notFound` when the app has no such user.
    public func loginCode(appid: String, openid: String) throws -> String {
        try update { engine, moment in try engine.loginCode(appid: appid, openid: openid, at: moment) }
    }

    /// The user at the phone. A payment's notification is due at once; it is sent before this returns, unless a
    /// ``SandboxServer`` sends in the background or there is nothing to send it with.
    ///
    /// - Throws: ``SandboxError`` with code `notFound` when there is no such order or user. That a payment fails is a
    ///   report and not an error.
    @discardableResult
    public func pay(_ which: PaymentTarget, openid: String, outcome: PayOutcome = .success) async throws -> PayReport {
        let report = try update { engine, moment in
            try engine.pay(which, openid: openid, outcome: outcome, at: moment)
        }
        await deliverSoon()
        return report
    }

    /// What the platform knows about an order; `nil` when it knows none.
    public func order(mchid: String, outTradeNo: String) -> SandboxOrder? {
        shared.withLock { $0.engine.order(mchid, outTradeNo, at: $0.engine.moment(clock.now).business) }
    }

    /// The last requests, at most about a thousand, oldest first.
    ///
    /// - Parameter mchid: only those whose `Authorization` names this merchant; `nil`: all.
    public func requests(mchid: String? = nil) -> [RecordedRequest] {
        shared.withLock { $0.engine.log.requests.filter { mchid == nil || $0.mchid == mchid } }
    }

    /// Where the sandbox was kinder than WeChat might be.
    public var warnings: [SandboxWarning] { shared.withLock { $0.engine.log.warnings } }

    /// The notifications and their attempts, in the order in which they were made.
    public func deliveries(mchid: String? = nil, outTradeNo: String? = nil) -> [Delivery] {
        shared.withLock { $0.engine.deliveries(mchid: mchid, outTradeNo: outTradeNo) }
    }

    /// Moves business time forward and runs everything that falls due meanwhile, in due order. Notifications that are on
    /// their way are waited for.
    ///
    /// - Parameter seconds: 0 to 315,360,000 (ten years).
    /// - Throws: ``SandboxError`` with code `invalidArgument` or `storage`; `CancellationError`.
    public func advanceClock(by seconds: Int64) async throws {
        guard (0...315_360_000).contains(seconds) else {
            throw SandboxError(.invalidArgument, "seconds must be 0 to 315360000: business time never goes back")
        }
        var rest = seconds * 1000
        while true {
            try Task.checkCancellation()
            await idle()
            let canDeliver = shared.withLock { $0.deliver != nil }
            let isDone = try update { engine, moment in
                let due = [engine.nextScheduled, canDeliver ? engine.nextDue : nil].compactMap(\.self).min()
                let wait = due.map { max(0, $0.milliseconds - moment.business.milliseconds) }
                let step = min(wait ?? rest, rest)
                if step > 0 {
                    engine.state.clockOffset += step
                    engine.isChanged = true
                    engine.runScheduled(upTo: engine.moment(moment.wire))
                }
                rest -= step
                return (wait ?? .max) > step
            }
            guard !isDone else { return }
            await deliverDue()
        }
    }

    /// When something is due next, in business time: a notification, a refund that arrives, a day that is settled; `nil` when
    /// nothing is waiting.
    public var nextDue: Timestamp? {
        shared.withLock { [$0.engine.nextDue, $0.engine.nextScheduled].compactMap(\.self).min() }
    }
}
