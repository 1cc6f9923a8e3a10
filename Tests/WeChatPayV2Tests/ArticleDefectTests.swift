import Testing
import WeChatPay

@testable import WeChatPayV2

/// What is wrong in code for API v2 that goes around, one test for each mistake of a merchant's SDK.
@Suite("Mistakes that cannot be made here")
struct ArticleDefectTests {
    private func request(_ change: (inout V2Order) -> Void = { _ in }) -> UnifiedOrderRequest {
        UnifiedOrderRequest(
            appid: WeChatSide.appid, order: order(change), notifyURL: "https://pay.example.com/notify/v2", kind: .app)
    }

    @Test("the HMAC key is a constant: here it is the merchant's API key")
    func hmacKey() throws {
        var fields = XMLFields()
        fields["a"] = "1"
        let signs = [Documents.key, "0123456789abcdefghijklmnopqrstuv"].map {
            V2Signature.sign(fields, key: Secret($0), type: .hmacSHA256)
        }
        #expect(signs[0] != signs[1])
        #expect(signs[1] == WeChatSide(type: .hmacSHA256, key: "0123456789abcdefghijklmnopqrstuv").signature([("a", "1")]))
    }

    @Test("the string with the API key is logged: here no error of a signature shows the key")
    func keyInErrors() throws {
        let fields = try XMLReader.read(WeChatSide().document([("sign", "0")]))
        let error = #expect(throws: WeChatPayError.signatureInvalid) {
            try V2Signature.verify(fields, key: Secret(Documents.key), type: .md5)
        }
        var text = "\(error as Any)"
        dump(error, to: &text)
        #expect(!text.contains(Documents.key))
    }

    @Test("values are URL-decoded before they are signed, empty ones are signed: here they are as they are, and left out")
    func valuesAsTheyAre() throws {
        var fields = XMLFields()
        fields["notify_url"] = "https://pay.example.com/a%2Fb+c"
        let sign = V2Signature.sign(fields, key: Secret(Documents.key), type: .md5)
        #expect(sign == WeChatSide().signature([("notify_url", "https://pay.example.com/a%2Fb+c")]))
        fields["attach"] = ""
        #expect(V2Signature.sign(fields, key: Secret(Documents.key), type: .md5) == sign)
    }

    @Test("timeStamp is a number in milliseconds: here a text of ten digits")
    func timeStamp() throws {
        let client = try testClient(ScriptedTransport { _, _ in answer("") })
        let parameters = try client.requestPaymentParameters(appid: "wx1", prepayID: "wx2")
        #expect(parameters.timeStamp == "1700000000")
    }

    @Test("nonces come from Math.random: here from the random source that is passed in, 32 characters, new each time")
    func nonces() async throws {
        let transport = ScriptedTransport { _, _ in WeChatSide().reply([("prepay_id", "wx1")]) }
        let client = try testClient(transport)
        for _ in 0..<20 { _ = try await client.unifiedOrder(request()) }
        let nonces = try (0..<20).map { try transport.fields($0)["nonce_str"] ?? "" }
        #expect(Set(nonces).count == 20 && nonces.allSatisfy { $0.count == 32 })
    }

    @Test("the reply's codes and sign are not checked: here nothing comes out of an answer before they are")
    func replyChecked() async throws {
        let side = WeChatSide()
        for body in [
            side.document([("prepay_id", "wx1"), ("result_code", "FAIL"), ("err_code", "NOAUTH")]),
            side.document([("prepay_id", "wx1"), ("return_code", "FAIL")]),
            side.document([("prepay_id", "wx1"), ("sign", "0")]), side.document([("prepay_id", "wx1"), ("sign", "")]),
        ] {
            let client = try testClient(ScriptedTransport { _, _ in answer(body) })
            #expect(await failure { _ = try await client.unifiedOrder(request()) } != nil)
        }
    }

    @Test("prepay_id is read without the XML's root: here the root must be <xml>")
    func root() {
        #expect(throws: WeChatPayError.malformed) { try XMLReader.read(Array("<a><prepay_id>1</prepay_id></a>".utf8)) }
        #expect(throws: WeChatPayError.malformed) { try XMLReader.read(Array("<prepay_id>1</prepay_id>".utf8)) }
    }

    @Test("a notification is booked without result_code, appid, mch_id and amount: here they are checked or handed out")
    func notification() throws {
        let notifications = V2Notifications(merchant: try testMerchant())
        let failed = try notifications.payment(body: WeChatSide().document(paid + [("result_code", "FAIL")]))
        #expect(failed.tradeState != .success)
        #expect(throws: WeChatPayError.malformed) {
            try notifications.payment(body: WeChatSide().document(paid + [("mch_id", "10000101")]))
        }
        let order = try notifications.payment(body: WeChatSide().document(paid))
        #expect(order.appid == WeChatSide.appid && order.amount?.totalMoney == Money(fen: 100))
    }

    @Test("attach is spread over the order's columns: here it is one text")
    func attach() throws {
        let body = WeChatSide().document(paid + [("attach", "{\"status\":\"paid\",\"trade_state\":\"REFUND\"}")])
        let order = try V2Notifications(merchant: testMerchant()).payment(body: body)
        #expect(order.tradeState == .success && order.attach == "{\"status\":\"paid\",\"trade_state\":\"REFUND\"}")
    }

    @Test("a notification is verified with MD5 always: here with what the merchant is configured for")
    func alwaysMD5() throws {
        let body = WeChatSide(type: .md5).document(paid)
        #expect(throws: WeChatPayError.signatureInvalid) {
            try V2Notifications(merchant: testMerchant(.hmacSHA256)).payment(body: body)
        }
        let strong = WeChatSide(type: .hmacSHA256).document(paid)
        #expect(try V2Notifications(merchant: testMerchant(.hmacSHA256)).payment(body: strong).tradeState == .success)
    }

    @Test("times have no zone: here they are Beijing's")
    func zone() throws {
        let order = try V2Notifications(merchant: testMerchant()).payment(body: WeChatSide().document(paid))
        #expect(order.successTime?.rfc3339 == "2023-11-15T06:13:20+08:00")
    }
}
