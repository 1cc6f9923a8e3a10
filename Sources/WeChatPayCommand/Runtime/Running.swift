import Foundation
import Logging
import NIOCore
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

/// A server at an address: when it cannot be started, the reason names that address.
struct Listening: Service {
    private let host: String
    private let port: Int
    private let service: any Service

    init(at host: String, _ port: Int, _ service: any Service) {
        self.host = host
        self.port = port
        self.service = service
    }

    func run() async throws {
        do {
            try await service.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw CommandFailure("\(host):\(port) is in use by another program; choose another port, or 0 for a free one")
        } catch let error as IOError where error.errnoCode == EADDRNOTAVAIL || error.errnoCode == EACCES {
            throw CommandFailure("nothing can listen at \(host):\(port): \(error)")
        }
    }
}
