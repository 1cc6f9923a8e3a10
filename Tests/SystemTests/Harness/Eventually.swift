import PaymentPrimitives
import Testing

/// Waits, with a limit, for something that another process or thread brings about.
///
/// - Returns: whether it came true.
func eventually(
    _ what: String, within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    let clock = SystemClock()
    let deadline = clock.now.advanced(by: limit)
    while clock.now < deadline {
        if try await condition() { return }
        try await clock.sleep(until: clock.now.advanced(by: .milliseconds(4)))
    }
    if try await condition() { return }
    Issue.record("never came true: \(what)", sourceLocation: sourceLocation)
}
