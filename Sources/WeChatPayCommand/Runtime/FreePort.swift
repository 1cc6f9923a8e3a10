import NIOCore
import NIOPosix

/// Finds a port that nobody listens at: needed where an address must be known before the server is started.
enum FreePort {
    static func pick(host: String) async throws -> Int {
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup).bind(host: host, port: 0).get()
        let port = channel.localAddress?.port
        try await channel.close()
        guard let port else { throw CommandFailure("no free port could be found at \(host)") }
        return port
    }
}

/// Why a command could not go on, in words for whoever called it.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
