import Testing

/// One running system for all tests of a suite.
struct SharedSystem: SuiteTrait, TestScoping {
    @TaskLocal private static var current: RunningSystem?

    /// The suite's system.
    static func get(sourceLocation: SourceLocation = #_sourceLocation) throws -> RunningSystem {
        try #require(current, "the suite has no .sharedSystem", sourceLocation: sourceLocation)
    }

    let options: RunningSystem.Options

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await RunningSystem.run(options) { system in
            try await Self.$current.withValue(system) { try await function() }
        }
    }
}

extension Trait where Self == SharedSystem {
    static var sharedSystem: Self { SharedSystem(options: .init()) }
}
