import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs services until SIGTERM or SIGINT, then lets each finish what it acknowledged.
func runUntilSignalled(_ services: [any Service], logger: Logger) async throws {
    let group = ServiceGroup(
        configuration: .init(
            services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
}

/// A piece of work that ends by itself, and with it the group it runs in.
struct OneShot: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws { try await body() }
}

/// Says that a server could not be started, with the usual reason first.
func explainStart(_ error: any Error, host: String, port: Int) -> any Error {
    let text = "\(error)"
    guard text.contains("EADDRINUSE") || text.contains("in use") || text.contains("errno: 98") else { return error }
    return CommandFailure("\(host):\(port) is in use by another program; choose another port, or 0 for a free one")
}
