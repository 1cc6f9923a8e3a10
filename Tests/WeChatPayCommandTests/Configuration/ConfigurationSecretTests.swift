import Foundation
import Testing

@testable import WeChatPayCommand

@Suite("Secrets of a configuration")
struct ConfigurationSecretTests {
    let files: ConfigurationFiles

    init() throws {
        files = try ConfigurationFiles()
    }

    private func load(mode: Int, allow: Bool) throws -> [String] {
        try files.write("v3.key", ConfigurationFiles.v3Key, mode: mode)
        return try files.load("allow_readable_key_files: \(allow)\n" + ConfigurationFiles.minimal).warnings
    }

    @Test(
        "a key file that only its owner may write and others may not read passes", arguments: [0o600, 0o400, 0o640, 0o440, 0o700])
    func goodModes(_ mode: Int) throws {
        #expect(try load(mode: mode, allow: false) == [])
        #expect(try load(mode: mode, allow: true) == [])
    }

    @Test(
        "a key file that others may read or change is refused, or warned about where that is allowed",
        arguments: [0o644, 0o604, 0o660, 0o620, 0o602, 0o666, 0o444, 0o777, 0o664])
    func badModes(_ mode: Int) throws {
        let words =
            "merchants[0].api_v3_key_file: the file \(files.directory)v3.key may be read or changed by others "
            + "(mode 0\(String(mode, radix: 8)))"
        let errors = try #require(throws: ConfigurationErrors.self) { try load(mode: mode, allow: false) }
        #expect(
            errors.description
                == "\(files.directory)server.yaml:9:22: \(words); give it mode 0600, or set allow_readable_key_files: true")
        #expect(
            try load(mode: mode, allow: true)
                == ["\(files.directory)server.yaml:9:22: \(words); allow_readable_key_files lets it pass"])
    }

    @Test("a symbolic link counts as the file that it leads to")
    func links() throws {
        try FileManager.default.createSymbolicLink(atPath: files.directory + "link.key", withDestinationPath: "v3.key")
        let yaml = ConfigurationFiles.minimal.replacing(" v3.key", with: " link.key")
        #expect(try files.problems(yaml) == [])
        try files.write("v3.key", ConfigurationFiles.v3Key, mode: 0o644)
        #expect(try files.problems(yaml).count == 1)
    }

    @Test("a FIFO does not hold up the start")
    func fifo() throws {
        #expect(mkfifo(files.directory + "fifo.key", 0o600) == 0)
        #expect(
            try files.problems(replacing: " v3.key", with: " fifo.key")
                == ["server.yaml:8:22: merchants[0].api_v3_key_file: the file fifo.key is not a file"])
    }

    @Test("a secret written where it does not belong is not repeated in the problem")
    func notRepeated() throws {
        let secrets = [
            "s3cr3ts3cr3ts3cr3ts3cr3ts3cr3t00", "S3CR3TS3CR3TS3CR3TS3CR3TS3CR3T00", "s3cr3t/s3cr3ts3cr3t+s3cr3ts3cr3t",
            "/s3cr3ts3cr3ts3cr3ts3cr3ts3cr3t+",
        ]
        let places = [
            "v3.key": "file", "secret.txt": "file", "apiclient_key.pem": "file", "\"1900000001\"": "mchid",
            "wx0000000000000001": "appid", "3775b6a45acd588826d15e583a95f5dd00000001": "serial",
            "https://pay.example.com": "URL", "\"sqlite:///var/lib/wechatpay/pay.sqlite\"": "database",
            "serial_no": "key", "server: {": "key", "api_v3_key_file: v3.key": "flow",
        ]
        for secret in secrets {
            for (old, kind) in places {
                let new =
                    switch kind {
                    case "key" where old == "server: {": "server: { \(secret): 1, port: \(secret), \(secret)"
                    case "flow": "api_v3_key_env: \(secret)\n    api_v3_key_file \(secret): x\n    channel: \(secret)"
                    case "URL": "https://user:\(secret)@pay.example.com"
                    default: secret
                    }
                let problems = try files.problems(replacing: old, with: new)
                #expect(!problems.isEmpty || (kind == "appid" && !secret.contains("/")), "\(old)")
                #expect(!problems.contains { $0.lowercased().contains("s3cr3t") }, "\(old): \(problems)")
            }
            let broken = ConfigurationFiles.minimal + "api_v3_key: \"\(secret)\n  x: [\n\(secret): \(secret): \(secret)\n"
            #expect(try !files.problems(broken).isEmpty)
            #expect(try !files.problems(broken).contains { $0.contains(secret) })
            let twice = ConfigurationFiles.minimal + "\(secret): 1\n\(secret): 2\n"
            #expect(try files.problems(twice).count == 1)
            #expect(try !files.problems(twice).contains { $0.contains(secret) })
        }
    }

    @Test("what is in key files and in the environment is in no problem and in no description")
    func notShown() throws {
        let environment = [
            "V3": "s3cr3t", "APP": "s3cr3t", "KEY": "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----",
        ]
        let yaml = ConfigurationFiles.minimal
            .replacing("api_v3_key_file: v3.key", with: "api_v3_key_env: V3")
            .replacing("private_key_file: apiclient_key.pem", with: "private_key_env: KEY")
        #expect(
            try files.problems(yaml, environment: environment) == [
                "server.yaml:7:22: merchants[0].private_key_env: the environment variable KEY is not a PEM RSA private key of "
                    + "2048 bits or more (apiclient_key.pem)",
                "server.yaml:8:21: merchants[0].api_v3_key_env: the environment variable V3 must hold 32 bytes, not 6",
            ])
        let dumped = String(reflecting: try files.load(ConfigurationFiles.minimal))
        #expect(dumped.contains("1900000001"))
        for secret in [ConfigurationFiles.v3Key, ConfigurationFiles.appSecret, "BEGIN"] {
            #expect(!dumped.contains(secret))
        }
    }
}
