import ArgumentParser
import Foundation
import Logging
import PaymentPrimitives
import ServiceLifecycle
import WeChatPay

/// `wechatpay serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "The payment server. 支付服务器。",
        discussion: """
            It starts without WeChat being reachable; /readyz on the admin port says what is missing.
            SIGHUP loads the configuration again: merchants, keys and clients change at once, or not at all.
            """)

    @Option(help: "The configuration, see docs/configuration.md.")
    var config: String
    @Option(help: "Takes business time from a sandbox, e.g. http://127.0.0.1:8100 (for trying expiry and retries).")
    var clockFrom: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let console = Console.current(environment: environment)
        let logger = commandLogger("wechatpay", environment: environment)
        let configuration = try Configuration.load(path: config, environment: environment)
        let transport = AsyncHTTPClientTransport()
        var services: [any Service] = []
        var clock: any WallClock = SystemClock()
        if let clockFrom {
            let follower = SandboxClockFollower(url: clockFrom, transport: transport, logger: logger)
            try await follower.refresh()
            clock = follower.clock
            services.append(follower)
        }
        let server = configuration.server
        let runtime = try await ServerRuntime.make(
            configuration, clock: clock, random: SystemRandom(), transport: transport, logger: logger,
            onReady: { port in
                console.say("WeChat Pay payment server", "微信支付服务器")
                console.ready("server", url: "http://\(server.host):\(port)", note: server.publicURL)
            })
        do {
            services.append(
                ReloadOnSignal(reloader: runtime.reloader) { [config] in
                    try Configuration.load(path: config, environment: environment)
                })
            try await runUntilSignalled(services + runtime.services, logger: logger)
        } catch {
            try? await runtime.close()
            throw error
        }
        try await runtime.close()
    }
}
