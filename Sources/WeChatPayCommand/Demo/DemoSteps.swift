import PaymentPrimitives

/// Runs steps, times them and prints a line for each.
struct DemoSteps: Sendable {
    let title: String
    let console: Console
    private let clock = SystemClock()

    init(_ title: String, _ console: Console) {
        self.title = title
        self.console = console
    }

    func run<T>(_ name: String, _ label: (String, String), _ body: () async throws -> (T, String)) async throws -> T {
        let start = clock.now
        do {
            let (value, detail) = try await body()
            console.step(title, name, label, ok: true, detail: detail, milliseconds: clock.now.since(start).wholeMilliseconds)
            return value
        } catch {
            console.step(
                title, name, label, ok: false, detail: "\(error)", milliseconds: clock.now.since(start).wholeMilliseconds)
            throw error
        }
    }
}
