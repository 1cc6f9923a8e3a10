import HTTPTypes
import PaymentPrimitives
import Testing
import WeChatPay

@testable import WeChatPaySandbox

@Suite("APP, H5 and Native orders")
struct PaymentMethodTests {
    @Test(
        "Each way of paying gives the merchant what it promises, and the order says how it was paid",
        arguments: PrepayMethod.allCases)
    func given(_ method: PrepayMethod) async throws {
        let caller = try makeSandbox(strict: true)
        let reply = try await caller.prepay(method)
        #expect(reply.status == 200, "\(reply.body)")
        let target: PaymentTarget
        switch method {
        case .jsapi, .app:
            target = .prepayID(try #require(reply.json["prepay_id"]?.string))
        case .native:
            let url = try #require(reply.json["code_url"]?.string)
            #expect(url.hasPrefix("weixin://wxpay/bizpayurl?pr="))
            target = .codeURL(url)
        case .h5:
            let url = try #require(reply.json["h5_url"]?.string)
            #expect(url.hasPrefix("https://api.mch.weixin.qq.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx"))
            target = .h5URL(url + "&redirect_url=https%3A%2F%2Fshop.example.com")
        }
        #expect(reply.json.members?.count == 1)
        let report = try await caller.sandbox.pay(target, openid: caller.openid)
        #expect(report.tradeState == .success)
        #expect(report.errMsg == (method == .jsapi ? "requestPayment:ok" : nil))
        #expect(report.errCode == (method == .app ? 0 : nil))
        let paid = try await caller.query().json
        #expect(paid["trade_type"]?.string == method.tradeType)
        #expect(paid["payer"]?["openid"]?.string == caller.openid)
        #expect(caller.sandbox.deliveries(outTradeNo: "ORDER0001").count == 1)
    }

    @Test(
        "A prepay_id and a QR code work two hours, an H5 link five minutes; a fresh one works again",
        arguments: [(PrepayMethod.jsapi, 7200), (.app, 7200), (.native, 7200), (.h5, 300)] as [(PrepayMethod, Int64)])
    func lifetimes(_ method: PrepayMethod, _ seconds: Int64) async throws {
        let caller = try makeSandbox()
        let target = PaymentTarget.outTradeNo("ORDER0001", mchid: caller.merchant.mchid)
        try await caller.prepay(method)
        try await caller.sandbox.advanceClock(by: seconds - 1)
        #expect(try await caller.sandbox.pay(target, openid: caller.openid, outcome: .cancel).reason == "cancel")
        try await caller.sandbox.advanceClock(by: 1)
        let late = try await caller.sandbox.pay(target, openid: caller.openid)
        #expect(late.reason?.contains("已过期") == true)
        #expect(late.tradeState == .notPaid)
        #expect(late.errCode == (method == .app ? -1 : nil))
        let again = try await caller.prepay(method)
        #expect(again.status == 200)
        #expect(try await caller.sandbox.pay(target, openid: caller.openid).tradeState == .success)
        #expect(try await caller.prepay(method).code == "ORDERPAID")
    }

    @Test("A number belongs to the way of paying of its first order", arguments: PrepayMethod.allCases)
    func otherWay(_ first: PrepayMethod) async throws {
        let caller = try makeSandbox()
        try await caller.prepay(first)
        for other in PrepayMethod.allCases where other != first {
            let reply = try await caller.prepay(other)
            #expect((reply.status, reply.code, reply.message) == (400, "INVALID_REQUEST", "201 商户订单号重复"))
        }
        let differs = try await caller.prepay(first, "ORDER0001", ["amount/total": .integer(101)])
        #expect(differs.message == "请求重入时，参数与首次请求时不一致")
        let code = try await caller.codePay(try caller.sandbox.authCode(openid: caller.openid))
        #expect(code.message == "201 商户订单号重复")
        #expect(try await caller.query().json["trade_state"]?.string == "NOTPAY")
    }

    @Test("An H5 order needs to say from which kind of page it comes")
    func h5Info() async throws {
        let caller = try makeSandbox()
        let cases: [(JSONValue?, String)] = [
            (nil, "/scene_info"), (.record(("payer_client_ip", "203.0.113.7")), "/scene_info/h5_info"),
            (.record(("h5_info", .record(("type", "Wap")))), "/scene_info/payer_client_ip"),
            (.record(("payer_client_ip", "203.0.113.7"), ("h5_info", .record())), "/scene_info/h5_info/type"),
        ]
        for (scene, field) in cases {
            let reply = try await caller.prepay(.h5, "ORDER0001", ["scene_info": scene])
            #expect((reply.status, reply.code) == (400, "PARAM_ERROR"))
            #expect(reply.json["detail"]?["field"]?.string == field)
        }
    }

    @Test(
        "An APP, H5 or Native order names no payer: that is an undocumented field", arguments: [PrepayMethod.app, .h5, .native])
    func payer(_ method: PrepayMethod) async throws {
        let caller = try makeSandbox(strict: true)
        let reply = try await caller.prepay(method, "ORDER0001", ["payer": .record(("openid", .string(caller.openid)))])
        #expect((reply.status, reply.code) == (400, "PARAM_ERROR"))
        #expect(reply.json["detail"]?["field"]?.string == "/payer")
    }

    @Test("Whoever scans a QR code may pay it: another app's user is seen under an openid of this app")
    func scanned() async throws {
        let caller = try makeSandbox()
        let url = try #require(try await caller.prepay(.native).json["code_url"]?.string)
        let stranger = caller.sandbox.users[2]
        #expect(stranger.appid != caller.merchant.appid)
        #expect(try await caller.sandbox.pay(.codeURL(url), openid: stranger.openid).tradeState == .success)
        let openid = try #require(try await caller.query().json["payer"]?["openid"]?.string)
        #expect(openid != stranger.openid)
        #expect(openid.hasPrefix("o") && openid.utf8.count == 28)
        #expect(openid == stranger.openid(in: caller.merchant.appid))
        #expect(openid != stranger.openid(in: "wx0000000000000003"))
    }

    @Test(
        "A link or code that nobody gave out pays nothing",
        arguments: [
            PaymentTarget.codeURL("weixin://wxpay/bizpayurl?pr=nothing"), .codeURL("https://example.com/"),
            .h5URL("https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx&package=1"), .h5URL("nothing"),
        ])
    func unknown(_ target: PaymentTarget) async throws {
        let caller = try makeSandbox()
        try await caller.prepay(.native)
        try await caller.prepay(.h5, "ORDER0002")
        await #expect(throws: SandboxError(.notFound, "")) { try await caller.sandbox.pay(target, openid: caller.openid) }
    }

    @Test("The package of an H5 link cannot be guessed from its prepay_id")
    func package() async throws {
        let caller = try makeSandbox()
        let url = try #require(try await caller.prepay(.h5).json["h5_url"]?.string)
        let wrong = url.replacing(/package=\d+/, with: "package=1")
        #expect(wrong != url)
        await #expect(throws: SandboxError(.notFound, "")) { try await caller.sandbox.pay(.h5URL(wrong), openid: caller.openid) }
    }

    private func open(_ caller: Caller, _ url: String, host: String = "127.0.0.1:8100") async throws -> Caller.Reply {
        let path = try #require(url.firstRange(of: "/cgi-bin").map { String(url[$0.lowerBound...]) })
        return try await caller.reply(
            to: TransportRequest(head: HTTPRequest(method: .get, scheme: "http", authority: host, path: path)))
    }

    @Test("The H5 page follows the Host, shows the order, and says when there is nothing to pay")
    func page() async throws {
        let caller = try makeSandbox()
        var request = try caller.request(
            "POST", "/v3/pay/transactions/h5", caller.order(.h5, "ORDER0001", ["description": "<b>\"茶\"&"]).json)
        request.head.authority = "127.0.0.1:8100"
        request.head.scheme = "http"
        let url = try #require(try await caller.reply(to: request).json["h5_url"]?.string)
        #expect(url.hasPrefix("http://127.0.0.1:8100/cgi-bin/mmpayweb-bin/checkmweb?prepay_id="))
        let page = try await open(caller, url)
        #expect(page.status == 200)
        #expect(page.header("Content-Type") == "text/html; charset=utf-8")
        #expect(page.header("Content-Security-Policy")?.contains("default-src 'none'") == true)
        #expect(page.header("Wechatpay-Signature") == nil)
        for text in ["&lt;b&gt;&quot;茶&quot;&amp;", "¥1.00", "ORDER0001", "沙箱商户一", "http://127.0.0.1:8100/_sandbox/pay"] {
            #expect(page.body.contains(text), "\(text)")
        }
        #expect(!page.body.contains("<b>"))
        try await caller.sandbox.advanceClock(by: 300)
        #expect(try await open(caller, url).body.contains("已过期"))
        let fresh = try #require(try await caller.reply(to: request).json["h5_url"]?.string)
        try await caller.sandbox.pay(.h5URL(fresh), openid: caller.openid)
        #expect(try await open(caller, fresh).body.contains("nothing left to pay"))
        #expect(try await open(caller, url + "1").status == 404)
    }
}
