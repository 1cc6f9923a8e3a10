import Foundation

/// Runs blocking work on a thread of its own: the sandbox in this process needs those of the tasks.
///
/// Processes that it starts hear every signal. Threads of tasks block most of them, children inherit that, and
/// `openssl speed` then waits for its alarm for ever.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread {
            var none = sigset_t()
            sigemptyset(&none)
            pthread_sigmask(SIG_SETMASK, &none, nil)
            continuation.resume(with: Result { try work() })
        }
    }
}
