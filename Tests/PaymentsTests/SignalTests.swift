import Payments
import Testing

@Suite struct SignalTests {
    @Test("A ring that nobody waited for is heard once")
    func remembered() async {
        let signal = Signal()
        signal.notify()
        signal.notify()
        await signal.wait()
        let heardAgain = await heard(signal) {}
        #expect(!heardAgain)
    }

    @Test("A wait that was cancelled does not spoil the next one")
    func cancelled() async {
        let signal = Signal()
        for _ in 0..<3 {
            let heardNothing = await heard(signal) {}
            #expect(!heardNothing)
        }
        let heardRing = await heard(signal) { signal.notify() }
        #expect(heardRing)
    }

    /// Whether a wait ends by a ring before it is cancelled.
    private func heard(_ signal: Signal, _ body: @escaping @Sendable () -> Void) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await signal.wait()
                return !Task.isCancelled
            }
            body()
            for _ in 0..<1000 { await Task.yield() }
            group.cancelAll()
            return await group.next() ?? false
        }
    }
}
