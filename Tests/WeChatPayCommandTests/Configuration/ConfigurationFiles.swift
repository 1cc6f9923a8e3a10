import Foundation
import PaymentPrimitives

@testable import WeChatPayCommand

/// A directory with a configuration and the files that it names, for as long as a test needs it.
final class ConfigurationFiles {
    /// Ends with `/`.
    let directory: String

    /// The shortest configuration that is right.
    static let minimal = """
        server: { public_url: "https://pay.example.com" }
        database: "sqlite:///var/lib/wechatpay/pay.sqlite"
        merchants:
          - mchid: "1900000001"
            apps: [ { appid: wx0000000000000001, app_secret_file: secret.txt } ]
            serial_no: 3775b6a45acd588826d15e583a95f5dd00000001
            private_key_file: apiclient_key.pem
            api_v3_key_file: v3.key

        """

    static let v3Key = "0123456789abcdefghijklmnopqrstuv"
    static let appSecret = "5ec2e75ec2e75ec2e75ec2e75ec2e700"
    static let apiKey = "erp-erp-erp-erp-erp-erp-erp-erp-erp"

    init() throws {
        var template = Array((FileManager.default.temporaryDirectory.path + "/configuration-XXXXXX").utf8CString)
        guard let made = mkdtemp(&template) else { throw CocoaError(.fileWriteUnknown) }
        directory = String(cString: made) + "/"
        try write("secret.txt", Self.appSecret + "\n")
        try write("apiclient_key.pem", ConfigurationTestKeys.privateKey + "\n")
        try write("v3.key", Self.v3Key + "\r\n")
        try write("pub_key.pem", ConfigurationTestKeys.publicKey + "\n", mode: 0o644)
        try write("erp.key", Self.apiKey + "\n")
        try write("short.key", ConfigurationTestKeys.shortPrivateKey + "\n")
        try write("blank.key", " \t\n")
        try write("empty.key", "")
        try write("large.key", String(repeating: "x", count: 65_537))
        try write("catalogue.yaml", "- { sku: tea, name: 茶, price_fen: 1 }\n", mode: 0o644)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    func write(_ name: String, _ contents: some Sequence<UInt8>, mode: Int = 0o600) throws {
        try Data(contents).write(to: URL(fileURLWithPath: directory + name))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: directory + name)
    }

    func write(_ name: String, _ contents: String, mode: Int = 0o600) throws {
        try write(name, Array(contents.utf8), mode: mode)
    }

    /// Loads a configuration out of `server.yaml`.
    func load(
        _ yaml: some Sequence<UInt8>, environment: [String: String] = [:]
    ) throws -> Configuration {
        try write("server.yaml", yaml, mode: 0o644)
        return try Configuration.load(path: directory + "server.yaml", environment: environment)
    }

    func load(_ yaml: String, environment: [String: String] = [:]) throws -> Configuration {
        try load(Array(yaml.utf8), environment: environment)
    }

    /// What is wrong with a configuration, a line each, without the directory.
    func problems(_ yaml: some Sequence<UInt8>, environment: [String: String] = [:]) throws -> [String] {
        do {
            _ = try load(yaml, environment: environment)
            return []
        } catch let errors as ConfigurationErrors {
            return errors.description.split(separator: "\n").map { String($0).replacing(directory, with: "") }
        }
    }

    func problems(_ yaml: String, environment: [String: String] = [:]) throws -> [String] {
        try problems(Array(yaml.utf8), environment: environment)
    }

    /// What is wrong with the minimal configuration after one of its texts was replaced.
    func problems(replacing old: String, with new: String) throws -> [String] {
        try problems(Self.minimal.replacing(old, with: new))
    }
}

extension Secret {
    /// What is inside, for comparison in a test.
    var text: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}
