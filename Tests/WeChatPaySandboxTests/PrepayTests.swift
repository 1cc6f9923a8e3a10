import PaymentPrimitives
import Testing

@testable import WeChatPaySandbox

@Suite("Placing an order")
struct PrepayTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let pointer: String
        let value: JSONValue?
        let message: String
        var testDescription: String { "\(pointer) = \(value?.json ?? "nothing")" }

        init(_ pointer: String, _ value: JSONValue?, _ message: String) {
            self.pointer = pointer
            self.value = value
            self.message = message
        }
    }

    private static let required = "必填性规则校验失败，此字段为必填项"
    private static let string = "此字段需要一个合法的字符串"
    private static let integer = "此字段需要一个合法的 64 位有符号整数"
    private static func long(_ unit: String, _ count: Int) -> JSONValue { .string(String(repeating: unit, count: count)) }

    static let missing: [Row] = [
        "appid", "mchid", "description", "out_trade_no", "notify_url", "amount", "amount/total", "payer", "payer/openid",
    ].map { Row("/" + $0, nil, required) }

    static let wrongType: [Row] =
        ["appid", "mchid", "description", "out_trade_no", "attach", "time_expire", "notify_url", "goods_tag", "payer/openid"]
        .map { Row("/" + $0, .number("1"), string) }
        + [JSONValue.null, "100", .number("1.0"), .number("1e2"), .number("9223372036854775808"), true]
        .map { Row("/amount/total", $0, integer) }
        + [
            Row("/amount", .array([]), "此字段需要一个合法的JSON对象"), Row("/payer", "x", "此字段需要一个合法的JSON对象"),
            Row("/support_fapiao", "true", "此字段需要一个合法的布尔值"), Row("/limit_pay", "no_credit", "此字段需要一个合法的数组"),
            Row("/settle_info/profit_sharing", .number("1"), "此字段需要一个合法的布尔值"),
            Row("/attach", .null, string),
        ]

    static let length: [Row] = [
        Row("/out_trade_no", "1234", "字节数 4，小于最小值 6"), Row("/out_trade_no", long("a", 33), "字节数 33，大于最大值 32"),
        Row("/description", "", "字节数 0，小于最小值 1"), Row("/description", long("汉", 43), "字节数 129，大于最大值 127"),
        Row("/attach", long("a", 129), "字节数 129，大于最大值 128"),
        Row("/notify_url", .string("https://e.com/" + String(repeating: "a", count: 242)), "字节数 256，大于最大值 255"),
        Row("/goods_tag", long("a", 33), "字节数 33，大于最大值 32"), Row("/amount/total", .number("0"), "值低于最小值 1"),
        Row("/amount/total", .number("-1"), "值低于最小值 1"), Row("/payer/openid", long("a", 129), "字节数 129，大于最大值 128"),
        Row("/amount/total", .number("1000000000001"), "值高于最大值 1000000000000"),
        Row("/amount/currency", long("a", 17), "字节数 17，大于最大值 16"),
        Row("/scene_info/payer_client_ip", long("a", 46), "字节数 46，大于最大值 45"),
    ]

    static let charset: [Row] = [
        Row("/out_trade_no", "ORDER 001", "字符串不匹配正则表达式"), Row("/out_trade_no", "订单订单", "字符串不匹配正则表达式"),
        Row("/out_trade_no", "ORDER@001", "字符串不匹配正则表达式"), Row("/mchid", "19000000O1", "字符串不匹配正则表达式"),
        Row("/description", "coffee ☕️😀", "只支持1至3字节的UTF-8字符"), Row("/amount/currency", "USD", "货币类型不合法"),
        Row("/time_expire", "2023-11-15 06:13:20", "时间格式应为"), Row("/time_expire", "2023-11-15T06:13:20", "时间格式应为"),
        Row("/time_expire", "2023-02-30T06:13:20+08:00", "时间格式应为"), Row("/payer/openid", "oNobody", "无效的openid"),
        Row("/payer/openid", "oSandboxBuyer000000000000003", "无效的openid"),
        Row("/mchid", "1900000002", "http header中的mchid与post payload中的mchid不匹配"),
        Row("/notify_url", "https://pay.example.com/n?x=1", "通知地址"), Row("/notify_url", "http://pay.example.com/n", "通知地址"),
        Row("/notify_url", "ftp://pay.example.com/n", "通知地址"), Row("/notify_url", "https://pay.example.com", "通知地址"),
        Row("/notify_url", "pay.example.com/n", "通知地址"), Row("/notify_url", "https://user@pay.example.com/n", "通知地址"),
    ]

    @Test("A wrong field is a PARAM_ERROR that names it", arguments: missing + wrongType + length + charset)
    func validation(_ row: Row) async throws {
        let caller = try makeSandbox()
        let reply = try await caller.prepay("ORDER0001", [String(row.pointer.dropFirst()): row.value])
        #expect(reply.status == 400)
        #expect(reply.code == "PARAM_ERROR")
        #expect(reply.message?.contains(row.message) == true, "\(reply.body)")
        #expect(reply.json["detail"]?["location"]?.string == "body")
        #expect(reply.json["detail"]?["field"]?.string == row.pointer)
        #expect(reply.json["detail"]?["issue"]?.string?.isEmpty == false)
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001") == nil)
    }

    @Test(
        "Text that is not one JSON object is refused",
        arguments: ["", "{", "[]", "{\"a\":1,\"a\":2}", "{\"a\":01}", "{} x", "\u{FEFF}{}", "{\"a\":\"\\ud800\"}"])
    func notJSON(_ text: String) async throws {
        let reply = try await makeSandbox().send("POST", Caller.jsapi, text)
        #expect(reply.status == 400)
        #expect(reply.code == "PARAM_ERROR")
    }

    @Test("A live length message is repeated to the byte")
    func liveText() async throws {
        let caller = try makeSandbox()
        let reply = try await caller.query("1234")
        #expect(reply.message == "输入源“/uri_template/out_trade_no”映射到值字段“商户订单号”字符串规则校验失败，字节数 4，小于最小值 6")
        #expect(reply.json["detail"]?["location"]?.string == "uri_template")
        #expect(reply.json["detail"]?["value"]?.int64 == 4)
    }

    @Test("Lengths are counted in bytes: 42 Chinese characters fit, and all optional fields are known")
    func accepted() async throws {
        let caller = try makeSandbox(strict: true)
        let reply = try await caller.prepay(
            "a-b_c|d*1",
            [
                "description": Self.long("汉", 42), "goods_tag": "TAG", "support_fapiao": true, "limit_pay": .array(["no_credit"]),
                "detail": .record(("cost_price", .integer(1)), ("invoice_id", "1")),
                "scene_info": .record(("payer_client_ip", "127.0.0.1"), ("device_id", "D1")),
                "settle_info/profit_sharing": false, "time_expire": "2023-11-15T08:00:00+08:00",
            ])
        #expect(reply.status == 200, "\(reply.body)")
        let id = try #require(reply.json["prepay_id"]?.string)
        #expect(id.utf8.count == 36)
        #expect(id.hasPrefix("wx20231115061320"))
    }

    @Test("Another app than the merchant's is APPID_MCHID_NOT_MATCH")
    func appid() async throws {
        let reply = try await makeSandbox().prepay("ORDER0001", ["appid": "wx0000000000000002"])
        #expect(reply.status == 400)
        #expect(reply.code == "APPID_MCHID_NOT_MATCH")
        #expect(reply.header("Request-ID")?.hasSuffix("-268445527") == true)
    }

    @Test("The same order again gets a fresh prepay_id, whatever the order of its fields; a different one is refused")
    func reentry() async throws {
        let caller = try makeSandbox()
        let first = try await caller.prepay().json["prepay_id"]?.string
        let again = try await caller.send("POST", Caller.jsapi, caller.order().sorted.json)
        #expect(again.status == 200)
        #expect(again.json["prepay_id"]?.string != first)
        #expect(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001")?.prepayIDs.count == 2)
        for changes in [["amount/total": JSONValue.integer(101)], ["description": "茶"], ["attach": nil]] {
            let other = try await caller.prepay("ORDER0001", changes)
            #expect(other.status == 400)
            #expect(other.code == "INVALID_REQUEST")
            #expect(other.message == "请求重入时，参数与首次请求时不一致")
        }
    }

    @Test("A paid order and a closed one take no new prepay_id")
    func reentryOfFinal() async throws {
        let caller = try makeSandbox()
        try await caller.prepay("PAID000001")
        try await caller.sandbox.pay(.outTradeNo("PAID000001", mchid: "1900000001"), openid: caller.openid)
        let paid = try await caller.prepay("PAID000001")
        #expect((paid.status, paid.code, paid.message) == (400, "ORDERPAID", "该订单已支付"))
        try await caller.prepay("CLOSED0001")
        _ = try await caller.close("CLOSED0001")
        let closed = try await caller.prepay("CLOSED0001")
        #expect((closed.status, closed.code) == (400, "ORDER_CLOSED"))
    }

    @Test(
        "time_expire is clamped to one minute and to 90 days ahead",
        arguments: [
            ("2023-11-15T06:00:00+08:00", "2023-11-15T06:14:20+08:00"),
            ("2023-11-15T07:00:00+08:00", "2023-11-15T07:00:00+08:00"),
            ("2025-01-01T00:00:00+08:00", "2024-02-13T06:13:20+08:00"),
        ])
    func timeExpire(_ sent: String, _ kept: String) async throws {
        let caller = try makeSandbox()
        try await caller.prepay("ORDER0001", ["time_expire": .string(sent)])
        let order = try #require(caller.sandbox.order(mchid: "1900000001", outTradeNo: "ORDER0001"))
        #expect(order.timeExpire?.rfc3339 == kept)
        #expect(order.tradeState == .notPaid)
    }

    @Test("What WeChat would refuse is a warning, and with strict a refusal")
    func leniency() async throws {
        let (kind, strict) = (try makeSandbox(), try makeSandbox(strict: true))
        let cases: [(String, [String: JSONValue?], [String: String])] = [
            ("unknown_body_field", ["surprise": "x"], [:]),
            ("notify_url_not_public_https", ["notify_url": "http://127.0.0.1:8080/n"], [:]),
            ("notify_url_not_public_https", ["notify_url": "https://192.168.1.2/n"], [:]),
            ("missing_headers", [:], ["User-Agent": ""]), ("missing_headers", [:], ["Accept": ""]),
            ("content_type", [:], ["Content-Type": "text/plain"]),
            ("unknown_wechatpay_serial", [:], ["Wechatpay-Serial": "PUB_KEY_ID_0"]),
        ]
        for (index, (code, changes, headers)) in cases.enumerated() {
            let body = kind.order("ORDER000\(index)", changes).json
            #expect(try await kind.send("POST", Caller.jsapi, body, headers: headers).status == 200, "\(code)")
            #expect(kind.sandbox.warnings.contains { $0.code == code })
            let refused = try await strict.send("POST", Caller.jsapi, body, headers: headers)
            #expect(refused.status == 400)
            #expect(refused.code == "PARAM_ERROR")
        }
        #expect(strict.sandbox.warnings.isEmpty)
    }

    @Test("A service provider has no direct payments")
    func partner() async throws {
        let reply = try await makeSandbox(merchant: 2).prepay()
        #expect((reply.status, reply.code, reply.message) == (400, "PARAM_ERROR", "受理机构必须传入sub_mch_id"))
    }
}
