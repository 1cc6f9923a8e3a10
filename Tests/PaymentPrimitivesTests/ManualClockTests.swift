import PaymentPrimitives
import Synchronization
import Testing

@Suite("ManualClock")
struct ManualClockTests {
    @Test("it stands still until it is advanced, and wakes whoever is due in the order of their deadlines")
    func order() async throws {
        let clock = ManualClock(Timestamp(seconds: 100))
        let woken = Shared<[Int64]>([])
        try await withThrowingTaskGroup { group in
            for second in [3, 1, 2] as [Int64] {
                group.addTask {
                    try await clock.sleep(until: Timestamp(seconds: 100 + second))
                    woken.change { $0.append(second) }
                }
            }
            while clock.sleeperCount < 3 { await Task.yield() }
            #expect(clock.now == Timestamp(seconds: 100))
            clock.advance(by: .milliseconds(999))
            #expect(clock.sleeperCount == 3)
            for expected in 1...3 {
                clock.advance(by: .seconds(1))
                while woken.value.count < expected { await Task.yield() }
            }
            try await group.waitForAll()
        }
        #expect(woken.value == [1, 2, 3])
        #expect(clock.now == Timestamp(milliseconds: 103_999))
    }

    @Test("a deadline that has passed does not wait")
    func past() async throws {
        let clock = ManualClock(Timestamp(seconds: 100))
        try await clock.sleep(until: Timestamp(seconds: 100))
        try await clock.sleep(until: Timestamp(seconds: 1))
        #expect(clock.sleeperCount == 0)
    }

    @Test("a cancelled sleeper wakes with an error")
    func cancelled() async {
        let clock = ManualClock()
        await withTaskGroup { group in
            group.addTask {
                await #expect(throws: CancellationError.self) {
                    try await clock.sleep(until: clock.now.advanced(by: .seconds(1)))
                }
            }
            while clock.sleeperCount < 1 { await Task.yield() }
            group.cancelAll()
        }
        #expect(clock.sleeperCount == 0)
    }

    @Test("the system clock shows the present")
    func system() async throws {
        let clock = SystemClock()
        #expect(clock.now > Timestamp(seconds: 1_700_000_000))
        try await clock.sleep(until: clock.now)
    }
}

/// A value that several tasks read and change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    func change(_ body: @Sendable (inout Value) -> Void) {
        mutex.withLock { body(&$0) }
    }
}
