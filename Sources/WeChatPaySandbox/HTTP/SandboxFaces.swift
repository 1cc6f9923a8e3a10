import NIOCore
import ServiceLifecycle
import Synchronization

/// The listeners of one server, and at which ports they listen once they do.
final class SandboxFaces: Sendable {
    enum Face: Hashable, Sendable {
        case plain, secure, proxy
        /// What the proxy leads to.
        case behindProxy, secureBehindProxy

        var isSecure: Bool { self == .secure || self == .secureBehindProxy }
        var isBehindProxy: Bool { self == .behindProxy || self == .secureBehindProxy }
    }

    private let expected: Set<Face>
    private let onAllReady: @Sendable (SandboxServer.Ports) async -> Void
    private let ports = Mutex<[Face: Int]>([:])
    private let behind: AsyncStream<(plain: Int, secure: Int)>
    private let foundBehind: AsyncStream<(plain: Int, secure: Int)>.Continuation

    init(expected: [Face], onAllReady: @escaping @Sendable (SandboxServer.Ports) async -> Void) {
        self.expected = Set(expected)
        self.onAllReady = onAllReady
        (behind, foundBehind) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A face accepts connections. The last one of all tells who waits for them.
    func ready(_ face: Face, _ port: Int) async {
        let known = ports.withLock { ports in
            ports[face] = port
            return ports
        }
        if face.isBehindProxy, let plain = known[.behindProxy], let secure = known[.secureBehindProxy] {
            foundBehind.yield((plain, secure))
        }
        if Set(known.keys) == expected, let http = known[.plain] {
            await onAllReady(.init(http: http, tls: known[.secure], proxy: known[.proxy]))
        }
    }

    /// Waits for the two faces behind the proxy; `nil` when the server is being stopped before.
    func behindProxy() async -> (plain: Int, secure: Int)? {
        await cancelWhenGracefulShutdown {
            for await ports in self.behind { return ports }
            return nil
        }
    }
}

/// A listener whose failure to start names its address.
struct Bound: Service {
    private let address: String
    private let service: any Service

    init(at host: String, _ port: Int, _ service: any Service) {
        address = "\(host):\(port)"
        self.service = service
    }

    func run() async throws {
        do {
            try await service.run()
        } catch let error as IOError {
            throw SandboxError(.invalidArgument, "nothing can listen at \(address): \(error.description)")
        }
    }
}
