import ArgumentParser
import Foundation
import Logging
import PaymentPrimitives
import ServiceLifecycle
import WeChatPaySandbox

/// `wechatpay sandbox`.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox", abstract: "WeChat Pay on this machine. 本机上的微信支付沙箱。",
        discussion: """
            Point any client at the printed address; merchants, keys and users are in sandbox.json of the state folder.
            What the buyer does at the phone is a control call, see the page at GET /. docs/clients.md says how to point
            well-known clients here.
            """)

    @Option(help: "The address to listen at.")
    var host = "127.0.0.1"
    @Option(help: "The port to listen at; 0 picks a free one.")
    var port = 8100
    @Option(help: "The folder that holds merchants, keys and orders; made on the first start.")
    var state = ".wechatpay/sandbox"
    @Option(help: "Also listens with HTTPS at this port (0 picks a free one); clients must trust ca.pem of the state folder.")
    var tlsPort: Int?
    @Option(
        help: """
            Also is an HTTP proxy at this port (0 picks a free one) that leads WeChat's own hosts here and refuses all
            others: for clients whose address cannot be changed. Give them HTTPS_PROXY and ca.pem.
            """)
    var proxyPort: Int?
    @Option(help: "Makes numbers and nonces repeatable.")
    var seed: UInt64?
    @Flag(help: "Refuses what production would refuse and the sandbox otherwise only warns of.")
    var strict = false
    @Option(help: "A file with a token; control calls then need it as a Bearer token and may come from other machines.")
    var controlTokenFile: String?
    @Flag(help: "Accepts plain http notify_urls to other machines.")
    var allowHttpNotify = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let console = Console.current(environment: environment)
        let logger = commandLogger("sandbox", environment: environment, quiet: console.isTerminal)
        let port = port == 0 ? try await FreePort.pick(host: host) : port
        // What a client can open: a wildcard is no address, and IPv6 goes in brackets.
        let reachable = ["0.0.0.0": "127.0.0.1", "::": "[::1]"][host] ?? (host.contains(":") ? "[\(host)]" : host)
        let url = "http://\(reachable):\(port)"
        let sandbox = try makeSandbox(baseURL: url, logger: logger)
        let server = SandboxServer(
            sandbox: sandbox, host: host, port: port, secure: try secure(), controlToken: try controlToken(), logger: logger,
            onAllReady: { ports in
                console.say("WeChat Pay sandbox", "微信支付沙箱")
                console.ready("sandbox", url: url, note: "\(state)/sandbox.json")
                if let port = ports.tls {
                    console.ready("sandbox-tls", url: "https://\(reachable):\(port)", note: "\(state)/ca.pem")
                }
                if let port = ports.proxy {
                    console.ready("sandbox-proxy", url: "http://\(reachable):\(port)", note: "HTTPS_PROXY, \(state)/ca.pem")
                }
                console.say("Ctrl-C stops it; its orders are kept.", "Ctrl-C 停止；订单会保留。")
            })
        try await runUntilSignalled([Listening(at: host, port, server)], logger: logger)
    }

    private func secure() throws -> SandboxServer.Secure? {
        guard tlsPort != nil || proxyPort != nil else { return nil }
        return SandboxServer.Secure(identity: try SandboxTLS.open(state), port: tlsPort, proxyPort: proxyPort)
    }

    func makeSandbox(baseURL: String, logger: Logger) throws -> Sandbox {
        let random: any RandomSource = seed.map { SeededRandom($0) } ?? SystemRandom()
        let (setup, store) = try SandboxDirectory.open(state, baseURL: baseURL, random: random)
        var options = Sandbox.Options()
        options.strict = strict
        options.allowHTTPNotify = allowHttpNotify
        return try Sandbox(setup, random: random, options: options, store: store)
    }

    private func controlToken() throws -> Secret? {
        guard let controlTokenFile else { return nil }
        guard let bytes = FileManager.default.contents(atPath: controlTokenFile) else {
            throw CommandFailure("--control-token-file: \(controlTokenFile) cannot be read")
        }
        let token = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard token.utf8.count >= 16 else {
            throw CommandFailure("--control-token-file: \(controlTokenFile) must hold at least 16 characters")
        }
        return Secret(token)
    }
}
