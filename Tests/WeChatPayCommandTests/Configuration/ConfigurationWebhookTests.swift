import PaymentPrimitives
import Payments
import Testing

@testable import WeChatPayCommand

@Suite("Webhooks of a configuration")
struct ConfigurationWebhookTests {
    let files: ConfigurationFiles
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

    init() throws {
        files = try ConfigurationFiles()
        try files.write("hook", Self.secret + "\n")
        try files.write("hook.old", Self.other)
        try files.write("hook.bad", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    }

    private func yaml(_ more: String) -> String {
        ConfigurationFiles.minimal + "clients: [ { name: erp, merchants: [\"1900000001\"], api_key_file: erp.key, \(more) } ]\n"
    }

    private func problems(_ more: String) throws -> [String] { try files.problems(yaml(more)) }

    @Test("A client may have one, with two secrets while it moves from one to the other")
    func read() throws {
        let url = "https://erp.example.com/hook/?token=1"
        let one = try files.load(yaml(#"webhook_url: "\#(url)", webhook_secret_file: hook"#)).webhookEndpoints
        #expect(one.map(\.client) == ["erp"] && one.map(\.url) == [url] && one[0].scopes == [.init("1900000001")])
        #expect(one[0].keys.map(\.count) == [24] && !one[0].allowsPrivateAddresses)
        let two = try files.load(
            yaml(
                "webhook_url: http://127.0.0.1:1/, webhook_secret_env: HOOK, webhook_previous_secret_file: hook.old, "
                    + "webhook_allow_private: true"),
            environment: ["HOOK": Self.secret]
        ).webhookEndpoints
        #expect(two[0].keys.map(\.count) == [24, 32] && two[0].allowsPrivateAddresses)
        #expect(two[0].keys[0] == one[0].keys[0])
        #expect(try files.load(ConfigurationFiles.minimal).webhookEndpoints.isEmpty)
    }

    @Test(
        "An address that leads to this machine or its network needs to be allowed, and http leads nowhere else",
        arguments: [
            "https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/", "https://[::1]/", "https://localhost/",
            "https://[::ffff:127.0.0.1]/",
        ])
    func privateAddresses(_ url: String) throws {
        let text = "clients[0].webhook_url leads to this machine or its network; set webhook_allow_private: true if that is meant"
        #expect(try problems("webhook_url: \"\(url)\", webhook_secret_file: hook") == ["server.yaml:9:88: \(text)"])
        #expect(try problems("webhook_url: \"\(url)\", webhook_secret_file: hook, webhook_allow_private: true").isEmpty)
    }

    @Test("What cannot be meant is refused, with its place and without its secret")
    func refused() throws {
        let plain =
            "clients[0].webhook_url must begin with https:// (http:// is for this machine alone, with webhook_allow_private: true)"
        #expect(
            try problems("webhook_url: http://erp.example.com/, webhook_secret_file: hook, webhook_allow_private: true")
                == ["server.yaml:9:88: \(plain)"])
        #expect(try problems("webhook_url: http://127.0.0.1/, webhook_secret_file: hook") == ["server.yaml:9:88: \(plain)"])
        #expect(
            try problems("webhook_url: https://a:b@erp.example.com/, webhook_secret_file: hook")
                == ["server.yaml:9:88: clients[0].webhook_url must be a URL without user, password and fragment"])
        #expect(
            try problems("webhook_url: https://erp.example.com/")
                == ["server.yaml:9:12: clients[0].webhook_secret_file is missing (or webhook_secret_env)"])
        #expect(
            try problems("webhook_secret_file: hook")
                == ["server.yaml:9:96: clients[0].webhook_secret_file is there, but webhook_url is missing"])
        let bad = try problems("webhook_url: https://erp.example.com/, webhook_secret_file: hook.bad")
        #expect(bad.count == 1 && bad[0].hasSuffix("must hold whsec_ and 24 to 64 random bytes in Base64"))
        #expect(!bad[0].contains("MfKQ"))
        let twins = try problems(
            "webhook_url: https://erp.example.com/, webhook_secret_file: hook, webhook_previous_secret_file: hook")
        #expect(twins.count == 1 && twins[0].hasSuffix("gives the same secret as webhook_secret; it is for the one before"))
    }
}
