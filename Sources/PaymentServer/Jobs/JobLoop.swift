import Logging
import PaymentPrimitives
import Payments
import ServiceLifecycle

/// Runs a job when it is due, or earlier when its signal rings, until the server stops.
package struct JobLoop: Service {
    private let job: any Job
    private let clock: any WallClock
    private let signal: Signal?

    package init(_ job: any Job, clock: any WallClock, signal: Signal? = nil) {
        self.job = job
        self.clock = clock
        self.signal = signal
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let next = await job.tick(clock.now)
                await wait(until: next)
            }
        }
    }

    private func wait(until next: Timestamp) async {
        guard let signal else {
            try? await clock.sleep(until: next)
            return
        }
        let clock = clock
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(until: next) }
            group.addTask { await signal.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
