import Synchronization

/// Signals by name that are rung together: a ``Signal`` is for one waiting job only, and several wait for the same news.
package final class SignalBoard: Sendable {
    private let signals = Mutex<[String: Signal]>([:])

    package init() {}

    /// The signal of a name; the same one each time.
    package func signal(_ name: String) -> Signal {
        signals.withLock { signals in
            if let known = signals[name] { return known }
            let new = Signal()
            signals[name] = new
            return new
        }
    }

    package func notify() {
        for signal in signals.withLock({ Array($0.values) }) { signal.notify() }
    }
}
