import PaymentPrimitives
import PaymentServer
import Payments
import Testing

@testable import WeChatPayCommand

@Suite("Loading a configuration")
struct ConfigurationLoadTests {
    let files: ConfigurationFiles

    init() throws {
        files = try ConfigurationFiles()
    }

    static let full = """
        # Everything that can be said.
        server: { host: 0.0.0.0, port: 8443, public_url: "https://pay.example.com/base/", admin_host: "::1", admin_port: 0,
                  trusted_proxies: [ 10.0.0.0/8, "fd00::/8", 192.0.2.1 ] }
        database: sqlite:data/pay.sqlite
        allow_readable_key_files: false
        merchants:
          - id: shop1
            mchid: 1900000001
            role: merchant
            base_url: http://127.0.0.1:8100/
            channel: v3
            apps:
              - { appid: wx0000000000000001, app_secret_file: secret.txt }
              - { appid: wx0000000000000002, app_secret_env: SHOP1_APP_SECRET }
              - appid: wx0000000000000003
            serial_no: "3775b6a45acd588826d15e583a95f5dd00000001"
            private_key_file: ./apiclient_key.pem
            api_v3_key_file: v3.key
            public_key_id: PUB_KEY_ID_0119000000012026010100000001
            public_key_file: pub_key.pem
            owns: { prefix: "S1_", since: 2026-01-31 }
          - mchid: "1900000002"
            apps: [ { appid: wx0000000000000001 } ]
            serial_no: 3775B6A45ACD588826D15E583A95F5DD00000002
            private_key_env: SHOP2_KEY
            api_v3_key_env: SHOP2_V3_KEY
            owns: { prefix: "" }
        policies: { order_ttl: 2h, late_success: deliver }
        clients:
          - { name: erp, merchants: [shop1, "1900000002"], api_key_file: erp.key }
          - { name: pos, merchants: [shop1], api_key_env: POS_KEY }
        shop: { merchant: shop1, appid: wx0000000000000001, till: true, catalogue_file: catalogue.yaml }

        """
    static let environment = [
        "SHOP1_APP_SECRET": "another secret\n", "SHOP2_KEY": ConfigurationTestKeys.privateKey,
        "SHOP2_V3_KEY": "vutsrqponmlkjihgfedcba9876543210", "POS_KEY": "pos-pos-pos-pos-pos-pos-pos-pos-pos",
    ]

    @Test("A service provider has sub-merchants, and a client reaches those in its list, or all")
    func provider() throws {
        let yaml = Self.full.replacing(
            "    apps: [ { appid: wx0000000000000001 } ]\n    serial_no: 3775B6A",
            with: """
                    role: partner
                    sub_merchants:
                      - { sub_mchid: "1900000011", sub_appid: wx0000000000000011 }
                      - { sub_mchid: 1900000012 }
                    apps: [ { appid: wx0000000000000001 } ]
                    serial_no: 3775B6A
                """
        ).replacing(
            "merchants: [shop1, \"1900000002\"]", with: "merchants: [shop1, \"1900000002\"], sub_merchants: [\"1900000012\"]")
        let configuration = try files.load(yaml, environment: Self.environment)
        let provider = try #require(configuration.merchants.last)
        #expect(provider.role == .partner)
        #expect(
            provider.subMerchants == [
                .init(subMchid: "1900000011", subAppid: "wx0000000000000011"), .init(subMchid: "1900000012", subAppid: nil),
            ])
        #expect(configuration.clients.map(\.subMerchants) == [["1900000012"], nil])
        let clients = configuration.apiClients
        #expect(clients[0].scopes == [.init("shop1"), .init("1900000002", subMchids: ["1900000012"])])
        #expect(clients[1].scopes == [.init("shop1")])
        #expect(clients[0].reaches("1900000002", subMchid: "1900000012"))
        #expect(!clients[0].reaches("1900000002", subMchid: "1900000011"))
        #expect(!clients[0].reaches("1900000002", subMchid: nil))
        #expect(clients[0].reaches("shop1", subMchid: nil))
        #expect(!clients[1].reaches("1900000002", subMchid: "1900000012"))
        for (list, complaint) in [
            ("[\"1900000013\"]", "is no sub-merchant of this client's merchants"), ("[]", "must not be empty"),
        ] {
            let error = #expect(throws: ConfigurationErrors.self) {
                try files.load(
                    yaml.replacing("sub_merchants: [\"1900000012\"]", with: "sub_merchants: \(list)"),
                    environment: Self.environment)
            }
            #expect(error?.problems.count == 1 && error?.problems[0].message.hasSuffix(complaint) == true)
        }
    }

    @Test("every key of a full file has its value")
    func full() throws {
        try files.write(
            "catalogue.yaml",
            """
            - sku: tea-1
              name: 龙井茶
              name_en: Longjing tea
              price_fen: 8800
              description: |
                明前
                一级
              description_en: Picked before Qingming, *first* grade
              image: /images/tea.png
            - { sku: cup, name: 杯子, price_fen: 1, image: "https://img.example.com/cup.png" }
            """)
        let configuration = try files.load(Self.full, environment: Self.environment)

        let server = configuration.server
        #expect(server.host == "0.0.0.0" && server.port == 8443 && server.publicURL == "https://pay.example.com/base")
        #expect(server.adminHost == "::1" && server.adminPort == 0)
        #expect(server.trustedProxies == ["10.0.0.0/8", "fd00::/8", "192.0.2.1"])
        #expect(configuration.database == "sqlite://\(files.directory)data/pay.sqlite")
        #expect(configuration.policies.orderTTL == .seconds(7200) && configuration.policies.lateSuccess == .deliver)
        #expect(configuration.warnings.isEmpty)

        let first = try #require(configuration.merchants.first)
        #expect(first.id == "shop1" && first.mchid == "1900000001" && first.role == .merchant && first.channel == .v3)
        #expect(first.baseURL == "http://127.0.0.1:8100")
        #expect(first.apps.map(\.appid) == ["wx0000000000000001", "wx0000000000000002", "wx0000000000000003"])
        #expect(first.apps.map { $0.appSecret?.text } == [ConfigurationFiles.appSecret, "another secret", nil])
        #expect(first.v3?.serialNo == "3775B6A45ACD588826D15E583A95F5DD00000001")
        #expect(first.v3?.privateKeyPEM.text == ConfigurationTestKeys.privateKey)
        #expect(first.v3?.apiV3Key.text == ConfigurationFiles.v3Key)
        #expect(first.v3?.publicKeyID == "PUB_KEY_ID_0119000000012026010100000001")
        #expect(first.v3?.publicKeyPEM == ConfigurationTestKeys.publicKey + "\n")
        #expect(first.owns == .init(prefix: "S1_", since: BeijingDate(year: 2026, month: 1, day: 31)))

        let second = try #require(configuration.merchants.last)
        #expect(configuration.merchants.count == 2 && second.id == "1900000002")
        #expect(second.baseURL == "https://api.mch.weixin.qq.com")
        #expect(second.v3?.privateKeyPEM.text == ConfigurationTestKeys.privateKey)
        #expect(second.v3?.apiV3Key.text == "vutsrqponmlkjihgfedcba9876543210")
        #expect(second.v3?.publicKeyID == nil && second.v3?.publicKeyPEM == nil && second.owns == .init(prefix: "", since: nil))

        #expect(configuration.clients.map(\.name) == ["erp", "pos"])
        #expect(configuration.clients.map(\.merchants) == [["shop1", "1900000002"], ["shop1"]])
        #expect(configuration.clients.map(\.apiKey.text) == [ConfigurationFiles.apiKey, Self.environment["POS_KEY"]])

        #expect(first.subMerchants == nil && configuration.clients[0].subMerchants == nil)
        let shop = try #require(configuration.shop)
        #expect(shop.merchant == "shop1" && shop.appid == "wx0000000000000001" && shop.till)
        #expect(
            shop.catalogue == [
                .init(
                    sku: "tea-1", name: "龙井茶", nameEN: "Longjing tea", price: Money(fen: 8800), description: "明前\n一级\n",
                    descriptionEN: "Picked before Qingming, *first* grade", image: "/images/tea.png"),
                .init(
                    sku: "cup", name: "杯子", nameEN: nil, price: Money(fen: 1), description: "", descriptionEN: nil,
                    image: "https://img.example.com/cup.png"),
            ])
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let shop = "shop: { merchant: \"1900000001\", appid: wx0000000000000001, catalogue_file: catalogue.yaml }\n"
        #expect(try files.load(ConfigurationFiles.minimal + shop).shop?.till == false)
        let configuration = try files.load(ConfigurationFiles.minimal)
        let server = configuration.server
        #expect(server.host == "127.0.0.1" && server.port == 8080 && server.adminHost == "127.0.0.1" && server.adminPort == 9090)
        #expect(server.trustedProxies.isEmpty && configuration.clients.isEmpty && configuration.shop == nil)
        #expect(configuration.database == "sqlite:///var/lib/wechatpay/pay.sqlite")
        #expect(configuration.policies.orderTTL == .seconds(1800) && configuration.policies.lateSuccess == .deliver)
        let merchant = try #require(configuration.merchants.first)
        #expect(merchant.id == "1900000001" && merchant.role == .merchant && merchant.channel == .v3)
        #expect(merchant.owns == .init(prefix: "", since: nil))
    }

    @Test("a byte order mark and Windows line ends change nothing")
    func windows() throws {
        let yaml = [0xEF, 0xBB, 0xBF] + Array(ConfigurationFiles.minimal.replacing("\n", with: "\r\n").utf8)
        #expect(try files.load(yaml).server.publicURL == "https://pay.example.com")
        try files.write("apiclient_key.pem", ConfigurationTestKeys.privateKey.replacing("\n", with: "\r\n") + "\r\n")
        #expect(try files.problems(yaml) == [])
        let wrong = yaml + Array("sevrer: 1\r\n".utf8)
        #expect(try files.problems(wrong) == [#"server.yaml:9:1: unknown key "sevrer"; did you mean "server"?"#])
    }

    @Test("a path without a directory is taken as it stands")
    func noDirectory() {
        let loader = ConfigurationLoader(file: "server.yaml", environment: [:])
        #expect(loader.resolve("v3.key") == "v3.key" && loader.resolve("/etc/v3.key") == "/etc/v3.key")
        #expect(ConfigurationLoader(file: "/etc/w/server.yaml", environment: [:]).resolve("a/v3.key") == "/etc/w/a/v3.key")
    }

    @Test("a plain public URL of another machine is let pass with a warning, one of this machine without")
    func plainPublicURL() throws {
        let plain = ConfigurationFiles.minimal.replacing("https://pay.", with: "http://pay.")
        #expect(
            try files.load(plain).warnings == [
                "\(files.directory)server.yaml:1:23: server.public_url is not https: WeChat sends no notifications there"
            ])
        let local = ConfigurationFiles.minimal.replacing("https://pay.example.com", with: "http://127.0.0.1:8080")
        #expect(try files.load(local).warnings.isEmpty)
    }

    @Test("the environment overrides the server and the database")
    func environment() throws {
        let environment = [
            "WECHATPAY_SERVER_HOST": "::", "WECHATPAY_SERVER_PORT": "80",
            "WECHATPAY_SERVER_PUBLIC_URL": "https://two.example.com",
            "WECHATPAY_SERVER_ADMIN_HOST": "localhost", "WECHATPAY_SERVER_ADMIN_PORT": "81",
            "WECHATPAY_SERVER_TRUSTED_PROXIES": "10.0.0.1, 10.1.0.0/16", "WECHATPAY_DATABASE": "sqlite::memory:",
            "WECHATPAY_MERCHANTS": "x", "WECHATPAY_ALLOW_READABLE_KEY_FILES": "maybe",
        ]
        let without = ConfigurationFiles.minimal.split(separator: "\n").dropFirst(2).joined(separator: "\n")
        for yaml in [ConfigurationFiles.minimal, without] {
            let configuration = try files.load(yaml, environment: environment)
            let server = configuration.server
            #expect(server.host == "::" && server.port == 80 && server.publicURL == "https://two.example.com")
            #expect(server.adminHost == "localhost" && server.adminPort == 81)
            #expect(server.trustedProxies == ["10.0.0.1", "10.1.0.0/16"])
            #expect(configuration.database == "sqlite::memory:")
        }
        let none = ["WECHATPAY_SERVER_TRUSTED_PROXIES": ""]
        let proxies = ConfigurationFiles.minimal.replacing(" }\ndatabase", with: ", trusted_proxies: [ \"::1\" ] }\ndatabase")
        #expect(try files.load(proxies).server.trustedProxies == ["::1"])
        #expect(try files.load(proxies, environment: none).server.trustedProxies == [])
    }

    @Test("a bad override names its variable, after the problems of the file")
    func badEnvironment() throws {
        let environment = [
            "WECHATPAY_SERVER_PORT": "tcp://10.0.0.1:80", "WECHATPAY_SERVER_HOST": "", "WECHATPAY_DATABASE": "mysql://u:pw@h/d",
            "WECHATPAY_SERVER_TRUSTED_PROXIES": "10.0.0.1,proxy", "WECHATPAY_SERVER_PUBLIC_URL": "pay.example.com",
        ]
        let problems = try files.problems(ConfigurationFiles.minimal + "x: 1\n", environment: environment)
        #expect(
            problems == [
                #"server.yaml:9:1: unknown key "x""#,
                "environment variable WECHATPAY_SERVER_HOST: server.host is empty",
                "environment variable WECHATPAY_SERVER_PORT: server.port must be a whole number from 0 to 65535, "
                    + #"not "tcp://10.0.0.1:80""#,
                "environment variable WECHATPAY_SERVER_PUBLIC_URL: server.public_url must be an absolute URL such as "
                    + "https://pay.example.com",
                "environment variable WECHATPAY_SERVER_TRUSTED_PROXIES: server.trusted_proxies must be an IP address or a "
                    + "network such as 10.0.0.0/8",
                "environment variable WECHATPAY_DATABASE: database must be sqlite:///path/of/a/file or postgresql://user@host/name",
            ])
    }
}
