import HTTPTypes
import Hummingbird
import Payments

/// Liveness on the public port, readiness on the admin port.
struct HealthController {
    let storage: any PaymentStorage
    let directory: any MerchantDirectory

    func addLiveness(to router: Router<ServerRequestContext>) {
        router.get("healthz") { _, _ in try JSONAnswer.value(["status": "alive"]) }
    }

    func addReadiness(to router: Router<ServerRequestContext>) {
        router.get("readyz") { _, _ in
            var problems: [String] = []
            do { try await storage.ping() } catch { problems.append("database: \(error)") }
            for merchant in directory.snapshot().values.sorted(by: { $0.id < $1.id }) {
                for channel in merchant.channels.values {
                    if let why = await channel.readiness() { problems.append("merchant \(merchant.id): \(why)") }
                }
            }
            struct Readiness: Encodable {
                let status: String
                let problems: [String]
            }
            return try JSONAnswer.value(
                Readiness(status: problems.isEmpty ? "ready" : "not_ready", problems: problems),
                status: problems.isEmpty ? .ok : .serviceUnavailable)
        }
    }
}
