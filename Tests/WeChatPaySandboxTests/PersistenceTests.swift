import Foundation
import HTTPTypes
import PaymentPrimitives
import Synchronization
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("What is kept between two starts")
struct PersistenceTests {
    /// Keeps the bytes in memory, and can be told to fail.
    final class MemoryStore: SandboxStateStore {
        private struct Full: Error {}
        private let state: Mutex<(bytes: [UInt8]?, saves: Int, isFull: Bool)>

        init(_ bytes: [UInt8]? = nil) { state = Mutex((bytes, 0, false)) }

        let name = "memory"
        var saves: Int { state.withLock { $0.saves } }
        var bytes: [UInt8]? { state.withLock { $0.bytes } }
        func fill() { state.withLock { $0.isFull = true } }
        func load() throws -> [UInt8]? { bytes }

        func save(_ bytes: [UInt8]) throws {
            try state.withLock { state in
                guard !state.isFull else { throw Full() }
                state.bytes = bytes
                state.saves += 1
            }
        }
    }

    @Test("Orders, clock, deliveries and used codes survive; a request saves at most once, a query never")
    func survives() async throws {
        let store = MemoryStore()
        let clock = ManualClock()
        let first = try makeSandbox(store: store, clock: clock)
        try await first.prepay()
        #expect(store.saves == 1)
        _ = try await first.query()
        _ = try await first.send("GET", "/v3/certificates")
        #expect(store.saves == 1)
        try await first.sandbox.pay(.outTradeNo("ORDER0001", mchid: "1900000001"), openid: first.openid)
        try await first.sandbox.advanceClock(by: 100)
        let paid = try await first.query().json

        let second = try makeSandbox(store: store, clock: clock)
        #expect(try await second.query().json == paid)
        #expect(second.sandbox.businessNow == first.sandbox.businessNow)
        #expect(second.sandbox.deliveries() == first.sandbox.deliveries())
        #expect(try await second.prepay().code == "ORDERPAID")
        // The same random seed again, and still no id is given out twice.
        try await second.prepay("ORDER0002")
        let id = second.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0002")?.prepayIDs.first?.id
        #expect(id != second.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001")?.prepayIDs.first?.id)
        second.sandbox.setDeliver { _ in 200 }
        await second.sandbox.deliverDue()
        #expect(second.sandbox.deliveries().first?.isDelivered == true)
    }

    @Test("A change that cannot be stored has not happened, and is answered SYSTEM_ERROR")
    func full() async throws {
        let store = MemoryStore()
        let caller = try makeSandbox(store: store)
        try await caller.prepay()
        store.fill()
        let reply = try await caller.prepay("ORDER0002")
        #expect((reply.status, reply.code) == (500, "SYSTEM_ERROR"))
        #expect(reply.header("Wechatpay-Signature") != nil)
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0002") == nil)
        await #expect(throws: SandboxError(.storage, "")) {
            try await caller.sandbox.pay(.outTradeNo("ORDER0001", mchid: "1900000001"), openid: caller.openid)
        }
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001")?.tradeState == .notPaid)
        #expect(caller.sandbox.deliveries().isEmpty)
    }

    @Test("A state that is cut short or of another format is refused by name")
    func broken() async throws {
        let store = MemoryStore()
        try await makeSandbox(store: store).prepay()
        let whole = try #require(store.bytes)
        for length in [0, 1, whole.count / 2, whole.count - 1] {
            let error = #expect(throws: SandboxError(.invalidState, "")) {
                try makeSandbox(store: MemoryStore(Array(whole.prefix(length))))
            }
            #expect(error?.message.contains("memory is not a whole state") == true)
        }
        let other = String(decoding: whole, as: UTF8.self).replacing("\"format\":2", with: "\"format\":3")
        let error = #expect(throws: SandboxError(.invalidState, "")) {
            try makeSandbox(store: MemoryStore(Array(other.utf8)))
        }
        #expect(error?.message.contains("format 3") == true)
    }

    @Test("The directory is made once, keeps what is there, and is private")
    func directory() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sandbox-\(SystemRandom().alphanumeric(12))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("state").path
        let clock = ManualClock(Timestamp(seconds: 1_790_000_000))
        func open(_ url: String = "http://127.0.0.1:8100") throws -> (setup: SandboxSetup, store: any SandboxStateStore) {
            try SandboxDirectory.open(path, baseURL: url, random: SystemRandom(), clock: clock)
        }
        let (setup, store) = try open()
        let sandbox = try Sandbox(setup, clock: clock, random: SeededRandom(1), store: store)
        let caller = Caller(sandbox: sandbox, merchant: sandbox.merchants[0], clock: clock)
        #expect(setup.merchants.map(\.mchid) == ["1900000001", "1900000002", "1900000003"])
        #expect(setup.merchants[2].subMerchants.map(\.subMchid) == ["1900000101", "1900000102"])
        #expect(setup.merchants.allSatisfy { $0.serialNo.utf8.count == 40 && $0.platformSerial.utf8.count == 40 })
        #expect(try await caller.prepay().status == 200)
        let entry = try await caller.send("GET", "/v3/certificates").json["data"]?.array?.first
        #expect(entry?["effective_time"]?.string == clock.now.rfc3339)

        func mode(_ name: String) throws -> Int? {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + name)
            return (attributes[.posixPermissions] as? NSNumber)?.intValue
        }
        #expect(try mode("") == 0o700)
        #expect(try mode("/1900000001/apiclient_key.pem") == 0o600)
        #expect(try mode("/1900000001/pub_key_private.pem") == 0o600)
        #expect(try mode("/sandbox.json") == 0o600)

        // A person edits the file: a field of their own, and domains, which are kept for those who will look at them.
        let file = folder.appendingPathComponent("state/sandbox.json")
        var text = try String(contentsOf: file, encoding: .utf8)
        text = text.replacing("\"users\":", with: "\"note\": \"mine\",\n  \"users\":")
        text = text.replacing(
            "\"mchid\": \"1900000001\",", with: "\"mchid\": \"1900000001\", \"h5_domains\": [\"shop.example.com\"],")
        try text.write(to: file, atomically: false, encoding: .utf8)
        try FileManager.default.removeItem(atPath: path + "/1900000002/apiclient_cert.pem")
        let again = try open("http://127.0.0.1:9999")
        let rewritten = try String(contentsOf: file, encoding: .utf8)
        #expect(rewritten.contains("\"base_url\": \"http://127.0.0.1:9999\""))
        #expect(rewritten.contains("\"note\": \"mine\""))
        #expect(rewritten.contains(/"h5_domains": \[\s*"shop\.example\.com"\s*\]/))
        #expect(again.setup.merchants[0].privateKeyPEM == setup.merchants[0].privateKeyPEM)
        #expect(again.setup.merchants[0].apiV3Key == setup.merchants[0].apiV3Key)
        #expect(again.setup.merchants[1].serialNo != setup.merchants[1].serialNo)
        #expect(again.setup.merchants[1].privateKeyPEM == setup.merchants[1].privateKeyPEM)
        let reopened = try Sandbox(again.setup, clock: clock, random: SeededRandom(1), store: again.store)
        #expect(reopened.order(mchid: "1900000001", outTradeNo: "ORDER0001")?.total == 100)

        // What is wrong is named by file and field.
        for (old, new, field) in [
            ("\"key_mode\": \"migrating\"", "\"key_mode\": \"both\"", "/merchants/0/key_mode"),
            ("\"balance_fen\": 1000000", "\"balance_fen\": 1.5", "/users/0/balance_fen"),
            (again.setup.merchants[0].serialNo, String(repeating: "0", count: 40), "serial_no"), ("{", "", "JSON"),
            ("\"appid\": \"wx0000000000000001\"", "\"appid\": 1", "/merchants/0/appid"),
        ] {
            let range = try #require(rewritten.range(of: old))
            try rewritten.replacingCharacters(in: range, with: new).write(to: file, atomically: false, encoding: .utf8)
            let error = #expect(throws: SandboxError(.invalidSetup, "")) { try open() }
            #expect(error?.message.contains("sandbox.json") == true)
            #expect(error?.message.contains(field) == true, "\(error?.message ?? "")")
        }
        try rewritten.write(to: file, atomically: false, encoding: .utf8)
        try FileManager.default.removeItem(atPath: path + "/1900000001/apiclient_key.pem")
        let error = #expect(throws: SandboxError(.invalidSetup, "")) { try open() }
        #expect(error?.message.contains("/merchants/0/private_key") == true)
    }
}
