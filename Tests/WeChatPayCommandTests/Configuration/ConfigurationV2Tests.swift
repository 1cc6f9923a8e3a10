import Foundation
import PaymentPrimitives
import Testing
import WeChatPayV2

@testable import WeChatPayCommand

@Suite("API v2 in a configuration")
struct ConfigurationV2Tests {
    let files: ConfigurationFiles

    init() throws {
        files = try ConfigurationFiles()
        try files.write("v2.key", ConfigurationFiles.v3Key + "\n")
    }

    private static let withoutV3 = ConfigurationFiles.minimal
        .replacing("    serial_no: 3775b6a45acd588826d15e583a95f5dd00000001\n", with: "")
        .replacing("    private_key_file: apiclient_key.pem\n", with: "")
        .replacing("    api_v3_key_file: v3.key\n", with: "")

    @Test("The key is enough, and MD5, which is WeChat's own default, the algorithm")
    func alone() throws {
        let merchant = try files.load(Self.withoutV3 + "    channel: v2\n    api_v2_key_file: v2.key\n").merchants[0]
        #expect(merchant.channel == .v2 && merchant.v3 == nil)
        #expect(merchant.v2?.signType == .md5 && merchant.v2?.clientCertificate == nil)
        #expect(merchant.v2?.apiKey.text == ConfigurationFiles.v3Key)
    }

    @Test("Beside API v3 the key is for older payments, whichever of the two new ones go through", arguments: ["v3", "v2"])
    func beside(_ channel: String) throws {
        let merchant = try files.load(
            ConfigurationFiles.minimal + "    channel: \(channel)\n    api_v2_key_env: V2\n    v2_sign_type: HMAC-SHA256\n",
            environment: ["V2": ConfigurationFiles.v3Key]
        ).merchants[0]
        #expect(merchant.channel.rawValue == channel)
        #expect(merchant.v2?.signType == .hmacSHA256 && merchant.v3 != nil)
    }

    @Test(
        "Row 24: an empty, blank, short or missing key is refused, with the file and the line",
        arguments: [
            ("api_v2_key_file: empty.key", "server.yaml:7:22: merchants[0].api_v2_key_file: the file empty.key is empty"),
            ("api_v2_key_file: blank.key", "server.yaml:7:22: merchants[0].api_v2_key_file: the file blank.key is blank"),
            (
                "api_v2_key_file: erp.key",
                "server.yaml:7:22: merchants[0].api_v2_key_file: the file erp.key must hold 32 bytes, not 35"
            ),
            ("api_v2_key_env: V2", "server.yaml:7:21: merchants[0].api_v2_key_env: the environment variable V2 is not set"),
        ])
    func badKeys(_ line: String, _ problem: String) throws {
        #expect(try files.problems(Self.withoutV3 + "    channel: v2\n    \(line)\n") == [problem])
    }

    @Test("A channel without its key, an unknown algorithm and a file that is no certificate are refused")
    func others() throws {
        let missing = try files.problems(Self.withoutV3 + "    channel: v2\n")
        #expect(missing.count == 1 && missing[0].contains("merchants[0].api_v2_key_file"), "\(missing)")
        let wrong = try files.problems(
            Self.withoutV3
                + "    channel: v2\n    api_v2_key_file: v2.key\n    v2_sign_type: SHA1\n    client_certificate_file: erp.key\n")
        #expect(wrong.count == 2, "\(wrong)")
        #expect(wrong.first?.hasPrefix("server.yaml:8:19: merchants[0].v2_sign_type must be") == true, "\(wrong)")
        #expect(wrong.last?.hasPrefix("server.yaml:9:30: merchants[0].client_certificate_file: the file erp.key") == true)
        #expect(!wrong.joined().contains(ConfigurationFiles.apiKey))
    }
}
