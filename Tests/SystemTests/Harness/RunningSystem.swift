import Foundation
import HTTPTypes
import Logging
import PaymentPrimitives
import PaymentServer
import SQLDatabase
import ServiceLifecycle
import Synchronization
import Testing
import WeChatPay
import WeChatPaySandbox

@testable import WeChatPayCommand

/// The sandbox, and the payment server as `wechatpay serve` puts it together: a real file, real HTTP, in this process.
///
/// The server's business time stands still until ``advance(by:)``; wire time is real.
final class RunningSystem: Sendable {
    let sandbox: Sandbox
    /// WeChat's side of API v2, as far as a test needs it.
    let v2: V2WeChat
    let clock: ManualClock
    let network: Network
    let log: CapturedLog
    let web: WebClient
    let rows: BusinessRows
    let port: Int
    /// For `/v1`: one client of the shop's merchant, and one that may see another merchant only.
    let apiKey: String
    let strangerKey = "stranger_" + String(repeating: "k", count: 40)
    /// With ``Options/provider``: a client of the service provider, and one of its first sub-merchant alone.
    let providerKey = "provider_" + String(repeating: "k", count: 40)
    let subMerchantKey = "subseller_" + String(repeating: "k", count: 40)
    /// The server's configuration file and keys.
    let folder: TemporaryFolder
    private let reloader: ConfigurationReloader
    private let numbers = Mutex<Int64>(0)

    struct Options: Sendable {
        var setup = SandboxSetup.standard
        var deadlines = HTTPServerFactory.Deadlines()
        /// Whether the sandbox's service provider is a merchant of the server too, as `provider`.
        var provider = false
        /// Whether the shop may charge codes.
        var till = true
        /// With it the shop's merchant has a key of API v2 too.
        var v2: V2?
        /// Changes the configuration before the server starts.
        var configure: (@Sendable (TemporaryFolder) throws -> Void)?
        /// How long a webhook's receiver may take.
        var webhookLimit = Duration.seconds(5)

        struct V2: Sendable {
            var type = ForgedXML.Kind.md5
            /// Whether new payments go through API v2.
            var isForNew = true
        }
    }

    private init(
        sandbox: Sandbox, v2: V2WeChat, clock: ManualClock, network: Network, log: CapturedLog, rows: BusinessRows, port: Int,
        apiKey: String, folder: TemporaryFolder, reloader: ConfigurationReloader
    ) {
        self.folder = folder
        self.reloader = reloader
        self.sandbox = sandbox
        self.v2 = v2
        self.clock = clock
        self.network = network
        self.log = log
        self.rows = rows
        self.port = port
        self.apiKey = apiKey
        web = WebClient(base: "http://127.0.0.1:\(port)")
    }

    var merchant: SandboxMerchant { sandbox.merchants[0] }
    var forger: Forger { Forger(merchant: merchant) }

    /// Starts everything, runs `body`, stops everything gracefully.
    static func run(_ options: Options = Options(), _ body: (RunningSystem) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let log = CapturedLog()
        let sandbox = try Sandbox(options.setup)
        let clock = ManualClock(SystemClock().now)
        let v2 = V2WeChat(
            mchid: options.setup.merchants[0].mchid, type: options.v2?.type ?? .md5, elsewhere: sandbox.transport)
        let network = Network(to: options.v2 == nil ? sandbox.transport : v2)
        let demo = try writeConfiguration(folder, options.setup)
        if !options.till {
            try folder.write("server.yaml", folder.text("server.yaml").replacingOccurrences(of: "till: true, ", with: ""))
        }
        if let v2 = options.v2 { try addV2(folder, v2) }
        if options.provider { try addProvider(folder, options.setup.merchants[2]) }
        try options.configure?(folder)
        let configuration = try Configuration.load(path: demo.configurationPath, environment: [:])
        let (ports, portContinuation) = AsyncStream.makeStream(of: Int.self)
        let runtime = try await ServerRuntime.make(
            configuration, clock: clock, random: SystemRandom(), transport: network, logger: log.logger,
            deadlines: options.deadlines, webhookLimit: options.webhookLimit, onReady: { portContinuation.yield($0) })
        let group = ServiceGroup(
            configuration: .init(services: runtime.services.map { .init(service: $0) }, logger: log.logger))
        let rows = try BusinessRows(path: folder.path + "/pay.sqlite")
        let apiKey = try demo.clientAPIKey().withBytes { String(decoding: $0, as: UTF8.self) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { portContinuation.finish() }
                try await group.run()
            }
            guard let port = await ports.first(where: { _ in true }) else {
                try await tasks.waitForAll()
                throw CommandFailure("the server ended before it was ready")
            }
            let system = RunningSystem(
                sandbox: sandbox, v2: v2, clock: clock, network: network, log: log, rows: rows, port: port, apiKey: apiKey,
                folder: folder, reloader: runtime.reloader)
            system.deliverNotifications()
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(system)) } catch { outcome = .failure(error) }
            try await system.web.shutdown()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try outcome.get()
        }
        try await rows.close()
        try await runtime.close()
    }

    /// The demonstration's configuration, with a second merchant and a client for it.
    private static func writeConfiguration(_ folder: TemporaryFolder, _ setup: SandboxSetup) throws -> DemoFolder {
        let demo = DemoFolder(path: folder.path)
        // Addresses are only names here: requests and notifications are handed over in this process.
        try demo.write(
            setup.merchants[0], sandboxURL: "http://127.0.0.1:1", serverURL: "https://pay.example.com", port: 0, adminPort: 0,
            database: nil)
        let other = setup.merchants[1]
        try folder.write("keys/other_key.pem", other.privateKeyPEM)
        try folder.write("keys/other_v3_key", other.apiV3Key.withBytes { String(decoding: $0, as: UTF8.self) })
        try folder.write("keys/other_pub_key.pem", other.publicKeyPEM)
        try folder.write("keys/stranger", "stranger_" + String(repeating: "k", count: 40))
        let yaml = try folder.text("server.yaml")
            .replacingOccurrences(
                of: "policies:",
                with: """
                      - id: other
                        mchid: "\(other.mchid)"
                        base_url: "http://127.0.0.1:1"
                        apps: [ { appid: \(other.appid) } ]
                        serial_no: "\(other.serialNo)"
                        private_key_file: keys/other_key.pem
                        api_v3_key_file: keys/other_v3_key
                        public_key_id: \(other.publicKeyID)
                        public_key_file: keys/other_pub_key.pem
                    policies:
                    """
            ).replacingOccurrences(
                of: "clients: [", with: "clients: [ { name: stranger, merchants: [other], api_key_file: keys/stranger },")
        try folder.write("server.yaml", yaml)
        return demo
    }

    private static func addV2(_ folder: TemporaryFolder, _ v2: Options.V2) throws {
        try folder.write("keys/api_v2_key", V2WeChat.key)
        var yaml = try folder.text("server.yaml")
        if v2.isForNew { yaml = yaml.replacingOccurrences(of: "channel: v3", with: "channel: v2") }
        // The demo's file has the keys too; its sign type is HMAC-SHA256, and its certificate is not looked at here.
        yaml = yaml.replacingOccurrences(of: "v2_sign_type: HMAC-SHA256", with: "v2_sign_type: \(v2.type.rawValue)")
        try folder.write("server.yaml", yaml)
    }

    private static func addProvider(_ folder: TemporaryFolder, _ provider: SandboxMerchant) throws {
        try folder.write("keys/provider_key.pem", provider.privateKeyPEM)
        try folder.write("keys/provider_v3_key", provider.apiV3Key.withBytes { String(decoding: $0, as: UTF8.self) })
        try folder.write("keys/provider", "provider_" + String(repeating: "k", count: 40))
        try folder.write("keys/subseller", "subseller_" + String(repeating: "k", count: 40))
        let subs = provider.subMerchants.map { sub in
            "{ sub_mchid: \"\(sub.subMchid)\"" + (sub.subAppid.map { ", sub_appid: \($0)" } ?? "") + " }"
        }
        let yaml = try folder.text("server.yaml")
            .replacingOccurrences(
                of: "policies:",
                with: """
                      - id: provider
                        mchid: "\(provider.mchid)"
                        role: partner
                        sub_merchants: [ \(subs.joined(separator: ", ")) ]
                        base_url: "http://127.0.0.1:1"
                        apps: [ { appid: \(provider.appid) } ]
                        serial_no: "\(provider.serialNo)"
                        private_key_file: keys/provider_key.pem
                        api_v3_key_file: keys/provider_v3_key
                    policies:
                    """
            ).replacingOccurrences(
                of: "clients: [",
                with: """
                    clients: [ { name: provider, merchants: [provider], api_key_file: keys/provider },
                      { name: subseller, merchants: [provider], sub_merchants: ["\(provider.subMerchants[0].subMchid)"],
                        api_key_file: keys/subseller },
                    """)
        try folder.write("server.yaml", yaml)
    }

    // MARK: The world

    /// Business time moves on at WeChat and here; what is due there is sent.
    func advance(by seconds: Int64) async throws {
        try await sandbox.advanceClock(by: seconds)
        clock.advance(by: .seconds(seconds))
    }

    /// Ten seconds go by at the till: the job asks for the charge, and has put down when it asks next, within ten seconds,
    /// unless there is nothing to ask any more.
    func waitAtTheTill(_ outTradeNo: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let asked = network.requests.count
        try await advance(by: 10)
        let now = clock.now.milliseconds
        try await eventually("the charge was asked for", sourceLocation: sourceLocation) {
            guard network.requests.count > asked else { return false }
            let next = try await rows.integer("SELECT next_query_at FROM payments WHERE out_trade_no = $1", .text(outTradeNo))
            return next.map { now < $0 && $0 <= now + 10_000 } ?? true
        }
    }

    /// Changes the configuration file and has it read, as SIGHUP does.
    func reload(_ change: (TemporaryFolder) throws -> Void) async throws {
        try change(folder)
        let path = folder.path + "/server.yaml"
        let isTaken = await reloader.reload { try Configuration.load(path: path, environment: [:]) }
        try #require(isTaken, "\(log.lines.suffix(3).map(\.text))")
    }

    /// Notifications reach the server from now on.
    func deliverNotifications() {
        let web = web
        sandbox.setDeliver { request in
            try await web.send(
                "POST", request.head.path ?? "", headers: request.head.headerFields.map { ($0.name.rawName, $0.value) },
                body: request.body
            ).status
        }
    }

    /// Notifications are lost from now on.
    func loseNotifications() { sandbox.setDeliver(nil) }

    /// A number that was not used before.
    func number(_ prefix: String = "T") -> String {
        let next = numbers.withLock { number in
            number += 1
            return number
        }
        let text = String(next)
        return prefix + String(repeating: "0", count: max(0, 12 - text.count)) + text
    }

    /// A pending payment, made through `/v1`.
    func payment(total: Int64 = 100, reference: String? = nil) async throws -> MadePayment {
        let outTradeNo = number()
        let answer = try await createPayment(
            MadePayment.body(self, outTradeNo, total: total, reference: reference), key: outTradeNo)
        try #require(answer.status == 201, "\(answer.text)")
        return MadePayment(id: try #require(answer.string("payment.id")), outTradeNo: outTradeNo, total: total)
    }

    func createPayment(_ body: String, key: String, token: String? = nil) async throws -> WebAnswer {
        try await web.post("/v1/payments", body, token: token ?? apiKey, headers: [("Idempotency-Key", key)])
    }

    /// What is hostile is sent with the same function as what is true.
    func notify(_ notification: ForgedNotification, to merchant: String = "demo") async throws -> WebAnswer {
        try await web.send("POST", "/notify/v3/\(merchant)", headers: notification.headers, body: notification.body)
    }
}

/// A payment that a test made.
struct MadePayment: Sendable {
    let id: String
    let outTradeNo: String
    let total: Int64

    static func body(
        _ system: RunningSystem, _ outTradeNo: String, total: Int64, reference: String? = nil, more: String = ""
    ) -> String {
        body(
            system, outTradeNo, method: "mini_program", total: total, reference: reference,
            more: #","openid":"\#(system.sandbox.users[0].openid)"\#(more)"#)
    }

    /// A body for any method; `more` holds what the method needs besides, with a comma before each field.
    static func body(
        _ system: RunningSystem, _ outTradeNo: String, method: String, total: Int64 = 100, reference: String? = nil,
        more: String = ""
    ) -> String {
        let reference = reference.map { #","reference":"\#($0)""# } ?? ""
        return """
            {"merchant":"demo","appid":"\(system.merchant.appid)","method":"\(method)","amount":{"total":\(total),\
            "currency":"CNY"},"description":"茶","out_trade_no":"\(outTradeNo)"\(reference)\(more)}
            """
    }
}
