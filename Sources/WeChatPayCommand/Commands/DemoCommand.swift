import ArgumentParser
import Foundation
import Logging
import PaymentPrimitives
import ServiceLifecycle
import Synchronization
import WeChatPay
import WeChatPaySandbox

/// `wechatpay demo`: sandbox, payment server and shop in one process, and purchases from the login to the fulfilment.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "The whole system in one process, and a purchase. 一个进程跑通全流程。",
        discussion: """
            The state folder holds sandbox/, server.yaml, pay.sqlite and client_api_key (a key for /v1). It runs what
            `wechatpay sandbox --state DIR/sandbox` and `wechatpay serve --config DIR/server.yaml` run, so that the two
            can be started apart as well.
            """)

    enum API: String, ExpressibleByArgument, CaseIterable {
        case v3, v2
    }

    @Option(help: "The payment server's port; 0 picks a free one.")
    var port = 8080
    @Option(help: "The sandbox's port; 0 picks a free one.")
    var sandboxPort = 8100
    @Option(help: "The folder for everything that is kept.")
    var state = ".wechatpay"
    @Option(help: "Another database, e.g. sqlite:///tmp/other.sqlite.")
    var database: String?
    @Option(help: "The API through which is paid: v3, or v2 for the XML API.")
    var api = API.v3
    @Flag(help: "Buys with every payment method, exits 0 only if everything ended as it should.")
    var once = false

    private static let host = "127.0.0.1"

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let console = Console.current(environment: environment)
        let logger = commandLogger("demo", environment: environment, quiet: true)
        let sandboxPort = sandboxPort == 0 ? try await FreePort.pick(host: Self.host) : sandboxPort
        let serverPort = port == 0 ? try await FreePort.pick(host: Self.host) : port
        let adminPort = try await FreePort.pick(host: Self.host)
        let (sandboxURL, serverURL) = ("http://\(Self.host):\(sandboxPort)", "http://\(Self.host):\(serverPort)")

        let (setup, store) = try SandboxDirectory.open(state + "/sandbox", baseURL: sandboxURL)
        let sandbox = try Sandbox(setup, store: store)
        guard let merchant = setup.merchants.first(where: { $0.role == .merchant }),
            let buyer = setup.users.first(where: { $0.appid == merchant.appid })
        else {
            throw CommandFailure("\(state)/sandbox/sandbox.json needs a merchant of role merchant and a user of its appid")
        }
        let folder = DemoFolder(path: state)
        try folder.write(
            merchant, channel: api.rawValue, sandboxURL: sandboxURL, serverURL: serverURL, port: serverPort, adminPort: adminPort,
            database: database)
        let configuration = try Configuration.load(path: folder.configurationPath, environment: [:])
        let clock = OffsetClock { sandbox.businessNow.since(SystemClock().now) }
        let ready = Signals(count: 2)
        let runtime = try await ServerRuntime.make(
            configuration, clock: clock, random: SystemRandom(), transport: AsyncHTTPClientTransport(), logger: logger,
            onReady: { _ in ready.one() })
        let server = SandboxServer(
            sandbox: sandbox, host: Self.host, port: sandboxPort, logger: logger, onReady: { _ in ready.one() })
        let passed = Mutex(true)
        let purchases = OneShot {
            await ready.all()
            // A server that could not be started ends the wait too.
            try Task.checkCancellation()
            console.say("WeChat Pay, the whole way: sandbox, payment server and shop are running.", "微信支付全流程：沙箱、支付服务器与商店已启动。")
            console.ready("sandbox", url: sandboxURL, note: "\(state)/sandbox/sandbox.json")
            console.ready("server", url: serverURL, note: "\(state)/server.yaml")
            let demo = DemoPurchases(
                console: console, sandboxURL: sandboxURL, serverURL: serverURL, merchant: merchant,
                openid: buyer.openid, apiKey: try folder.clientAPIKey())
            let ok = await demo.run(all: once)
            passed.withLock { $0 = ok }
            if once || !ok { return }
            Self.invite(console, sandboxURL, serverURL, adminPort, state)
            try await gracefulShutdown()
        }
        do {
            try await runUntilSignalled(
                [Listening(at: Self.host, sandboxPort, server)] + runtime.services + [purchases], logger: logger)
        } catch {
            try? await runtime.close()
            throw error
        }
        try await runtime.close()
        guard passed.withLock({ $0 }) else { throw ExitCode.failure }
    }

    private static func invite(_ console: Console, _ sandboxURL: String, _ serverURL: String, _ adminPort: Int, _ state: String) {
        let addresses: [(url: String, english: String, chinese: String)] = [
            ("\(serverURL)/shop/products", "the shop's catalogue", "商店目录"),
            ("\(serverURL)/healthz", "the payment server is alive", "支付服务器存活检查"),
            ("http://\(host):\(adminPort)/readyz", "it can work (operators' port)", "就绪检查（运维端口）"),
            ("\(sandboxURL)/", "the sandbox and its calls", "沙箱及其控制接口"),
        ]
        let width = addresses.map(\.url.count).max() ?? 0
        console.say("\nStill running. To look at:", "\n服务仍在运行，可以查看：")
        for address in addresses {
            let url = "  " + address.url.padding(toLength: width + 3, withPad: " ", startingAt: 0)
            console.say(url + address.english, url + address.chinese)
        }
        let payments = "  curl -H \"Authorization: Bearer $(cat \(state)/client_api_key)\" \(serverURL)/v1/payments"
        console.say(
            "\(payments)\nCtrl-C stops it; orders are kept in \(state).", "\(payments)\nCtrl-C 停止；订单保存在 \(state)。")
    }
}

/// Waits until a number of things have happened.
private final class Signals: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let count: Int

    init(count: Int) {
        self.count = count
        (stream, continuation) = AsyncStream.makeStream()
    }

    func one() { continuation.yield() }

    func all() async {
        var seen = 0
        for await _ in stream {
            seen += 1
            if seen == count { return }
        }
    }
}
