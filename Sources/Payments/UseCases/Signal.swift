import Synchronization

/// Tells a waiting job that there is something to do before its time. Rung twice while nobody waits, it is heard once.
///
/// Not an `AsyncStream`: that one ends for ever when a waiting task is cancelled, and a job that is woken by its clock
/// cancels its wait each time.
package final class Signal: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    package func notify() {
        let waiter = state.withLock { state in
            let waiter = state.waiter.take()
            if waiter == nil { state.isRung = true }
            return waiter
        }
        waiter?.resume()
    }

    /// Waits for the next ring; for one waiting job only. Returns also when the task is cancelled.
    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isOver = state.withLock { state in
                    if state.isRung || Task.isCancelled || state.waiter != nil {
                        state.isRung = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
    }
}
