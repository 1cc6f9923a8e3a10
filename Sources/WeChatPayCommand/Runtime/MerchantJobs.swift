import PaymentPrimitives
import PaymentServer
import Payments
import ServiceLifecycle

/// Runs the jobs of each merchant: those of one that is added later from then on, those of one that is removed no longer.
struct MerchantJobs: Service {
    let directory: any MerchantDirectory
    /// Rings when merchants have come or gone.
    let changed: Signal
    let clock: any WallClock
    /// The jobs of a merchant, by its id.
    let make: @Sendable (String) -> [any Job]

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                var stops: [String: Signal] = [:]
                while !Task.isCancelled {
                    let merchants = directory.snapshot()
                    for merchant in stops.keys where merchants[merchant] == nil {
                        stops.removeValue(forKey: merchant)?.notify()
                    }
                    for merchant in merchants.keys where stops[merchant] == nil {
                        let stop = Signal()
                        stops[merchant] = stop
                        group.addTask { await work(for: merchant, until: stop) }
                    }
                    await changed.wait()
                }
                group.cancelAll()
            }
        }
    }

    private func work(for merchant: String, until stop: Signal) async {
        await withTaskGroup(of: Void.self) { group in
            for job in make(merchant) {
                group.addTask { try? await JobLoop(job, clock: clock).run() }
            }
            group.addTask { await stop.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
