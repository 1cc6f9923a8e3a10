import Foundation
import Logging
import WeChatPaySandbox

/// The sandbox in this process, without a state folder: placing thousands of orders measures the server, not a file that
/// is written anew for each of them.
struct PlayedWeChat {
    let account: SandboxMerchant
    let openid: String
    let port: Int

    /// Serves while `body` runs.
    static func serve<Value: Sendable>(_ body: sending (PlayedWeChat) async throws -> Value) async throws -> Value {
        let sandbox = try Sandbox()
        guard let account = sandbox.merchants.first, let user = sandbox.users.first(where: { $0.appid == account.appid }) else {
            throw BenchmarkFailure("the sandbox has no merchant with a user")
        }
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        // It is stopped by cancelling, and would complain.
        let logger = Logger(label: "sandbox") { _ in SwiftLogNoOpLogHandler() }
        let server = SandboxServer(sandbox: sandbox, port: 0, logger: logger, onReady: { port.yield($0) })
        async let _ = server.run()
        guard let number = await ports.first(where: { _ in true }) else { throw BenchmarkFailure("the sandbox did not start") }
        return try await body(PlayedWeChat(account: account, openid: user.openid, port: number))
        // Leaving the scope cancels the server.
    }
}
