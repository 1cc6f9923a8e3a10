/// How often a request is sent whose outcome is unknown.
package struct Attempts: Sendable {
    let most: Int
    let clock: any WallClock

    /// - Parameter most: at least one is made.
    package init(most: Int, clock: any WallClock) {
        self.most = max(1, most)
        self.clock = clock
    }

    /// Does a piece of work as often as it may be done; it is told the number of the attempt, from 1.
    package func run<Value>(_ work: (Int) async throws(WeChatPayError) -> Value) async throws(WeChatPayError) -> Value {
        var attempt = 1
        while true {
            do throws(WeChatPayError) {
                return try await work(attempt)
            } catch {
                guard attempt < most, Self.isWorthRepeating(error), !Task.isCancelled else { throw error }
                let next = clock.now.advanced(by: Self.pause(after: attempt, error))
                guard (try? await clock.sleep(until: next)) != nil else { throw error }
                attempt += 1
            }
        }
    }

    private static func isWorthRepeating(_ error: WeChatPayError) -> Bool {
        switch error.code {
        case .transport, .timeout: true
        // API v2 says in an answer of status 200 that it failed itself.
        case .refused where error.wechatCode?.canonical == .systemError: true
        default:
            error.status.map { $0 == 429 || $0 >= 500 } == true && (error.code != .refused || error.advice == .sendAgain)
        }
    }

    private static func pause(after attempt: Int, _ error: WeChatPayError) -> Duration {
        (error.status == 429 ? .milliseconds(1000) : .milliseconds(200)) * attempt
    }
}

extension BaseURL {
    /// Every second attempt goes to the backup host, when this is WeChat's own.
    package func host(ofAttempt attempt: Int) -> BaseURL {
        attempt.isMultiple(of: 2) && self == .wechatPay ? .wechatPayBackup : self
    }
}
