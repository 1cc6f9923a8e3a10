import PaymentServer
import Payments
import ServiceLifecycle

/// Runs the jobs of each merchant, or of each client: those of one that is added later from then on, those of one that is
/// removed no longer.
struct NamedJobs: Service {
    /// Who is there at this moment.
    let names: @Sendable () -> Set<String>
    /// Rings when some have come or gone.
    let changed: Signal
    /// The jobs of one of them.
    let make: @Sendable (String) -> [JobLoop]

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                var stops: [String: Signal] = [:]
                while !Task.isCancelled {
                    let present = names()
                    for name in stops.keys where !present.contains(name) {
                        stops.removeValue(forKey: name)?.notify()
                    }
                    for name in present where stops[name] == nil {
                        let stop = Signal()
                        stops[name] = stop
                        group.addTask { await work(for: name, until: stop) }
                    }
                    await changed.wait()
                }
                group.cancelAll()
            }
        }
    }

    private func work(for name: String, until stop: Signal) async {
        await withTaskGroup(of: Void.self) { group in
            for job in make(name) {
                group.addTask { try? await job.run() }
            }
            group.addTask { await stop.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
