import PaymentPrimitives
import Payments
import Synchronization
import Testing

@testable import PaymentServer

@Suite("Jobs")
struct JobLoopTests {
    /// Counts how often it is called.
    private final class Counter: Job {
        let name = "counter"
        let ticks = Mutex(0)

        func tick(_ now: Timestamp) async -> Timestamp {
            ticks.withLock { $0 += 1 }
            return now.advanced(by: .seconds(10))
        }

        var count: Int { ticks.withLock { $0 } }
    }

    @Test("A job with a signal rests until its time, also after its time has come before")
    func rests() async throws {
        let clock = ManualClock()
        let (job, signal) = (Counter(), Signal())
        let loop = JobLoop(job, clock: clock, signal: signal)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await loop.run() }
            for round in 1...5 {
                try await eventually("tick \(round)") { job.count == round && clock.sleeperCount == 1 }
                clock.advance(by: .seconds(10))
            }
            try await eventually("the sixth tick") { job.count == 6 && clock.sleeperCount == 1 }
            signal.notify()
            try await eventually("rung") { job.count == 7 && clock.sleeperCount == 1 }
            group.cancelAll()
        }
        #expect(job.count == 7)
    }

    @Test("A signal that rings while nobody waits is heard once, and cancelling does not use it up")
    func rings() async throws {
        let signal = Signal()
        signal.notify()
        signal.notify()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await signal.wait() }
            group.cancelAll()
        }
        signal.notify()
        await signal.wait()
        let heard = try await RawConnection.within(.milliseconds(50)) {
            await signal.wait()
            return true
        }
        #expect(heard == nil, "it was heard already")
    }
}
