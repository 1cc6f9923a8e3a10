import PaymentPrimitives
import Payments
import Testing
import WeChatPay
import WeChatPaySandbox

@testable import WeChatPayCommand

@Suite("WeChat's certificates over a reload")
struct PlatformKeyReloadTests {
    /// The certificates of this merchant number are downloaded: its entry has no public key.
    private let merchant = SandboxSetup.standard.merchants[2]
    private let files: ConfigurationFiles
    private let live: LiveConfiguration

    init() throws {
        files = try ConfigurationFiles()
        try files.write("merchant.key", merchant.privateKeyPEM)
        try files.write("rotated.key", SandboxSetup.standard.merchants[1].privateKeyPEM)
        try files.write("merchant.v3", merchant.apiV3Key.text)
        live = try LiveConfiguration(
            files.load(Self.yaml(merchant)),
            ConfiguredMerchants.Tools(
                transport: try Sandbox(SandboxSetup.standard).transport, wireClock: SystemClock(), random: SystemRandom()))
    }

    private static func yaml(
        _ merchant: SandboxMerchant, key: String = "merchant.key", v3Key: String = "merchant.v3", port: Int = 1
    ) -> String {
        """
        server: { public_url: "https://pay.example.com" }
        database: "sqlite:///var/lib/wechatpay/pay.sqlite"
        merchants:
          - id: shop1
            mchid: "\(merchant.mchid)"
            base_url: "http://127.0.0.1:\(port)"
            apps: [ { appid: \(merchant.appid) } ]
            serial_no: "\(key == "merchant.key" ? merchant.serialNo : "3775b6a45acd588826d15e583a95f5dd00000001")"
            private_key_file: \(key)
            api_v3_key_file: \(v3Key)

        """
    }

    private func readiness() async throws -> String? {
        try await #require(live.snapshot()["shop1"]?.channels[.v3]).readiness()
    }

    private func download() async throws {
        #expect(try await readiness() != nil)
        #expect(try await #require(live.snapshot()["shop1"]?.channels[.v3]).refreshKeys() == nil)
        #expect(try await readiness() == nil)
    }

    @Test("A new merchant key leaves the certificates in place")
    func rotated() async throws {
        try await download()
        _ = try live.replace(with: files.load(Self.yaml(merchant, key: "rotated.key")))
        #expect(try await readiness() == nil)
    }

    @Test("Another API v3 key or another address does not trust the certificates of the one before")
    func another() async throws {
        try await download()
        _ = try live.replace(with: files.load(Self.yaml(merchant, port: 2)))
        #expect(try await readiness() != nil)
        try await download()
        _ = try live.replace(with: files.load(Self.yaml(merchant, v3Key: "v3.key", port: 2)))
        #expect(try await readiness() != nil)
    }
}
