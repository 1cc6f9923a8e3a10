import Foundation
import PaymentPrimitives
import Testing
import WeChatPaySandbox

@testable import WeChatPayCommand

@Suite("The hostile world: secrets")
struct HostileSecretTests {
    private static let keyFiles = ["keys/api_v3_key", "keys/app_secret", "keys/apiclient_key.pem", "client_api_key"]

    private func folder() throws -> (TemporaryFolder, DemoFolder) {
        let folder = try TemporaryFolder()
        let demo = DemoFolder(path: folder.path)
        try demo.write(
            SandboxSetup.standard.merchants[0], sandboxURL: "http://127.0.0.1:1", serverURL: "https://pay.example.com", port: 0,
            adminPort: 0,
            database: nil)
        return (folder, demo)
    }

    @Test("Row 70: a key file that others may read, or the group may write, is refused", arguments: keyFiles)
    func readableKeyFile(name: String) throws {
        let (folder, demo) = try folder()
        defer { folder.remove() }
        let secret = try folder.text(name)
        for mode in [0o644, 0o604, 0o660, 0o620, 0o602, 0o666, 0o777] {
            try folder.write(name, secret, mode: mode)
            let error = #expect(throws: ConfigurationErrors.self) {
                _ = try Configuration.load(path: demo.configurationPath, environment: [:])
            }
            let text = "\(try #require(error))"
            #expect((text.contains(name) || text.contains("the file that it names")) && text.contains("server.yaml:"), "\(text)")
            #expect(!text.contains(secret.split(separator: "\n")[0]) || secret.hasPrefix("-----"))
            #expect(!text.contains("MII"))
        }
        for mode in [0o600, 0o400, 0o640, 0o440] {
            try? FileManager.default.removeItem(atPath: folder.path + "/" + name)
            try folder.write(name, secret, mode: mode)
            #expect(throws: Never.self) { _ = try Configuration.load(path: demo.configurationPath, environment: [:]) }
        }
    }

    @Test("Row 72: a blank secret is refused", arguments: keyFiles)
    func blankSecret(name: String) throws {
        let (folder, demo) = try folder()
        defer { folder.remove() }
        for blank in ["", "\n", " ", "\t\r\n", String(repeating: " ", count: 32)] {
            try folder.write(name, blank)
            let error = #expect(throws: ConfigurationErrors.self) {
                _ = try Configuration.load(path: demo.configurationPath, environment: [:])
            }
            #expect("\(try #require(error))".contains("server.yaml:"))
        }
    }

    @Test("Row 71: no secret is in any log line at any level, error, answer or description")
    func secretsAreNowhere() async throws {
        try await RunningSystem.run { system in
            let mark = system.mark
            let buyer = try await Buyer(system)
            let order = try await buyer.openOrder()
            try await buyer.pay(order)
            try await buyer.expectFulfilledOnce(order)
            // All that can go wrong around a secret.
            _ = try await system.web.post("/shop/login", #"{"code":"used-or-wrong"}"#)
            _ = try await system.web.get("/v1/payments", token: system.apiKey + "x")
            _ = try await system.web.get("/v1/payments?openid=\(buyer.openid)&limit=x", token: system.apiKey)
            _ = try await system.web.get("/shop/orders", token: buyer.token + "x")
            for fault in [Network.Fault.lost, .badGateway, .unsigned, .tampered] {
                system.network.heal()
                system.network.fail("/", fault)
                let code = try system.sandbox.loginCode(appid: system.merchant.appid, openid: buyer.openid)
                _ = try await system.web.post("/shop/login", #"{"code":"\#(code)"}"#)
                _ = try await buyer.order()
                _ = try await system.notify(
                    system.forger.notification(system.forger.success(outTradeNo: "X0000001", total: 1).json))
            }
            system.network.heal()
            _ = try await system.notify(
                system.forger.notification(system.forger.success(outTradeNo: order.outTradeNo, total: 1).json, key: .publicKey))
            #expect(!system.network.sessionKeys.isEmpty, "there was a session key to be told")
            #expect(system.log.count > mark.lines)
            system.expectNoSecrets(since: mark)
            for line in system.log.lines(after: mark.lines) { #expect(!line.text.contains(buyer.token), "\(line.text)") }
            let everything = try await system.rows.texts("SELECT hex(token_digest) FROM shop_sessions")
            #expect(!everything.contains { buyer.token.uppercased().contains($0) }, "a session is stored as its digest")
        }
        let (folder, demo) = try folder()
        defer { folder.remove() }
        let configuration = try Configuration.load(path: demo.configurationPath, environment: [:])
        var dump = ""
        Swift.dump(configuration, to: &dump)
        let merchant = SandboxSetup.standard.merchants[0]
        for secret in [merchant.apiV3Key, merchant.appSecret, try demo.clientAPIKey()] {
            let text = secret.withBytes { String(decoding: $0, as: UTF8.self) }
            #expect(!dump.contains(text) && !"\(configuration)".contains(text))
        }
        #expect(!dump.contains("PRIVATE KEY"))
    }
}
