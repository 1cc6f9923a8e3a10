import Foundation
import PaymentPrimitives
import Synchronization
import Testing
import WeChatPaySandbox

@testable import WeChatPayCommand

@Suite("Reloading the configuration", .serialized)
struct ReloadTests {
    /// A server beside a sandbox, each a process of its own, and the file that the server reads.
    private struct Place {
        let folder: TemporaryFolder
        let sandbox: CommandProcess
        let server: CommandProcess
        let setup: SandboxSetup
        let web: WebClient
        let apiKey: String
        let yaml: String

        init() async throws {
            folder = try TemporaryFolder()
            sandbox = try CommandProcess(
                "sandbox", ["sandbox", "--port", "0", "--state", folder.path + "/sandbox"], in: folder)
            let url = try await sandbox.ready("sandbox")
            setup = try SandboxDirectory.setup(of: folder.path + "/sandbox")
            let demo = DemoFolder(path: folder.path)
            try demo.write(
                setup.merchants[0], sandboxURL: url, serverURL: "http://127.0.0.1:1", port: 0, adminPort: 0, database: nil)
            apiKey = try demo.clientAPIKey().withBytes { String(decoding: $0, as: UTF8.self) }
            yaml = try folder.text("server.yaml")
            let other = setup.merchants[1]
            try folder.write("keys/other_key.pem", other.privateKeyPEM)
            try folder.write("keys/other_v3_key", other.apiV3Key.withBytes { String(decoding: $0, as: UTF8.self) })
            try folder.write("keys/other_pub_key.pem", other.publicKeyPEM)
            server = try CommandProcess("server", ["serve", "--config", folder.path + "/server.yaml"], in: folder)
            web = WebClient(base: try await server.ready("server"))
        }

        /// The file with a second merchant, whom the client may see.
        var withOther: String {
            let other = setup.merchants[1]
            return yaml.replacingOccurrences(
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
            ).replacingOccurrences(of: "merchants: [demo]", with: "merchants: [demo, other]")
        }

        /// Puts a file in place and has it read; waits for the line that says what became of it.
        func reload(_ yaml: String, expecting text: String) async throws {
            let before = count(text)
            try folder.write("server.yaml", yaml)
            server.send(SIGHUP)
            try await eventually("the log says: \(text)") { count(text) > before }
        }

        func count(_ text: String) -> Int { server.errors.components(separatedBy: text).count - 1 }

        func notify(_ merchant: String) async throws -> Int {
            try await web.post("/notify/v3/\(merchant)", "{}").status
        }

        func end() async throws {
            try await web.shutdown()
            #expect(try await server.end(SIGTERM) == 0)
            #expect(try await sandbox.end(SIGTERM) == 0)
            folder.remove()
        }
    }

    /// What the workers share.
    private final class Load: Sendable {
        let isOver = Mutex(false)
        let answers = Mutex<[Int]>([])
    }

    private static let reloaded = "the configuration was reloaded"
    private static let kept = "the configuration stays as it was"

    @Test("A merchant comes and goes while payments are made, and not one request fails")
    func underLoad() async throws {
        let place = try await Place()
        let (web, key, appid, openid) = (place.web, place.apiKey, place.setup.merchants[0].appid, place.setup.users[0].openid)
        #expect(try await place.notify("other") == 404)
        let load = Load()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var number = 0
                    while !load.isOver.withLock({ $0 }) {
                        number += 1
                        let outTradeNo = "R\(worker)_\(number)_000"
                        let body = """
                            {"merchant":"demo","appid":"\(appid)","method":"mini_program","amount":{"total":1,"currency":"CNY"},\
                            "description":"茶","out_trade_no":"\(outTradeNo)","openid":"\(openid)"}
                            """
                        let made = try await web.post(
                            "/v1/payments", body, token: key, headers: [("Idempotency-Key", outTradeNo)])
                        let listed = try await web.get("/v1/payments?merchant=demo&limit=1", token: key)
                        load.answers.withLock { $0 += [made.status, listed.status] }
                    }
                }
            }
            for _ in 0..<5 {
                try await place.reload(place.withOther, expecting: Self.reloaded)
                #expect(try await place.notify("other") != 404)
                try await place.reload(place.yaml, expecting: Self.reloaded)
                #expect(try await place.notify("other") == 404)
                try await place.reload(place.yaml + "\nmerchant: nonsense\n", expecting: Self.kept)
            }
            load.isOver.withLock { $0 = true }
            try await group.waitForAll()
        }
        let statuses = load.answers.withLock { $0 }
        #expect(statuses.count > 20)
        #expect(statuses.allSatisfy { $0 == 201 || $0 == 200 }, "\(Set(statuses))")
        try await place.end()
    }

    @Test("A file that is broken, and one that cannot be taken while the server runs, change nothing and are explained")
    func broken() async throws {
        let place = try await Place()
        try await place.reload(place.withOther, expecting: Self.reloaded)
        try await place.reload(
            place.withOther.replacingOccurrences(of: "keys/other_key.pem", with: "keys/absent.pem"), expecting: "absent.pem")
        try await place.reload("", expecting: Self.kept)
        try await place.reload(
            place.withOther.replacingOccurrences(of: "\"\(place.setup.merchants[1].mchid)\"", with: "\"1999999999\""),
            expecting: "another mchid")
        #expect(try await place.notify("other") != 404)
        #expect(try await place.web.get("/v1/payments?merchant=other", token: place.apiKey).status == 200)
        #expect(place.count(Self.reloaded) == 1)
        try await place.end()
    }

    @Test("A client's new key holds from the reload on, and the old one no longer")
    func clientKey() async throws {
        let place = try await Place()
        let fresh = "fresh_" + String(repeating: "k", count: 40)
        try place.folder.write("client_api_key", fresh)
        #expect(try await place.web.get("/v1/payments?merchant=demo", token: place.apiKey).status == 200)
        try await place.reload(place.yaml, expecting: Self.reloaded)
        #expect(try await place.web.get("/v1/payments?merchant=demo", token: place.apiKey).status == 401)
        #expect(try await place.web.get("/v1/payments?merchant=demo", token: fresh).status == 200)
        #expect(!place.server.errors.contains(fresh))
        try await place.end()
    }

    @Test("What only a restart can change is named, and the rest is taken")
    func needsRestart() async throws {
        let place = try await Place()
        let changed = place.withOther
            .replacingOccurrences(of: "http://127.0.0.1:1\", admin_host", with: "https://new.example.com\", admin_host")
            .replacingOccurrences(of: "pay.sqlite", with: "other.sqlite")
        #expect(changed.contains("new.example.com"))
        try await place.reload(changed, expecting: Self.reloaded)
        #expect(place.count("server.public_url has changed; it takes effect when the server is restarted") == 1)
        #expect(place.count("database has changed") == 1)
        #expect(try await place.notify("other") != 404)
        try await place.end()
    }

    @Test("The removal of a merchant with open payments is warned of")
    func removal() async throws {
        let place = try await Place()
        try await place.reload(place.withOther, expecting: Self.reloaded)
        // Nobody answers for this merchant, so what became of the order is unknown.
        let body = """
            {"merchant":"other","appid":"\(place.setup.merchants[1].appid)","method":"mini_program",\
            "amount":{"total":1,"currency":"CNY"},"description":"茶","out_trade_no":"removal_1","openid":"oSomebody"}
            """
        _ = try await place.web.post(
            "/v1/payments", body, token: place.apiKey, headers: [("Idempotency-Key", "removal_1")])
        #expect(try await place.web.get("/v1/payments?merchant=other", token: place.apiKey).count("payments") == 1)
        try await place.reload(place.yaml, expecting: "a merchant was removed that has open payments")
        try await place.end()
    }
}
