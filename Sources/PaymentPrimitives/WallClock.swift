/// Where the time comes from. Passed in everywhere, so that a test can be a year long and take no time.
public protocol WallClock: Sendable {
    /// The current moment.
    var now: Timestamp { get }

    /// Waits until ``now`` has reached `deadline`; returns at once when it has.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits.
    func sleep(until deadline: Timestamp) async throws
}
