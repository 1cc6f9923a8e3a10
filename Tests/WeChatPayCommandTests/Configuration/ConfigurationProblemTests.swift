import Testing

@testable import WeChatPayCommand

@Suite("Problems of a configuration")
struct ConfigurationProblemTests {
    /// The minimal configuration with one text replaced, and all that is said about it.
    struct Case: CustomTestStringConvertible {
        let old: String
        let new: String
        let expected: [String]

        init(_ old: String, _ new: String, _ expected: String...) {
            self.old = old
            self.new = new
            self.expected = expected
        }

        var testDescription: String { "\(old) → \(new)" }
    }

    private static let publicURL = #"public_url: "https://pay.example.com""#
    private static let database = #""sqlite:///var/lib/wechatpay/pay.sqlite""#
    private static let apps = "[ { appid: wx0000000000000001, app_secret_file: secret.txt } ]"
    private static let serial = "serial_no: 3775b6a45acd588826d15e583a95f5dd00000001"
    private static let end = "api_v3_key_file: v3.key\n"

    static let server = [
        Case(
            publicURL, "port: eighty",
            "server.yaml:1:9: server.public_url is missing",
            #"server.yaml:1:17: server.port must be a whole number from 0 to 65535, not "eighty""#),
        Case(
            "server: {", "server: { port: 65536,",
            #"server.yaml:1:17: server.port must be a whole number from 0 to 65535, not "65536""#),
        Case(
            "server: {", "server: { port: -1,", #"server.yaml:1:17: server.port must be a whole number from 0 to 65535, not "-1""#
        ),
        Case(
            "server: {", "server: { port: 8_0,",
            #"server.yaml:1:17: server.port must be a whole number from 0 to 65535, not "8_0""#),
        Case(
            "server: {", "server: { port: 99999999999999999999999,",
            "server.yaml:1:17: server.port must be a whole number from 0 to 65535, not a text of 23 characters"),
        Case("server: {", "server: { port: [ 80 ],", "server.yaml:1:17: server.port must be one value, not a list or a mapping"),
        Case("server: {", "server: { port: ,", "server.yaml:1:17: server.port has no value"),
        Case("server: {", "server: { host: ~,", "server.yaml:1:17: server.host has no value"),
        Case("server: {", "server: { host: \"\",", "server.yaml:1:17: server.host is empty"),
        Case(
            "server: {", "server: { host: \"a\\nb\",",
            "server.yaml:1:17: server.host must not contain line ends or control characters"),
        Case("server: {", "server: { host: a/b,", "server.yaml:1:17: server.host must be an IP address or a host name"),
        Case("server: {", "server: { port: 9090,", "server.yaml:1:9: server.admin_port must not be the same as server.port"),
        Case(
            "server: {", "server: { publicUrl: x,",
            #"server.yaml:1:11: unknown key "publicUrl" in server; did you mean "public_url"?"#),
        Case("server: {", "server: { trusted_proxies: 10.0.0.1,", "server.yaml:1:28: server.trusted_proxies must be a list"),
        Case(
            "server: {", "server: { trusted_proxies: [ 10.0.0.1, 10.0.0.0/33, x/8, \"::1/129\" ],",
            "server.yaml:1:40: server.trusted_proxies[1] must be an IP address or a network such as 10.0.0.0/8",
            "server.yaml:1:53: server.trusted_proxies[2] must be an IP address or a network such as 10.0.0.0/8",
            "server.yaml:1:58: server.trusted_proxies[3] must be an IP address or a network such as 10.0.0.0/8"),
        Case(
            "https://pay.example.com", "pay.example.com",
            "server.yaml:1:23: server.public_url must be an absolute URL such as https://pay.example.com"),
        Case(
            "https://pay.example.com", "ftp://pay.example.com",
            "server.yaml:1:23: server.public_url must be an absolute URL such as https://pay.example.com"),
        Case(
            "https://pay.example.com", "https://",
            "server.yaml:1:23: server.public_url must be an absolute URL such as https://pay.example.com"),
        Case(
            "https://pay.example.com", "https://pay.example.com/?a=b",
            "server.yaml:1:23: server.public_url must be a URL without user, password, query and fragment"),
        Case(
            "https://pay.example.com", "https://a:b@pay.example.com",
            "server.yaml:1:23: server.public_url must be a URL without user, password, query and fragment"),
        Case("server: { \(publicURL) }", "server:", "server.yaml:1:8: server must be a mapping of keys to values"),
        Case("server: { \(publicURL) }", "policies: {}", "server.yaml:1:1: server.public_url is missing"),
        Case("database: \(database)\n", "", "server.yaml:1:1: database is missing"),
        Case(
            database, "postgresql://u:hun@ter2@h/pay",
            "server.yaml:2:11: database is not an address of PostgreSQL: there is more than one @, or one after the hosts: "
                + "write @ / ? of a password as %40 %2F %3F; write postgresql://user:password@host:5432/name"),
        Case(database, "\"sqlite:\"", "server.yaml:2:11: database must be sqlite:///path/of/a/file, without ?, # and %"),
        Case(database, "sqlite:///a?mode=ro", "server.yaml:2:11: database must be sqlite:///path/of/a/file, without ?, # and %"),
        Case(
            "server: {", "allow_readable_key_files: yes\nserver: {",
            #"server.yaml:1:27: allow_readable_key_files must be true or false, not "yes""#),
    ]

    static let merchants = [
        Case("mchid: \"1900000001\"", "role: merchant", "server.yaml:4:5: merchants[0].mchid is missing"),
        Case("\"1900000001\"", "19-00", "server.yaml:4:12: merchants[0].mchid must be 1 to 32 digits"),
        Case("mchid:", "id: a b\n    mchid:", "server.yaml:4:9: merchants[0].id must be 1 to 32 letters, digits, _ and -"),
        Case(
            "mchid:", "role: partner\n    mchid:", "server.yaml:4:5: merchants[0].sub_merchants is missing"),
        Case(
            "mchid:", "role: partner\n    sub_merchants: []\n    mchid:",
            "server.yaml:5:20: merchants[0].sub_merchants must not be empty"),
        Case(
            "mchid:", "sub_merchants: [ { sub_mchid: \"1900000011\" } ]\n    mchid:",
            "server.yaml:4:20: merchants[0].sub_merchants is for the role partner alone"),
        Case(
            "mchid:",
            """
            role: partner
                sub_merchants:
                  - { sub_mchid: "1900000011", sub_appid: wx0000000000000011 }
                  - { sub_mchid: "1900000011" }
                  - { sub_appid: "w x" }
                  - { sub_mchid: x, sub_appd: wx1 }
                mchid:
            """,
            "server.yaml:7:22: merchants[0].sub_merchants[1].sub_mchid is already taken by merchants[0].sub_merchants[0]",
            "server.yaml:8:9: merchants[0].sub_merchants[2].sub_mchid is missing",
            "server.yaml:8:22: merchants[0].sub_merchants[2].sub_appid must be 1 to 32 letters and digits",
            "server.yaml:9:22: merchants[0].sub_merchants[3].sub_mchid must be 1 to 32 digits",
            #"server.yaml:9:25: unknown key "sub_appd" in merchants[0].sub_merchants[3]; did you mean "sub_appid"?"#),
        Case(
            "mchid:", "role: cook\n    mchid:", #"server.yaml:4:11: merchants[0].role must be merchant or partner, not "cook""#),
        Case(
            "mchid:", "channel: cloud\n    mchid:",
            "server.yaml:4:14: merchants[0].channel must be v3 or v2: cloud is not in this version"),
        Case(
            "mchid:", "base_url: http://pay.example.com\n    mchid:",
            "server.yaml:4:15: merchants[0].base_url must begin with https:// (http:// is for this machine alone)"),
        Case(
            "mchid:", "base_url: http://127.evil.example.com\n    mchid:",
            "server.yaml:4:15: merchants[0].base_url must begin with https:// (http:// is for this machine alone)"),
        Case(apps, "[]", "server.yaml:5:11: merchants[0].apps must not be empty"),
        Case("    apps: \(apps)\n", "", "server.yaml:4:5: merchants[0].apps is missing"),
        Case(
            apps, "[ { app_secret_file: secret.txt }, wx1 ]",
            "server.yaml:5:13: merchants[0].apps[0].appid is missing",
            "server.yaml:5:46: merchants[0].apps[1] must be a mapping of keys to values"),
        Case(
            apps, "[ { appid: wx1 }, { appid: wx1 } ]",
            "server.yaml:5:38: merchants[0].apps[1].appid is already taken by merchants[0].apps[0]"),
        Case(
            apps, "[ { appid: wx-1, app_secret: abc } ]",
            #"server.yaml:5:22: merchants[0].apps[0].appid must be 1 to 32 letters and digits"#,
            #"server.yaml:5:28: unknown key "app_secret" in merchants[0].apps[0]; did you mean "app_secret_file"?"#),
        Case(
            apps, "[ { appid: wx1, app_secret_file: secret.txt, app_secret_env: S } ]",
            "server.yaml:5:72: merchants[0].apps[0].app_secret_file and app_secret_env are both there; keep one"),
        Case(
            serial, "x_no: 1",
            "server.yaml:4:5: merchants[0].serial_no is missing", #"server.yaml:6:5: unknown key "x_no" in merchants[0]"#),
        Case(serial, "serial_no: 3775", "server.yaml:6:16: merchants[0].serial_no must be 40 hexadecimal digits"),
        Case(
            "private_key_file", "privat_key_file",
            "server.yaml:4:5: merchants[0].private_key_file is missing (or private_key_env)",
            #"server.yaml:7:5: unknown key "privat_key_file" in merchants[0]; did you mean "private_key_file"?"#),
        Case(
            "private_key_file", "private_key",
            "server.yaml:4:5: merchants[0].private_key_file is missing (or private_key_env)",
            #"server.yaml:7:5: unknown key "private_key" in merchants[0]; did you mean "private_key_file"?"#),
        Case(
            "apiclient_key.pem", "nowhere.pem",
            "server.yaml:7:23: merchants[0].private_key_file: the file nowhere.pem does not exist"),
        Case(
            "apiclient_key.pem", "./short.key",
            "server.yaml:7:23: merchants[0].private_key_file: the file ./short.key is not a PEM RSA private key of 2048 bits or "
                + "more (apiclient_key.pem)"),
        Case(
            "apiclient_key.pem", "pub_key.pem",
            "server.yaml:7:23: merchants[0].private_key_file: the file pub_key.pem may be read or changed by others (mode 0644); "
                + "give it mode 0600, or set allow_readable_key_files: true"),
        Case("apiclient_key.pem", "./", "server.yaml:7:23: merchants[0].private_key_file: the file ./ is not a file"),
        Case("v3.key", "empty.key", "server.yaml:8:22: merchants[0].api_v3_key_file: the file empty.key is empty"),
        Case("v3.key", "blank.key", "server.yaml:8:22: merchants[0].api_v3_key_file: the file blank.key is blank"),
        Case("v3.key", "large.key", "server.yaml:8:22: merchants[0].api_v3_key_file: the file large.key is larger than 64 KiB"),
        Case("v3.key", "erp.key", "server.yaml:8:22: merchants[0].api_v3_key_file: the file erp.key must hold 32 bytes, not 35"),
        Case(
            "api_v3_key_file: v3.key", "api_v3_key_env: V3_KEY",
            "server.yaml:8:21: merchants[0].api_v3_key_env: the environment variable V3_KEY is not set"),
        Case("    api_v3_key_file: v3.key\n", "", "server.yaml:4:5: merchants[0].api_v3_key_file is missing (or api_v3_key_env)"),
        Case(
            end, "\(end)    public_key_id: PUB_KEY_ID_1\n",
            "server.yaml:4:5: merchants[0].public_key_file is missing: public_key_id needs it"),
        Case(
            end, "\(end)    public_key_file: pub_key.pem\n",
            "server.yaml:4:5: merchants[0].public_key_id is missing: public_key_file needs it"),
        Case(
            end, "\(end)    public_key_id: 0119\n    public_key_file: secret.txt\n",
            "server.yaml:9:20: merchants[0].public_key_id must begin with PUB_KEY_ID_ and go on with letters and digits",
            "server.yaml:10:22: merchants[0].public_key_file: the file secret.txt is not a PEM RSA public key of 2048 bits "
                + "or more (pub_key.pem)"),
        Case(
            end, "\(end)    owns: { since: 2026-02-30, prefix: a/b }\n",
            #"server.yaml:9:20: merchants[0].owns.since must be a date such as 2026-01-31, not "2026-02-30""#,
            "server.yaml:9:40: merchants[0].owns.prefix must be 0 to 31 letters, digits, _, -, | and *"),
        Case(
            end,
            end + """
                  - { mchid: "1900000001", apps: [ { appid: wx1 } ], serial_no: 3775b6a45acd588826d15e583a95f5dd00000001,
                      private_key_file: apiclient_key.pem, api_v3_key_file: v3.key }

                """, "server.yaml:9:5: merchants[1].id is already taken by merchants[0]",
            "server.yaml:9:14: merchants[1].mchid is already taken by merchants[0]"),
    ]

    static let others = [
        Case(
            "merchants:", "merchants: []\nalerts:",
            "server.yaml:3:12: merchants must not be empty", "server.yaml:4:1: alerts is not in this version; remove it"),
        Case(
            end, "\(end)policies: { order_ttl: 59s }\n",
            #"server.yaml:9:24: policies.order_ttl must be a duration from 1m to 7d, such as 90s, 30m, 2h or 1d, not "59s""#),
        Case(
            end, "\(end)policies: { order_ttl: 8d }\n",
            #"server.yaml:9:24: policies.order_ttl must be a duration from 1m to 7d, such as 90s, 30m, 2h or 1d, not "8d""#),
        Case(
            end, "\(end)policies: { order_ttl: 9999999999999999d }\n",
            "server.yaml:9:24: policies.order_ttl must be a duration from 1m to 7d, such as 90s, 30m, 2h or 1d, "
                + #"not "9999999999999999d""#),
        Case(
            end, "\(end)policies: { order_ttl: m, late_success: refund, double_payment: keep, repair: report }\n",
            #"server.yaml:9:24: policies.order_ttl must be a duration from 1m to 7d, such as 90s, 30m, 2h or 1d, not "m""#,
            "server.yaml:9:41: policies.late_success must be deliver: refund is not in this version",
            "server.yaml:9:65: policies.double_payment must be refund, not \"keep\"",
            "server.yaml:9:71: policies.repair is not in this version; remove it"),
        Case(
            end,
            """
            \(end)    cloud: {}
                cashier: {}
            clients: [ { name: erp, merchants: ["1900000001"], api_key_file: erp.key, webhook_url: x, webhook_secret_file: x } ]

            """,
            "server.yaml:9:5: merchants[0].cloud is not in this version; remove it",
            "server.yaml:10:5: merchants[0].cashier is not in this version; remove it",
            "server.yaml:11:88: clients[0].webhook_url must be an absolute URL such as https://erp.example.com/hook",
            "server.yaml:11:112: clients[0].webhook_secret_file: the file that it names does not exist"),
        Case(
            end,
            """
            \(end)clients:
              - { name: erp, merchants: ["1900000001"], api_key_file: erp.key }
              - { name: erp, merchants: [shop2], api_key_file: ./erp.key }
              - { name: pos, merchants: [], api_key_file: v3.key }
              - { name: till, api_key_file: secret.txt }
              - { name: web, merchants: ["1900000001"], api_key_env: WEB_KEY }

            """,
            "server.yaml:11:13: clients[1].name is already taken by clients[0]",
            #"server.yaml:11:30: clients[1].merchants[0]: there is no merchant with the id "shop2""#,
            "server.yaml:11:52: clients[1].api_key_file gives the same key as clients[0]",
            "server.yaml:12:29: clients[2].merchants must not be empty",
            "server.yaml:13:5: clients[3].merchants is missing",
            "server.yaml:14:58: clients[4].api_key_env: the environment variable WEB_KEY is not set"),
        Case(
            end, "\(end)clients: [ { name: erp, merchants: [\"1900000001\"], api_key_file: short.key } ]\n",
            "server.yaml:9:66: clients[0].api_key_file: the file short.key must hold 32 or more visible "
                + "ASCII characters without spaces"
        ),
        Case(
            end, "\(end)shop: { merchant: shop2, appid: wx1, catalogue_file: catalogue.yaml }\n",
            #"server.yaml:9:19: shop.merchant names no merchant: there is none with the id "shop2""#),
        Case(
            end, "\(end)shop: { merchant: \"1900000001\", appid: wx1, catalogue_file: ./none }\n",
            "server.yaml:9:40: shop.appid is none of the apps of merchant 1900000001",
            "server.yaml:9:61: shop.catalogue_file: the file ./none does not exist"),
    ]

    @Test("each problem has its file, line, column and words", arguments: server + merchants + others)
    func golden(_ example: Case) throws {
        let files = try ConfigurationFiles()
        let found = try files.problems(replacing: example.old, with: example.new)
        #expect(found == example.expected)
    }

    @Test("a shop needs an app secret and a catalogue")
    func shop() throws {
        let yaml =
            ConfigurationFiles.minimal.replacing(", app_secret_file: secret.txt", with: "")
            + "shop: { merchant: \"1900000001\", appid: wx0000000000000001 }\n"
        #expect(
            try ConfigurationFiles().problems(yaml) == [
                "server.yaml:9:7: shop.catalogue_file is missing",
                "server.yaml:9:40: shop.appid needs an app_secret_file (or app_secret_env) in the apps of merchant 1900000001",
            ])
    }

    @Test("problems of the catalogue name its own file")
    func catalogue() throws {
        let files = try ConfigurationFiles()
        let yaml =
            ConfigurationFiles.minimal
            + "shop: { merchant: \"1900000001\", appid: wx0000000000000001, catalogue_file: catalogue.yaml }\nx: 1\n"
        try files.write(
            "catalogue.yaml",
            """
            - { sku: tea, name: 茶, price_fen: 0 }
            - { sku: tea, name: 茶, price_fen: 1.5, image: //evil.example.com/a.png }
            - { sku: a b, name: "", price: 3 }
            - cup
            """)
        let found = try files.problems(yaml)
        #expect(
            found == [
                #"server.yaml:10:1: unknown key "x""#,
                #"catalogue.yaml:1:35: product 1.price_fen must be a whole number from 1 to 2147483647, not "0""#,
                #"catalogue.yaml:2:10: product 2.sku is already taken by product 1"#,
                #"catalogue.yaml:2:35: product 2.price_fen must be a whole number from 1 to 2147483647, not "1.5""#,
                "catalogue.yaml:2:47: product 2.image must be a URL, or a path that begins with /",
                "catalogue.yaml:3:3: product 3.price_fen is missing",
                "catalogue.yaml:3:10: product 3.sku must be 1 to 64 letters, digits, _ and -",
                "catalogue.yaml:3:21: product 3.name is empty",
                #"catalogue.yaml:3:25: unknown key "price" in product 3; did you mean "price_fen"?"#,
                "catalogue.yaml:4:3: product 4 must be a mapping of keys to values",
            ])
        for (contents, problem) in [
            ("", "catalogue.yaml:1:1: the file is empty"),
            ("[]", "catalogue.yaml:1:1: a catalogue must be a list of products, with at least one"),
            ("tea: 1", "catalogue.yaml:1:1: a catalogue must be a list of products, with at least one"),
            ("- [", "catalogue.yaml:2:1: not YAML: while parsing a flow node: did not find expected node content"),
        ] {
            try files.write("catalogue.yaml", contents)
            #expect(try files.problems(yaml) == [#"server.yaml:10:1: unknown key "x""#, problem])
        }
    }
}
