import Testing

@testable import WeChatPay

@Suite("Prepay requests")
struct PrepayValidationTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let message: String
        let change: @Sendable (inout JSAPIPrepayRequest) -> Void

        init(_ message: String, _ change: @escaping @Sendable (inout JSAPIPrepayRequest) -> Void) {
            self.message = message
            self.change = change
        }

        var testDescription: String { message }
    }

    static let refused: [Case] = [
        Case("appid: 0 bytes, at least 1") { $0.appid = "" },
        Case("appid: 33 bytes, at most 32") { $0.appid = String(repeating: "w", count: 33) },
        Case("description: 0 bytes, at least 1") { $0.order.description = "" },
        Case("description: 128 bytes, at most 127") { $0.order.description = String(repeating: "a", count: 128) },
        Case("description: 129 bytes, at most 127") { $0.order.description = String(repeating: "汉", count: 43) },
        Case("description: a character of four UTF-8 bytes (an emoji)") { $0.order.description = "茶🍵" },
        Case("description: a NUL character") { $0.order.description = "a\0b" },
        Case("out_trade_no: 5 bytes, at least 6") { $0.order.outTradeNo = "12345" },
        Case("out_trade_no: 33 bytes, at most 32") { $0.order.outTradeNo = String(repeating: "1", count: 33) },
        Case("out_trade_no: only 0-9 A-Z a-z _ - | * are allowed") { $0.order.outTradeNo = "order/1" },
        Case("out_trade_no: only 0-9 A-Z a-z _ - | * are allowed") { $0.order.outTradeNo = "order@1" },
        Case("out_trade_no: only 0-9 A-Z a-z _ - | * are allowed") { $0.order.outTradeNo = "订单12" },
        Case("out_trade_no: only 0-9 A-Z a-z _ - | * are allowed") { $0.order.outTradeNo = "order 1" },
        Case("notify_url: must have no query and no fragment") { $0.order.notifyURL = "https://a.example/n?x=1" },
        Case("notify_url: must have no query and no fragment") { $0.order.notifyURL = "https://a.example/n#x" },
        Case("notify_url: not an absolute http(s) URL with a path") { $0.order.notifyURL = "/notify" },
        Case("notify_url: not an absolute http(s) URL with a path") { $0.order.notifyURL = "ftp://a.example/n" },
        Case("notify_url: not an absolute http(s) URL with a path") { $0.order.notifyURL = "https://a.example" },
        Case("notify_url: not an absolute http(s) URL with a path") { $0.order.notifyURL = "https:///n" },
        Case("notify_url: not an absolute http(s) URL with a path") { $0.order.notifyURL = "https://a.example/ n" },
        Case("notify_url: 256 bytes, at most 255") {
            $0.order.notifyURL = "https://a.example/" + String(repeating: "n", count: 238)
        },
        Case("payer.openid: 0 bytes, at least 1") { $0.payerOpenID = "" },
        Case("payer.openid: 129 bytes, at most 128") { $0.payerOpenID = String(repeating: "o", count: 129) },
        Case("attach: 129 bytes, at most 128") { $0.order.attach = String(repeating: "a", count: 129) },
        Case("goods_tag: 33 bytes, at most 32") { $0.order.goodsTag = String(repeating: "a", count: 33) },
        Case("amount.total: 0, at least 1") { $0.order.amount = Money(fen: 0) },
        Case("amount.total: -1, at least 1") { $0.order.amount = Money(fen: -1) },
        Case("amount.currency: 0 bytes, at least 1") { $0.order.amount = Money(fen: 1, currency: Currency(rawValue: "")) },
        Case("time_expire: not a year of four digits") { $0.order.timeExpire = Timestamp(milliseconds: .max) },
        Case("detail.cost_price: -1, at least 0") { $0.order.detail = OrderDetail(costPrice: -1) },
        Case("detail.invoice_id: 33 bytes, at most 32") {
            $0.order.detail = OrderDetail(invoiceID: String(repeating: "i", count: 33))
        },
        Case("detail.goods_detail: 6001 entries, at most 6000") {
            $0.order.detail = OrderDetail(
                goodsDetail: Array(repeating: GoodsDetail(merchantGoodsID: "1", quantity: 1, unitPrice: 1), count: 6001))
        },
        Case("detail.goods_detail[1].quantity: 0, at least 1") {
            $0.order.detail = OrderDetail(goodsDetail: [
                GoodsDetail(merchantGoodsID: "1", quantity: 1, unitPrice: 1),
                GoodsDetail(merchantGoodsID: "2", quantity: 0, unitPrice: 1),
            ])
        },
        Case("detail.goods_detail[0].goods_name: 258 bytes, at most 256") {
            $0.order.detail = OrderDetail(goodsDetail: [
                GoodsDetail(merchantGoodsID: "1", goodsName: String(repeating: "茶", count: 86), quantity: 1, unitPrice: 1)
            ])
        },
        Case("scene_info.payer_client_ip: 0 bytes, at least 1") { $0.sceneInfo = SceneInfo(payerClientIP: "") },
        Case("scene_info.store_info.id: 33 bytes, at most 32") {
            $0.sceneInfo = SceneInfo(payerClientIP: "::1", storeInfo: StoreInfo(id: String(repeating: "1", count: 33)))
        },
    ]

    @Test("what WeChat would refuse is refused before it is sent, by WeChat's name of the field", arguments: refused)
    func refuses(_ test: Case) async throws {
        var request = JSAPIPrepayRequest.sample
        test.change(&request)
        let client = try testClient(neverCalled, clock: JumpingClock())
        let error = await failure { [request] in _ = try await client.transactions.jsapi(request) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message == test.message)
        #expect(error?.advice == .stop)
    }

    @Test("the longest texts that fit are taken")
    func limits() throws {
        var request = JSAPIPrepayRequest.sample
        request.order.description = String(repeating: "汉", count: 42) + "a"
        request.order.outTradeNo = "|*_-" + String(repeating: "Z", count: 28)
        request.order.attach = ""
        request.order.notifyURL = "http://127.0.0.1:8080/" + String(repeating: "n", count: 233)
        try request.body(mchid: "1900000001").validate()
    }

    @Test("all fields are written under WeChat's names, and nothing is null")
    func allFields() throws {
        var request = JSAPIPrepayRequest.sample
        request.order.timeExpire = Timestamp(rfc3339: "2023-11-15T07:00:00+08:00")
        request.order.attach = "a"
        request.order.goodsTag = "WXG"
        request.order.limitPay = [.noCredit, LimitPay(rawValue: "new_word")]
        request.order.supportFapiao = true
        request.order.detail = OrderDetail(
            costPrice: 120, invoiceID: "i1",
            goodsDetail: [GoodsDetail(merchantGoodsID: "g1", wechatpayGoodsID: "w1", goodsName: "茶", quantity: 2, unitPrice: 50)])
        request.sceneInfo = SceneInfo(
            payerClientIP: "14.23.150.211", deviceID: "d1",
            storeInfo: StoreInfo(id: "s1", name: "店", areaCode: "440305", address: "路"))
        request.order.settleInfo = SettleInfo(profitSharing: true)
        let json = String(decoding: try request.body(mchid: "1900000001").bytes(), as: UTF8.self)
        for part in [
            "\"time_expire\":\"2023-11-15T07:00:00+08:00\"", "\"attach\":\"a\"", "\"goods_tag\":\"WXG\"",
            "\"limit_pay\":[\"no_credit\",\"new_word\"]", "\"support_fapiao\":true",
            "\"detail\":{\"cost_price\":120,\"goods_detail\":[{\"goods_name\":\"茶\",\"merchant_goods_id\":\"g1\",\"quantity\":2,"
                + "\"unit_price\":50,\"wechatpay_goods_id\":\"w1\"}],\"invoice_id\":\"i1\"}",
            "\"scene_info\":{\"device_id\":\"d1\",\"payer_client_ip\":\"14.23.150.211\",\"store_info\":{\"address\":\"路\","
                + "\"area_code\":\"440305\",\"id\":\"s1\",\"name\":\"店\"}}",
            "\"settle_info\":{\"profit_sharing\":true}",
        ] {
            #expect(json.contains(part), "\(part) is not in \(json)")
        }
        #expect(!json.contains("null"))
    }

    @Test(
        "a text is cut at a character, and loses what has four bytes",
        arguments: [
            ("abc", 3, "abc"), ("abcd", 3, "abc"), ("汉字", 5, "汉"), ("汉字", 6, "汉字"), ("茶🍵茶", 9, "茶茶"), ("👩‍💻x", 9, "x"),
            ("e\u{301}e\u{301}", 4, "e\u{301}"), ("abc", 0, ""), ("", 9, ""),
        ])
    func fitting(text: String, limit: Int, expected: String) {
        #expect(WeChatText.fitting(text, bytes: limit) == expected)
    }
}
