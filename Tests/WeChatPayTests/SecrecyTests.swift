import Testing

@testable import WeChatPay

@Suite("Nothing secret is shown")
struct SecrecyTests {
    private static let openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"

    private func texts(_ value: some Any) -> String {
        "\(value) \(String(describing: value)) \(String(reflecting: value)) \(dumped(value)) "
            + "\(dumped([value])) \(dumped(Optional(value)))"
    }

    @Test("a client, its parts and a merchant show numbers, never keys")
    func client() throws {
        let client = try testClient(neverCalled, clock: JumpingClock(), publicKeys: [testPublicKey()])
        let all = [
            texts(client), texts(client.merchant), texts(client.transactions), texts(client.certificates),
            texts(client.notifications),
            texts(client.merchant.privateKey), texts(client.merchant.apiV3Key),
        ]
        // The bytes of the key as `dump` would list them, too.
        let bytes = Array(Platform.apiV3Key.utf8.prefix(3)).map { "- \($0)" }.joined(separator: "\n")
        for text in all {
            #expect(!text.contains(Platform.apiV3Key))
            #expect(!text.contains("BEGIN"))
            #expect(!text.contains(bytes))
        }
        #expect(all[0].contains("1900000001"))
        #expect(all[1].contains("1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C"))
    }

    @Test("a mini-program and a login session show no secret, no session key and no whole openid")
    func login() async throws {
        let transport = ScriptedTransport { _, _ in
            unsigned(200, "{\"openid\":\"\(Self.openid)\",\"session_key\":\"s3cretSession\"}")
        }
        let program = MiniProgram(appid: "wx0000000000000001", secret: Secret("s3cretApp"), transport: transport)
        let session = try await program.login(code: "c")
        #expect(!texts(program).contains("s3cretApp"))
        #expect(!texts(session).contains("s3cretSession"))
        #expect(!texts(session).contains(Self.openid))
    }

    @Test("orders, requests and notifications show no whole openid")
    func openids() async throws {
        let clock = JumpingClock()
        let platform = Platform(clock: clock)
        let body = try platform.notification(orderJSON())
        let notification = try await testClient(neverCalled, clock: clock).notifications.parse(
            headers: platform.headers(body), body: body)
        #expect(!texts(notification).contains(Self.openid))
        #expect(!texts(try Transaction(json: Array(orderJSON().utf8))).contains(Self.openid))
        #expect(!texts(JSAPIPrepayRequest.sample).contains(Self.openid))
    }

    @Test("a merchant with blank numbers, quotes in them or a key of another length is refused")
    func merchant() throws {
        let key = try MerchantPrivateKey(pem: Fixtures.merchantKeyPEM)
        for mchid in ["", " ", "1900\"", "1900\n", String(repeating: "1", count: 33)] {
            #expect(throws: WeChatPayError.invalidArgument) {
                try Merchant(mchid: mchid, serialNo: "AB", privateKey: key, apiV3Key: Secret(Platform.apiV3Key))
            }
        }
        #expect(throws: WeChatPayError.invalidArgument) {
            try Merchant(mchid: "19", serialNo: " ", privateKey: key, apiV3Key: Secret(Platform.apiV3Key))
        }
        for length in [0, 16, 31, 33] {
            #expect(throws: WeChatPayError(.invalidKey, "")) {
                try Merchant(
                    mchid: "19", serialNo: "AB", privateKey: key, apiV3Key: Secret(String(repeating: "k", count: length)))
            }
        }
        for id in ["", "PUB_KEY_ID_", "0114232134912410000000000000", "PUB_KEY_ID_1\n"] {
            #expect(throws: WeChatPayError.invalidArgument) { try WeChatPayPublicKey(id: id, pem: Fixtures.publicKeyPEM) }
        }
    }
}
