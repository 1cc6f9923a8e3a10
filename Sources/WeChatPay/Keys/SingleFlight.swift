import Synchronization

/// Lets one caller at a time do a piece of work, while the others that come meanwhile wait for its result.
///
/// The work runs in the task of the caller that came first. When that task is cancelled, its work fails for it alone:
/// one of those who wait takes over.
final class SingleFlight: Sendable {
    private enum Verdict {
        case finished(Result<Void, WeChatPayError>)
        case tryAgain
        case cancelled
    }

    private struct State {
        var isFlying = false
        var nextID: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Verdict, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Whether somebody is at work.
    var isFlying: Bool { state.withLock { $0.isFlying } }

    /// How many wait for somebody else's work.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// Does `work`, or waits for the one who is doing it and shares the result.
    func run(_ work: () async throws(WeChatPayError) -> Void) async throws(WeChatPayError) {
        while true {
            let isLeader = state.withLock { state in
                defer { state.isFlying = true }
                return !state.isFlying
            }
            if isLeader { return try await lead(work) }
            switch await wait() {
            case .finished(let result): return try result.get()
            case .tryAgain: continue
            case .cancelled: throw WeChatPayError(.transport, "cancelled while waiting for WeChat's keys")
            }
        }
    }

    private func lead(_ work: () async throws(WeChatPayError) -> Void) async throws(WeChatPayError) {
        let result: Result<Void, WeChatPayError>
        do throws(WeChatPayError) {
            try await work()
            result = .success(())
        } catch {
            result = .failure(error)
        }
        var verdict = Verdict.finished(result)
        if case .failure = result, Task.isCancelled { verdict = .tryAgain }
        let waiters = state.withLock { state in
            state.isFlying = false
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: verdict) }
        try result.get()
    }

    private func wait() async -> Verdict {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Verdict, Never>) in
                let verdict: Verdict? = state.withLock { state in
                    // The flag is up before the handler runs: a cancellation before this moment is seen here, a later
                    // one finds the waiter.
                    if Task.isCancelled { return .cancelled }
                    if !state.isFlying { return .tryAgain }
                    state.waiters[id] = continuation
                    return nil
                }
                if let verdict { continuation.resume(returning: verdict) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: .cancelled)
        }
    }
}
