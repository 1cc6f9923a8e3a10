import Testing
import WeChatPay

@testable import WeChatPayV2

@Suite("Orders of API v2")
struct PaymentTests {
    private let side = WeChatSide()

    private func request(
        _ kind: UnifiedOrderRequest.Kind = .jsapi(openid: "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"), sub: V2SubMerchant? = nil,
        notifyURL: String = "https://pay.example.com/notify/v2", _ change: (inout V2Order) -> Void = { _ in }
    ) -> UnifiedOrderRequest {
        UnifiedOrderRequest(
            appid: WeChatSide.appid, order: order(change), notifyURL: notifyURL, kind: kind, sub: sub)
    }

    @Test("An order carries what its way to pay needs, and only that")
    func kinds() async throws {
        let side = side
        let scene = "{\"h5_info\":{\"type\":\"Wap\",\"wap_url\":\"https://shop.example.com\",\"wap_name\":\"店\"}}"
        for (kind, type, reply, needs): (UnifiedOrderRequest.Kind, String, (String, String)?, (String, String)?) in [
            (.jsapi(openid: "o1"), "JSAPI", nil, ("openid", "o1")),
            (.native(productID: "p1"), "NATIVE", ("code_url", "weixin://wxpay/bizpayurl?pr=a"), ("product_id", "p1")),
            (.app, "APP", nil, nil),
            (.h5(sceneInfo: scene), "MWEB", ("mweb_url", "https://wx.tenpay.com/x?prepay_id=wx1"), ("scene_info", scene)),
        ] {
            let transport = ScriptedTransport { _, _ in
                side.reply([("prepay_id", "wx1"), ("trade_type", type)] + [reply].compactMap { $0 })
            }
            let placed = try await testClient(transport).unifiedOrder(request(kind))
            #expect(placed.prepayID == "wx1")
            #expect(transport.paths == ["/pay/unifiedorder"])
            let fields = try transport.fields()
            #expect(fields["trade_type"] == type && fields["total_fee"] == "100" && fields["out_trade_no"] == "1415659990")
            let special = ["openid", "product_id", "scene_info", "sub_openid"].filter { fields[$0] != nil }
            #expect(special == [needs?.0].compactMap { $0 })
            if let needs { #expect(fields[needs.0] == needs.1) }
        }
    }

    @Test("The computed order of v2.md is written with its fields and its signature")
    func fixture() throws {
        let expected = try XMLReader.read(Array(Documents.orderRequest.utf8))
        var fields = try request {
            $0.body = "JSAPI支付测试"
            $0.attach = "a&b<c>"
        }.fields()
        fields["mch_id"] = WeChatSide.mchid
        fields["nonce_str"] = expected["nonce_str"]
        fields["sign_type"] = "HMAC-SHA256"
        #expect(V2Signature.sign(fields, key: Secret(Documents.key), type: .hmacSHA256) == expected["sign"])
    }

    @Test("A service provider's order names the sub-merchant; its user needs the sub-merchant's app id")
    func partner() async throws {
        let side = side
        let transport = ScriptedTransport { _, _ in side.reply([("prepay_id", "wx1"), ("sub_mch_id", "1900000109")]) }
        let sub = V2SubMerchant(subMchid: "1900000109", subAppid: "wx8888888888888888")
        _ = try await testClient(transport).unifiedOrder(request(.subJSAPI(subOpenid: "o2"), sub: sub))
        let fields = try transport.fields()
        #expect(fields["sub_mch_id"] == "1900000109" && fields["sub_appid"] == "wx8888888888888888")
        #expect(fields["sub_openid"] == "o2" && fields["openid"] == nil)
        let client = try testClient(transport)
        let error = await failure {
            _ = try await client.unifiedOrder(request(.subJSAPI(subOpenid: "o2"), sub: V2SubMerchant(subMchid: "1900000109")))
        }
        #expect(error?.message.hasPrefix("sub_openid") == true)
        let foreign = await failure {
            _ = try await client.unifiedOrder(request(.app, sub: V2SubMerchant(subMchid: "1900000110")))
        }
        #expect(foreign?.code == .malformed && foreign?.message.contains("sub_mch_id") == true)
    }

    @Test("What WeChat would refuse is refused before it is sent, and the field is named")
    func validation() throws {
        for (field, request): (String, UnifiedOrderRequest) in [
            ("body", request { $0.body = "" }), ("body", request { $0.body = String(repeating: "茶", count: 43) }),
            ("body", request { $0.body = "茶🍵" }), ("out_trade_no", request { $0.outTradeNo = "a b" }),
            ("out_trade_no", request { $0.outTradeNo = String(repeating: "1", count: 33) }),
            ("total_fee", request { $0.amount = Money(fen: 0) }), ("total_fee", request { $0.amount = Money(fen: -1) }),
            ("attach", request { $0.attach = String(repeating: "a", count: 128) }),
            ("detail", request { $0.detail = String(repeating: "a", count: 6001) }),
            ("spbill_create_ip", request { $0.payerClientIP = "" }),
            ("goods_tag", request { $0.goodsTag = String(repeating: "a", count: 33) }),
            ("notify_url", request(notifyURL: "https://pay.example.com/notify?a=1")),
            ("notify_url", request(notifyURL: "/notify")), ("openid", request(.jsapi(openid: ""))),
            ("product_id", request(.native(productID: ""))), ("scene_info", request(.h5(sceneInfo: ""))),
            ("scene_info", request(.h5(sceneInfo: "{}")) { $0.sceneInfo = "{}" }),
            ("sub_mch_id", request(sub: V2SubMerchant(subMchid: "a b"))),
            ("time_expire", request { $0.timeExpire = Timestamp(seconds: -1) }),
        ] {
            let error = #expect(throws: WeChatPayError.self) { try request.fields() }
            #expect(error?.code == .invalidArgument && error?.message.hasPrefix(field + ":") == true, "\(field): \(error as Any)")
        }
    }

    @Test("Times go out as Beijing's, whatever the machine's zone")
    func times() throws {
        let fields = try request {
            $0.timeStart = Timestamp(seconds: 1_700_000_000)
            $0.timeExpire = Timestamp(seconds: 1_700_003_600)
        }.fields()
        #expect(fields["time_start"] == "20231115061320" && fields["time_expire"] == "20231115071320")
    }

    @Test("An answer without what the payer needs, or about another trade_type, is no order")
    func uselessAnswers() async throws {
        let side = side
        for (kind, pairs): (UnifiedOrderRequest.Kind, [(String, String)]) in [
            (.app, []), (.app, [("prepay_id", "")]), (.native(productID: "1"), [("prepay_id", "wx1")]),
            (.h5(sceneInfo: "{}"), [("prepay_id", "wx1")]), (.app, [("prepay_id", "wx1"), ("trade_type", "NATIVE")]),
        ] {
            let client = try testClient(ScriptedTransport { _, _ in side.reply(pairs) })
            let error = await failure { _ = try await client.unifiedOrder(request(kind)) }
            #expect(error?.code == .malformed && error?.advice == .askForTheOrder)
        }
    }

    @Test("An H5 address takes the page to come back to, percent-encoded")
    func returning() async throws {
        let side = side
        let transport = ScriptedTransport { _, _ in
            side.reply([("prepay_id", "wx1"), ("mweb_url", "https://wx.tenpay.com/x?prepay_id=wx1")])
        }
        let placed = try await testClient(transport).unifiedOrder(request(.h5(sceneInfo: "{}")))
        #expect(
            try placed.url(returningTo: "https://shop.example.com/a?b=1")
                == "https://wx.tenpay.com/x?prepay_id=wx1&redirect_url=https%3A%2F%2Fshop.example.com%2Fa%3Fb%3D1")
        #expect(throws: WeChatPayError.invalidArgument) { try placed.url(returningTo: "") }
    }

    @Test("A paid order is read with coupons, settlement and Beijing's time; an unpaid one with what there is")
    func query() async throws {
        let side = side
        let transport = ScriptedTransport { _, number in
            number == 1
                ? side.reply(
                    paid.filter { $0.0 != "cash_fee" } + [
                        ("trade_state", "SUCCESS"), ("trade_state_desc", "支付成功"), ("cash_fee", "85"), ("coupon_fee", "15"),
                        ("coupon_count", "2"), ("coupon_id_0", "1"), ("coupon_type_0", "CASH"), ("coupon_fee_0", "10"),
                        ("coupon_id_1", "2"), ("coupon_type_1", "NO_CASH"), ("coupon_fee_1", "5"), ("settlement_total_fee", "95"),
                    ])
                : side.reply([("out_trade_no", "1415659990"), ("trade_state", "NOTPAY"), ("device_info", "")])
        }
        let client = try testClient(transport)
        let order = try await client.query(appid: WeChatSide.appid, .outTradeNo("1415659990"))
        #expect(order.tradeState == .success && order.transactionID == "4200000000202311150000000001")
        #expect(order.amount?.totalMoney == Money(fen: 100) && order.amount?.payerTotal == 85)
        #expect(order.successTime == Timestamp(seconds: 1_700_000_000))
        #expect(order.settlementTotal == 95 && order.couponTotal == 15)
        #expect(order.coupons.map(\.amount) == [10, 5] && order.coupons.map(\.type) == ["CASH", "NO_CASH"])
        #expect(!"\(order)".contains("oUpF8uMEb4qRXf22hE3X68TekukE"), "no whole openid in a description")
        let open = try await client.query(appid: WeChatSide.appid, .outTradeNo("1415659990"))
        #expect(open.tradeState == .notPay && open.transactionID == nil && open.amount == nil && open.deviceID == nil)
    }

    @Test("An answer about another order, without its state, or paid without number and total, is not believed")
    func oddAnswers() async throws {
        let side = side
        for pairs in [
            paid.filter { $0.0 != "out_trade_no" } + [("out_trade_no", "1415659991"), ("trade_state", "SUCCESS")], paid,
            paid.filter { $0.0 != "transaction_id" } + [("trade_state", "SUCCESS")],
            paid.filter { $0.0 != "total_fee" } + [("trade_state", "SUCCESS")],
            paid.filter { $0.0 != "total_fee" } + [("trade_state", "SUCCESS"), ("total_fee", "1.0")],
            paid.filter { $0.0 != "total_fee" } + [("trade_state", "SUCCESS"), ("total_fee", "0100")],
            paid.filter { $0.0 != "total_fee" } + [("trade_state", "SUCCESS"), ("total_fee", "9223372036854775808")],
            paid.filter { $0.0 != "time_end" } + [("trade_state", "SUCCESS"), ("time_end", "20231315061320")],
        ] {
            let client = try testClient(ScriptedTransport { _, _ in side.reply(pairs) })
            let error = await failure { _ = try await client.query(appid: WeChatSide.appid, .outTradeNo("1415659990")) }
            #expect(error?.code == .malformed && error?.advice == .askForTheOrder)
        }
    }

    @Test("An order that was closed before counts as closed; a paid one is not closed")
    func close() async throws {
        let side = side
        let transport = ScriptedTransport { _, number in
            number == 1 ? side.reply([]) : side.refusal(number == 2 ? "ORDERCLOSED" : "ORDERPAID")
        }
        let client = try testClient(transport)
        try await client.close(appid: WeChatSide.appid, outTradeNo: "1415659990")
        try await client.close(appid: WeChatSide.appid, outTradeNo: "1415659990")
        let error = await failure { try await client.close(appid: WeChatSide.appid, outTradeNo: "1415659990") }
        #expect(error?.wechatCode == .orderPaid && error?.advice == .askForTheOrder)
        #expect(transport.paths == Array(repeating: "/pay/closeorder", count: 3))
    }

    @Test("An openid is found behind a payment code")
    func openid() async throws {
        let side = side
        let transport = ScriptedTransport { _, _ in side.reply([("openid", "o1")]) }
        let found = try await testClient(transport).openid(authCode: "134567890123456789", appid: WeChatSide.appid)
        #expect(found.openid == "o1" && found.subOpenid == nil)
        #expect(transport.paths == ["/tools/authcodetoopenid"])
        #expect(try transport.fields()["auth_code"] == "134567890123456789")
    }

    @Test("The hand-off is signed as the order was: five fields for a page, seven for an app, seconds as a text")
    func handOff() throws {
        for type in V2SignType.allCases {
            let side = WeChatSide(type: type)
            let client = try testClient(
                ScriptedTransport { _, _ in answer("") }, type: type, clock: JumpingClock(Timestamp(seconds: 1_395_712_654)))
            let page = try client.requestPaymentParameters(appid: "wx2421b1c4370ec43b", prepayID: "wx2014")
            #expect(page.timeStamp == "1395712654" && page.package == "prepay_id=wx2014" && page.signType == type.rawValue)
            #expect(
                page.paySign
                    == side.signature([
                        ("appId", "wx2421b1c4370ec43b"), ("timeStamp", page.timeStamp), ("nonceStr", page.nonceStr),
                        ("package", page.package), ("signType", page.signType),
                    ]))
            let app = try client.appPaymentParameters(appid: "wx2421b1c4370ec43b", prepayID: "wx2014")
            #expect(
                app.sign
                    == side.signature([
                        ("appid", app.appId), ("partnerid", "10000100"), ("prepayid", "wx2014"), ("package", "Sign=WXPay"),
                        ("noncestr", app.nonceStr), ("timestamp", app.timeStamp),
                    ]))
            for bad in ["", "a&b", "a\nb"] {
                #expect(throws: WeChatPayError.invalidArgument) {
                    try client.requestPaymentParameters(appid: "wx1", prepayID: bad)
                }
            }
        }
    }
}
