import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Requests and answers")
struct SendTests {
    private let clock = JumpingClock()
    private var platform: Platform { Platform(clock: clock) }

    /// Checks the Authorization header as WeChat would, over what was sent; returns its fields.
    private func checkAuthorization(_ request: TransportRequest) throws -> [String: String] {
        let header = try #require(request.head.headerFields[.authorization])
        let scheme = "WECHATPAY2-SHA256-RSA2048 "
        #expect(header.hasPrefix(scheme))
        var fields: [String: String] = [:]
        for part in header.dropFirst(scheme.count).split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1)
            fields[String(pair[0])] = pair[1].trimmingCharacters(in: ["\""])
        }
        let message =
            Array(
                "\(request.head.method)\n\(request.head.path ?? "")\n\(fields["timestamp"] ?? "")\n\(fields["nonce_str"] ?? "")\n"
                    .utf8)
            + request.body + [0x0A]
        let signature = try #require(Data(base64Encoded: fields["signature"] ?? ""))
        #expect(Platform.merchant.publicKey.isValid(signature: Array(signature), for: message))
        return fields
    }

    @Test("a prepay request is signed over the very bytes that are sent")
    func prepay() async throws {
        let platform = platform
        let transport = ScriptedTransport { _, _ in
            platform.answer(200, "{\"prepay_id\":\"wx26112221580621e9b071c00d9e093b0000\"}")
        }
        let client = try testClient(transport, clock: clock)
        let response = try await client.transactions.jsapi(.sample)
        #expect(response.prepayID == "wx26112221580621e9b071c00d9e093b0000")
        let request = try #require(transport.requests.first)
        #expect(request.head.method == .post)
        #expect(request.head.scheme == "https")
        #expect(request.head.authority == "api.mch.weixin.qq.com")
        #expect(request.head.path == "/v3/pay/transactions/jsapi")
        #expect(request.head.headerFields[.contentType] == "application/json")
        #expect(request.head.headerFields[.accept] == "application/json")
        #expect(request.head.headerFields[.userAgent]?.isEmpty == false)
        #expect(request.head.headerFields[.wechatpaySerial] == nil)
        let fields = try checkAuthorization(request)
        #expect(fields["mchid"] == "1900000001")
        #expect(fields["serial_no"] == "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C")
        #expect(fields["timestamp"] == "1700000000")
        #expect(fields["nonce_str"]?.count == 32)
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "{\"amount\":{\"currency\":\"CNY\",\"total\":100},\"appid\":\"wx0000000000000001\",\"description\":\"茶/Tea\","
                + "\"mchid\":\"1900000001\",\"notify_url\":\"https://shop.example.com/notify\",\"out_trade_no\":\"order_1234\","
                + "\"payer\":{\"openid\":\"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o\"}}")
    }

    @Test("the order number is percent-encoded in the path, and signed so")
    func percentEncoding() async throws {
        let platform = platform
        let transport = ScriptedTransport { request, _ in
            request.head.method == .get ? platform.answer(200, orderJSON("a|b*c-d_1")) : platform.answer(204, "")
        }
        let client = try testClient(transport, clock: clock)
        _ = try await client.transactions.query(outTradeNo: "a|b*c-d_1")
        try await client.transactions.close(outTradeNo: "a|b*c-d_1")
        #expect(
            transport.paths == [
                "/v3/pay/transactions/out-trade-no/a%7Cb%2Ac-d_1?mchid=1900000001",
                "/v3/pay/transactions/out-trade-no/a%7Cb%2Ac-d_1/close",
            ])
        for request in transport.requests { _ = try checkAuthorization(request) }
        #expect(transport.requests[1].body == Array("{\"mchid\":\"1900000001\"}".utf8))
    }

    @Test("payment parameters carry the merchant's signature and exactly the five names of wx.requestPayment")
    func parameters() throws {
        let client = try testClient(neverCalled, clock: clock)
        let parameters = try client.transactions.requestPaymentParameters(appid: "wx0000000000000001", prepayID: "wx26")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(StrictJSON.encode(parameters))) as? [String: String])
        #expect(Set(object.keys) == ["timeStamp", "nonceStr", "package", "signType", "paySign"])
        #expect(object["timeStamp"] == "1700000000")
        #expect(object["package"] == "prepay_id=wx26")
        #expect(object["signType"] == "RSA")
        let message = "wx0000000000000001\n1700000000\n\(parameters.nonceStr)\nprepay_id=wx26\n"
        let signature = try #require(Data(base64Encoded: parameters.paySign))
        #expect(Platform.merchant.publicKey.isValid(signature: Array(signature), for: Array(message.utf8)))
        #expect(throws: WeChatPayError.invalidArgument) {
            try client.transactions.requestPaymentParameters(appid: "wx0000000000000001", prepayID: "")
        }
        #expect(throws: WeChatPayError.invalidArgument) {
            try client.transactions.requestPaymentParameters(appid: "wx1\n1", prepayID: "wx26")
        }
    }

    @Test("the second attempt is signed afresh and goes to WeChat's backup host")
    func backup() async throws {
        let platform = platform
        let transport = ScriptedTransport { _, number in
            if number == 1 { throw WeChatPayError(.timeout, "no answer") }
            return platform.answer(200, "{\"prepay_id\":\"wx26\"}")
        }
        let client = try testClient(transport, clock: clock)
        _ = try await client.transactions.jsapi(.sample)
        #expect(transport.requests.map(\.head.authority) == ["api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"])
        #expect(transport.requests[0].body == transport.requests[1].body)
        let first = try checkAuthorization(transport.requests[0])
        let second = try checkAuthorization(transport.requests[1])
        #expect(first["nonce_str"] != second["nonce_str"])
        #expect(clock.slept.count == 1)
    }

    @Test(
        "an address that is not WeChat's own has no backup",
        arguments: ["http://127.0.0.1:8100", "https://api.mch.weixin.qq.com:8443"])
    func noBackup(baseURL: String) async throws {
        let transport = ScriptedTransport { _, _ in throw WeChatPayError(.transport, "broken") }
        let client = try testClient(transport, clock: clock, baseURL: baseURL)
        #expect(await code { _ = try await client.transactions.query(outTradeNo: "order_1234") } == .transport)
        #expect(Set(transport.requests.compactMap(\.head.authority)).count == 1)
        #expect(transport.requests.count == 2)
    }

    @Test(
        "what may pass is sent again, what is decided is not",
        arguments: [
            (500, "SYSTEM_ERROR", true), (500, "BANKERROR", true), (503, "", true), (429, "RATELIMIT_EXCEEDED", true),
            (500, "OPENID_MISMATCH", false), (400, "PARAM_ERROR", false), (404, "ORDER_NOT_EXIST", false), (302, "", false),
        ])
    func repeats(status: Int, wechatCode: String, isRepeated: Bool) async throws {
        let platform = platform
        let transport = ScriptedTransport { _, _ in platform.answer(status, "{\"code\":\"\(wechatCode)\",\"message\":\"m\"}") }
        let client = try testClient(transport, clock: clock)
        let error = await failure { _ = try await client.transactions.query(outTradeNo: "order_1234") }
        #expect(error?.code == .refused)
        #expect(error?.status == status)
        #expect(error?.isVerified == true)
        #expect(error?.requestID == "08F7-0")
        #expect(transport.requests.count == (isRepeated ? 2 : 1))
    }

    @Test("attempts are as many as the options say, and a request that is not idempotent has one")
    func attempts() async throws {
        let transport = ScriptedTransport { _, _ in throw WeChatPayError(.transport, "broken") }
        let client = try testClient(transport, clock: clock, options: .init(timeout: .seconds(1), attempts: 4))
        _ = await failure { _ = try await client.send(.post, "/v3/a", isIdempotent: true) }
        #expect(transport.requests.count == 4)
        #expect(
            transport.requests.map(\.head.authority) == [
                "api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "api.mch.weixin.qq.com", "api2.mch.weixin.qq.com",
            ])
        _ = await failure { _ = try await client.send(.post, "/v3/a", isIdempotent: false) }
        #expect(transport.requests.count == 5)
    }

    @Test("row 90: a 2xx without a valid signature is no success, and is asked for again")
    func unsignedSuccess() async throws {
        let json = orderJSON()
        let platform = platform
        var forger = platform
        forger.key = Platform.merchant
        let answers: [(TransportResponse, WeChatPayError.Code)] = [
            (unsigned(200, json), .signatureMissing), (forger.answer(200, json), .signatureInvalid),
            (unsigned(204, ""), .signatureMissing),
            (unsigned(200, json, platform.headers(Array(json.utf8), timestamp: "1699999000")), .signatureExpired),
        ]
        for (answer, expected) in answers {
            let transport = ScriptedTransport { _, _ in answer }
            let client = try testClient(transport, clock: clock)
            let error = await failure { _ = try await client.transactions.query(outTradeNo: "order_1234") }
            #expect(error?.code == expected)
            #expect(error?.advice == .askForTheOrder)
            #expect(error?.isVerified == false)
            #expect(error?.status != nil)
            #expect(transport.requests.count == 1)
        }
    }

    @Test("an unsigned refusal is never the last word on an order")
    func unsignedRefusal() async throws {
        for code in ["ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "ORDER_CLOSED", "PARAM_ERROR", ""] {
            let transport = ScriptedTransport { _, _ in unsigned(404, "{\"code\":\"\(code)\",\"message\":\"x\"}") }
            let client = try testClient(transport, clock: clock)
            let error = await failure { _ = try await client.transactions.query(outTradeNo: "order_1234") }
            #expect(error?.code == .refused)
            #expect(error?.isVerified == false)
            #expect(error?.advice == .askForTheOrder)
            #expect(error?.wechatCode?.rawValue == (code.isEmpty ? nil : code))
        }
        let page = ScriptedTransport { _, _ in unsigned(403, "<html>\r\nforbidden\r\n</html>") }
        let error = await failure { _ = try await testClient(page, clock: clock).transactions.query(outTradeNo: "order_1234") }
        #expect(error?.advice == .askForTheOrder && error?.wechatCode == nil)
    }

    @Test("a refusal of our signature, which WeChat does not sign, stops and keeps the detail")
    func signError() async throws {
        let body =
            "{\"code\":\"SIGN_ERROR\",\"message\":\"错误的签名，\\n验签失败\","
            + "\"detail\":{\"field\":\"signature\",\"location\":\"authorization\"}}"
        let transport = ScriptedTransport { _, _ in unsigned(401, body, [.wechatRequestID: "08F9-268443699"]) }
        let error = await failure { _ = try await testClient(transport, clock: clock).transactions.jsapi(.sample) }
        #expect(error?.wechatCode == .signError)
        #expect(error?.advice == .stop)
        #expect(error?.status == 401)
        #expect(error?.requestID == "08F9-268443699")
        #expect(error?.detail == "{\"field\":\"signature\",\"location\":\"authorization\"}")
        #expect(error?.description.contains("\n") == false)
        #expect(transport.requests.count == 1)
    }

    @Test("a signed refusal is WeChat's word, one with a bad signature is nobody's")
    func signedRefusal() async throws {
        let platform = platform
        let json = "{\"code\":\"ORDER_NOT_EXIST\",\"message\":\"订单不存在\"}"
        let signed = ScriptedTransport { _, _ in platform.answer(404, json) }
        let error = await failure { _ = try await testClient(signed, clock: clock).transactions.query(outTradeNo: "order_1234") }
        #expect(error?.wechatCode == .orderNotExist && error?.isVerified == true && error?.advice == .stop)
        let bent = ScriptedTransport { _, _ in unsigned(404, json, platform.headers(Array("other".utf8))) }
        let other = await failure { _ = try await testClient(bent, clock: clock).transactions.query(outTradeNo: "order_1234") }
        #expect(other?.code == .signatureInvalid && other?.status == 404 && other?.advice == .askForTheOrder)
    }

    @Test("an answer about another order, or another merchant, is refused")
    func otherOrder() async throws {
        let platform = platform
        for json in [orderJSON("order_9999"), orderJSON().replacing("1900000001", with: "1900000002")] {
            let client = try testClient(ScriptedTransport { _, _ in platform.answer(200, json) }, clock: clock)
            let error = await failure { _ = try await client.transactions.query(outTradeNo: "order_1234") }
            #expect(error?.code == .malformed && error?.isVerified == true)
        }
        let client = try testClient(ScriptedTransport { _, _ in platform.answer(200, orderJSON()) }, clock: clock)
        #expect(try await client.transactions.query(transactionID: "4200000000202311150000000001").tradeState == .success)
        #expect(
            await code { _ = try await client.transactions.query(transactionID: "4200000000202311150000000002") } == .malformed)
        #expect(await code { _ = try await client.transactions.query(transactionID: "a/../b") } == .invalidArgument)
    }

    @Test("an answer longer than the limit is refused")
    func tooLong() async throws {
        let transport = ScriptedTransport { _, _ in unsigned(200, String(repeating: " ", count: 1 << 20 + 1)) }
        let client = try testClient(transport, clock: clock)
        #expect(await code { _ = try await client.transactions.query(outTradeNo: "order_1234") } == .responseTooLarge)
    }

    @Test("a cancelled request is not sent again")
    func cancelled() async throws {
        let gate = Gate()
        let transport = ScriptedTransport { _, _ in
            gate.open()
            while !Task.isCancelled { await Task.yield() }
            throw CancellationError()
        }
        let client = try testClient(transport, clock: clock)
        await withTaskGroup { group in
            group.addTask {
                #expect(await code { _ = try await client.transactions.query(outTradeNo: "order_1234") } == .transport)
            }
            await gate.wait()
            group.cancelAll()
        }
        #expect(transport.requests.count == 1)
    }

    @Test(
        "what is no base URL is refused",
        arguments: [
            "", "api.mch.weixin.qq.com", "ftp://a", "https://", "https://a/b", "https://u:p@a", "https://a?b", "https://a b",
            "https://a:0", "https://a:65536", "https://a:x", "https:///a", "https://a#b", "https://[::1", "https://:80",
            "https://a//",
        ])
    func badBaseURL(text: String) throws {
        #expect(throws: WeChatPayError.invalidArgument) { _ = try testClient(neverCalled, clock: clock, baseURL: text) }
    }

    @Test(
        "base URLs of hosts, addresses and ports are taken",
        arguments: ["https://a.example/", "http://127.0.0.1:8100", "http://[::1]:80", "http://localhost"])
    func goodBaseURL(text: String) throws {
        #expect(try testClient(neverCalled, clock: clock, baseURL: text).baseURL.scheme.hasPrefix("http"))
    }

    @Test("a path that is none is refused", arguments: ["", "v3/a", "/a b", "/a?b=c", "/a\n", "/é"])
    func badPath(path: String) async throws {
        let client = try testClient(neverCalled, clock: clock)
        #expect(await code { _ = try await client.send(.get, path, isIdempotent: true) } == .invalidArgument)
    }
}
