import HTTPTypes
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("Paying, querying and closing")
struct OrderTests {
    private let target = PaymentTarget.outTradeNo("ORDER0001", mchid: "1900000001")

    @Test("An unpaid order has no payment's fields; a paid one has all, by either number")
    func query() async throws {
        let caller = try makeSandbox()
        try await caller.prepay()
        let open = try await caller.query().json
        #expect(open["trade_state"]?.string == "NOTPAY")
        #expect(open["trade_state_desc"]?.string == "订单未支付")
        for name in ["transaction_id", "trade_type", "success_time", "payer", "bank_type", "attach"] {
            #expect(open[name] == nil, "\(name)")
        }
        #expect(open["amount"]?["payer_total"] == nil)
        let report = try await caller.sandbox.pay(target, openid: caller.openid)
        #expect(report.errMsg == "requestPayment:ok")
        let id = try #require(report.transactionID)
        #expect(id.count == 28 && id.hasPrefix("42") && id.allSatisfy(\.isNumber))
        let paid = try await caller.query().json
        #expect(paid == (try await caller.send("GET", "/v3/pay/transactions/id/\(id)?mchid=1900000001").json))
        #expect(paid["trade_state"]?.string == "SUCCESS")
        #expect(paid["transaction_id"]?.string == id)
        #expect(paid["payer"]?["openid"]?.string == caller.openid)
        #expect(paid["amount"]?["total"]?.int64 == 100)
        #expect(paid["amount"]?["payer_total"]?.int64 == 100)
        #expect(paid["success_time"]?.string == "2023-11-15T06:13:20+08:00")
        #expect(paid["attach"]?.string == "桌号8")
        #expect(paid["trade_type"]?.string == "JSAPI")
        let other = Caller(sandbox: caller.sandbox, merchant: caller.sandbox.merchants[1], clock: caller.clock)
        let foreign = try await other.send("GET", "/v3/pay/transactions/id/\(id)?mchid=1900000002")
        #expect((foreign.status, foreign.code) == (403, "NO_AUTH"))
        #expect(try await other.query().code == "ORDER_NOT_EXIST")
    }

    @Test(
        "A query that asks wrongly is refused",
        arguments: [
            ("/v3/pay/transactions/out-trade-no/UNKNOWN1?mchid=1900000001", 404, "ORDER_NOT_EXIST", 268_512_771),
            ("/v3/pay/transactions/id/4200000000000000000000000000?mchid=1900000001", 404, "ORDER_NOT_EXIST", 268_512_771),
            ("/v3/pay/transactions/out-trade-no/UNKNOWN1", 400, "PARAM_ERROR", 268_435_461),
            ("/v3/pay/transactions/out-trade-no/UNKNOWN1?mchid=1900000002", 400, "PARAM_ERROR", 268_435_461),
            ("/v3/pay/transactions/id/x?mchid=1900000001", 400, "PARAM_ERROR", 268_435_461),
            ("/v3/pay/transactions/jsapi", 405, "INVALID_REQUEST", 268_435_463),
            ("/v3/pay/nothing", 404, "RESOURCE_NOT_EXISTS", 268_435_462),
        ])
    func wrongQueries(_ path: String, _ status: Int, _ code: String, _ number: Int) async throws {
        let reply = try await makeSandbox().send("GET", path)
        #expect((reply.status, reply.code) == (status, code))
        #expect(reply.header("Request-ID")?.hasSuffix("-\(number)") == true)
    }

    @Test("Closing: unknown 404, open 204, closed 204 again, paid ORDERPAID; too early is a warning or, strict, refused")
    func close() async throws {
        let caller = try makeSandbox()
        #expect(try await caller.close().code == "ORDER_NOT_EXIST")
        try await caller.prepay()
        #expect(try await caller.close().status == 204)
        #expect(try await caller.close().status == 204)
        #expect(try await caller.query().json["trade_state"]?.string == "CLOSED")
        #expect(caller.sandbox.warnings.map(\.code) == ["close_too_early"])
        try await caller.prepay("ORDER0002")
        try await caller.sandbox.pay(.outTradeNo("ORDER0002", mchid: "1900000001"), openid: caller.openid)
        let paid = try await caller.close("ORDER0002")
        #expect((paid.status, paid.code) == (400, "ORDERPAID"))
        let strict = try makeSandbox(strict: true)
        try await strict.prepay()
        #expect(try await strict.close().code == "INVALID_REQUEST")
        try await strict.sandbox.advanceClock(by: 300)
        #expect(try await strict.close().status == 204)
    }

    @Test("An order is closed by itself after seven days, to the second")
    func autoClose() async throws {
        let caller = try makeSandbox()
        try await caller.prepay()
        try await caller.sandbox.advanceClock(by: 7 * 86_400 - 1)
        #expect(try await caller.query().json["trade_state"]?.string == "NOTPAY")
        try await caller.sandbox.advanceClock(by: 1)
        #expect(try await caller.query().json["trade_state"]?.string == "CLOSED")
        #expect(try await caller.sandbox.pay(target, openid: caller.openid).errMsg == "requestPayment:fail 订单已关闭")
        #expect(try await caller.prepay().code == "ORDER_CLOSED")
    }

    @Test(
        "What the page hears of each outcome",
        arguments: [
            (PayOutcome.success, "requestPayment:ok", "SUCCESS"), (.cancel, "requestPayment:fail cancel", "NOTPAY"),
            (.wrongPassword, "requestPayment:fail 支付密码错误", "NOTPAY"), (.insufficient, "requestPayment:fail 余额不足", "NOTPAY"),
            (.successThenKillApp, nil, "SUCCESS"),
        ] as [(PayOutcome, String?, String)])
    func outcomes(_ outcome: PayOutcome, _ errMsg: String?, _ state: String) async throws {
        let caller = try makeSandbox()
        try await caller.prepay()
        let report = try await caller.sandbox.pay(target, openid: caller.openid, outcome: outcome)
        #expect(report.errMsg == errMsg)
        #expect(report.tradeState.rawValue == state)
        #expect(caller.sandbox.deliveries().count == (state == "SUCCESS" ? 1 : 0))
    }

    @Test("Nobody pays twice, for somebody else, too late, or with money that is not there")
    func refusals() async throws {
        let caller = try makeSandbox()
        let first = try #require(try await caller.prepay().json["prepay_id"]?.string)
        let stranger = caller.sandbox.users[1].openid
        #expect(try await caller.sandbox.pay(target, openid: stranger).errMsg?.contains("不一致") == true)
        try await caller.sandbox.advanceClock(by: 7200)
        #expect(try await caller.sandbox.pay(.prepayID(first), openid: caller.openid).errMsg?.contains("已过期") == true)
        let second = try #require(try await caller.prepay().json["prepay_id"]?.string)
        #expect(try await caller.sandbox.pay(.prepayID(second), openid: caller.openid).errMsg == "requestPayment:ok")
        #expect(try await caller.sandbox.pay(.prepayID(second), openid: caller.openid).errMsg == "requestPayment:fail 该订单已支付")
        #expect(caller.sandbox.deliveries().count == 1)
        try await caller.prepay("ORDER0002", ["time_expire": "2023-11-15T08:20:00+08:00"])
        try await caller.sandbox.advanceClock(by: 601)
        let late = try await caller.sandbox.pay(.outTradeNo("ORDER0002", mchid: "1900000001"), openid: caller.openid)
        #expect(late.errMsg?.contains("订单已过期") == true)
        #expect(late.tradeState == .notPaid)
        try await caller.prepay("ORDER0003", ["amount/total": .integer(999_901)])
        let poor = try await caller.sandbox.pay(.outTradeNo("ORDER0003", mchid: "1900000001"), openid: caller.openid)
        #expect(poor.errMsg == "requestPayment:fail 余额不足")
        await #expect(throws: SandboxError(.notFound, "")) { try await caller.sandbox.pay(.prepayID("wx"), openid: stranger) }
    }

    @Test("jscode2session: a code works once, for five minutes, for its app and secret")
    func login() async throws {
        let caller = try makeSandbox()
        let secret = "00000000000000000000000000000001"
        func session(_ query: String) async throws -> Caller.Reply {
            try await caller.reply(
                to: TransportRequest(
                    head: HTTPRequest(
                        method: .get, scheme: "https", authority: "api.weixin.qq.com", path: "/sns/jscode2session?" + query)))
        }
        func code() throws -> String { try caller.sandbox.loginCode(appid: "wx0000000000000001", openid: caller.openid) }
        func query(_ code: String, app: String = "1", secret: String = secret) -> String {
            "appid=wx000000000000000\(app)&secret=\(secret)&js_code=\(code)&grant_type=authorization_code"
        }
        let fresh = try code()
        let reply = try await session(query(fresh))
        #expect(reply.json["openid"]?.string == caller.openid)
        #expect(reply.json["session_key"]?.string?.count == 24)
        #expect(reply.json["errcode"] == nil)
        #expect(reply.header("Content-Type")?.hasPrefix("text/plain") == true)
        let late = try code()
        let cases: [(String, Int64)] = [
            (query(fresh), 40163), (query("nothing"), 40029), (query(late, secret: "wrong"), 40125),
            (query(late, app: "9"), 40013), ("secret=\(secret)&js_code=\(late)", 41002),
            ("appid=wx0000000000000001&js_code=\(late)", 41004), ("appid=wx0000000000000001&secret=\(secret)", 41008),
            ("appid=wx0000000000000001&secret=\(secret)&js_code=\(late)", 40002),
            (query(late, app: "2", secret: "00000000000000000000000000000002"), 40029),
        ]
        for (query, error) in cases {
            #expect(try await session(query).json["errcode"]?.int64 == error, "\(query)")
        }
        try await caller.sandbox.advanceClock(by: 300)
        #expect(try await session(query(late)).json["errcode"]?.int64 == 40029)
        let log = caller.sandbox.requests()
        #expect(!log.contains { $0.path.contains(secret) || $0.answer.contains(reply.json["session_key"]?.string ?? "?") })
        #expect(throws: SandboxError(.notFound, "")) {
            try caller.sandbox.loginCode(appid: "wx0000000000000002", openid: caller.openid)
        }
    }

    @Test("The log of requests keeps the last thousand or so, by merchant")
    func log() async throws {
        let caller = try makeSandbox()
        let request = TransportRequest(head: HTTPRequest(method: .get, scheme: "https", authority: "a", path: "/other"))
        for _ in 0..<1200 { _ = try await caller.sandbox.handle(request) }
        _ = try await caller.query()
        #expect((1000..<1100).contains(caller.sandbox.requests().count))
        #expect(caller.sandbox.requests(mchid: "1900000001").map(\.number) == [1201])
        #expect(caller.sandbox.requests(mchid: "1900000001").first?.code == "ORDER_NOT_EXIST")
    }
}
