import Synchronization

/// What is being asked for right now, so that one payment is asked for once at a time.
package final class InFlight: Sendable {
    private let names = Mutex<Set<String>>([])

    /// False when somebody is at it.
    package func enter(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }
    package func leave(_ name: String) { names.withLock { _ = $0.remove(name) } }
}
