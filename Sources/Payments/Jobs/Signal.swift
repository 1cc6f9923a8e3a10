import Synchronization

/// Tells a waiting job that there is something to do before its time. Rung twice while nobody waits, it is heard once.
package final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package func notify() { continuation.yield() }

    /// Waits for the next ring; for one waiting job only. Returns also when the task is cancelled.
    package func wait() async {
        for await _ in stream { return }
    }
}
