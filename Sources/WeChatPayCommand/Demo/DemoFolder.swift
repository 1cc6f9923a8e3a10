import Foundation
import PaymentPrimitives
import WeChatPaySandbox

/// The demonstration's state folder: a configuration for `wechatpay serve` that points at the sandbox beside it.
struct DemoFolder {
    let path: String

    var configurationPath: String { path + "/server.yaml" }
    private var absolute: URL { URL(fileURLWithPath: path, isDirectory: true).standardizedFileURL }

    /// Writes the configuration and the secrets that it names. The addresses are those of this start; keys that exist
    /// are kept, and so is the catalogue.
    func write(
        _ merchant: SandboxMerchant, channel: String = "v3", sandboxURL: String, serverURL: String, port: Int, adminPort: Int,
        database: String?
    ) throws {
        try FileManager.default.createDirectory(
            at: absolute.appendingPathComponent("keys"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try secret("keys/api_v3_key", merchant.apiV3Key)
        try secret("keys/app_secret", merchant.appSecret)
        try secret("keys/apiclient_key.pem", Secret(merchant.privateKeyPEM))
        try secret("keys/api_v2_key", merchant.apiV2Key)
        try secret("keys/apiclient_cert.pem", Secret(merchant.certificatePEM + "\n" + merchant.privateKeyPEM))
        try put("keys/pub_key.pem", Array(merchant.publicKeyPEM.utf8), mode: 0o644)
        if !FileManager.default.fileExists(atPath: file("client_api_key").path) {
            try secret("client_api_key", Secret("wpk_" + SystemRandom().alphanumeric(40)))
        }
        if !FileManager.default.fileExists(atPath: file("catalogue.yaml").path) {
            try put("catalogue.yaml", Array(Self.catalogue.utf8), mode: 0o644)
        }
        let url = database ?? "sqlite://\(file("pay.sqlite").path)"
        let yaml = """
            # Made by `wechatpay demo`, which rewrites it at each start.
            server: { host: 127.0.0.1, port: \(port), public_url: "\(serverURL)", admin_host: 127.0.0.1, admin_port: \(adminPort) }
            database: "\(url)"
            merchants:
              - id: demo
                mchid: "\(merchant.mchid)"
                base_url: "\(sandboxURL)"
                channel: \(channel)
                apps: [ { appid: \(merchant.appid), app_secret_file: keys/app_secret } ]
                serial_no: "\(merchant.serialNo)"
                private_key_file: keys/apiclient_key.pem
                api_v3_key_file: keys/api_v3_key
                public_key_id: \(merchant.publicKeyID)
                public_key_file: keys/pub_key.pem
                api_v2_key_file: keys/api_v2_key
                v2_sign_type: HMAC-SHA256
                client_certificate_file: keys/apiclient_cert.pem
            policies: { order_ttl: 30m, late_success: deliver }
            clients: [ { name: scripts, merchants: [demo], api_key_file: client_api_key } ]
            shop: { merchant: demo, appid: \(merchant.appid), till: true, catalogue_file: catalogue.yaml }

            """
        try put("server.yaml", Array(yaml.utf8), mode: 0o600)
    }

    /// The key for `/v1`.
    func clientAPIKey() throws -> Secret {
        guard let data = FileManager.default.contents(atPath: file("client_api_key").path) else {
            throw CommandFailure("\(path)/client_api_key cannot be read")
        }
        return Secret(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private func file(_ name: String) -> URL { absolute.appendingPathComponent(name) }

    private func secret(_ name: String, _ secret: Secret) throws {
        try secret.withBytes { try put(name, $0 + [0x0A], mode: 0o600) }
    }

    /// Writes beside and renames, so that nobody ever reads half a file; the mode is right from the first byte.
    private func put(_ name: String, _ bytes: [UInt8], mode: Int) throws {
        let target = file(name)
        let temporary = file(name + ".new")
        try? FileManager.default.removeItem(at: temporary)
        guard
            FileManager.default.createFile(
                atPath: temporary.path, contents: Data(bytes), attributes: [.posixPermissions: mode]),
            rename(temporary.path, target.path) == 0
        else { throw CommandFailure("\(target.path) cannot be written") }
    }

    private static let catalogue = """
        # What the shop sells. Prices are in fen.
        - { sku: pay-test, name: 支付测试, name_en: Payment test, price_fen: 2 }
        - { sku: apple, name: 红富士苹果 一斤, name_en: "Fuji apples, 500 g", price_fen: 1280 }
        - { sku: tea, name: 龙井茶 50克, name_en: "Longjing tea, 50 g", price_fen: 6800 }
        - { sku: notebook, name: 线装笔记本, name_en: Thread-bound notebook, price_fen: 3590 }

        """
}
