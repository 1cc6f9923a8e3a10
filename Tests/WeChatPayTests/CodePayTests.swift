import Foundation
import HTTPTypes
import Testing

@testable import WeChatPay

@Suite("Code pay")
struct CodePayTests {
    private let clock = JumpingClock()
    private var platform: Platform { Platform(clock: clock) }

    @Test("a charge has the payer's code, no notify_url, and goods under code pay's own name")
    func body() async throws {
        let platform = platform
        let transport = ScriptedTransport { _, number in
            platform.answer(200, number == 1 ? orderJSON() : partnerOrderJSON())
        }
        let client = try testClient(transport, clock: clock)
        var order = CodePayOrder.sample
        order.sceneInfo = CodePaySceneInfo(store: .id("s1"), deviceID: "d1", deviceIP: "::1")
        order.attach = "a"
        order.goodsTag = "g"
        order.supportFapiao = false
        order.detail = PrepayOrder.full.detail
        order.settleInfo = SettleInfo(profitSharing: true)
        let answer = try await client.transactions.codePay(CodePayRequest(appid: "wx0000000000000001", order: order))
        guard case .finished(let transaction) = answer else {
            Issue.record("not finished")
            return
        }
        #expect(transaction.tradeState == .success)
        #expect(transport.paths == ["/v3/pay/transactions/codepay"])
        let fields = """
            "description":"茶","out_trade_no":"order_1234","amount":{"total":100,"currency":"CNY"},
            "payer":{"auth_code":"130061098828009406"},"attach":"a","goods_tag":"g","support_fapiao":false,
            "scene_info":{"device_id":"d1","device_ip":"::1","store_info":{"id":"s1"}},
            "detail":{"cost_price":120,"invoice_id":"i1","goods_detail":[{"merchant_goods_id":"g1","wxpay_goods_id":"w1",
            "goods_name":"茶","quantity":2,"unit_price":50}]},"settle_info":{"profit_sharing":true}
            """
        #expect(
            try jsonValue(transport.requests[0].body)
                == jsonValue("{\"appid\":\"wx0000000000000001\",\"mchid\":\"1900000001\",\(fields)}"))
        _ = try await client.partnerTransactions.codePay(
            PartnerCodePayRequest(spAppid: "wxsp", subMchid: "1900000009", subAppid: "wxsub", order: order))
        #expect(transport.paths[1] == "/v3/pay/partner/transactions/codepay")
        #expect(
            try jsonValue(transport.requests[1].body)
                == jsonValue(
                    "{\"sp_appid\":\"wxsp\",\"sp_mchid\":\"1900000001\",\"sub_appid\":\"wxsub\",\"sub_mchid\":\"1900000009\",\(fields)}"
                ))
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let message: String
        let change: @Sendable (inout CodePayOrder) -> Void

        init(_ message: String, _ change: @escaping @Sendable (inout CodePayOrder) -> Void) {
            self.message = message
            self.change = change
        }

        var testDescription: String { message }
    }

    static let long = String(repeating: "x", count: 33)
    static let refused: [Case] = [
        Case("payer.auth_code: not 1 to 32 digits; scan the payer's code again") { $0.authCode = "" },
        Case("payer.auth_code: not 1 to 32 digits; scan the payer's code again") { $0.authCode = "13006109882800940 " },
        Case("payer.auth_code: not 1 to 32 digits; scan the payer's code again") { $0.authCode = "https://wx.tenpay.com" },
        Case("payer.auth_code: not 1 to 32 digits; scan the payer's code again") {
            $0.authCode = String(repeating: "1", count: 33)
        },
        Case("description: 0 bytes, at least 1") { $0.description = "" },
        Case("out_trade_no: 5 bytes, at least 6") { $0.outTradeNo = "12345" },
        Case("amount.total: 0, at least 1") { $0.amount = Money(fen: 0) },
        Case("amount.currency: 33 bytes, at most 16") { $0.amount = Money(fen: 1, currency: Currency(rawValue: long)) },
        Case("attach: 129 bytes, at most 128") { $0.attach = String(repeating: "a", count: 129) },
        Case("goods_tag: 33 bytes, at most 32") { $0.goodsTag = long },
        Case("scene_info.store_info.id: 0 bytes, at least 1") { $0.sceneInfo.store = .id("") },
        Case("scene_info.store_info.out_id: 33 bytes, at most 32") { $0.sceneInfo.store = .outID(long) },
        Case("scene_info.device_id: 33 bytes, at most 32") { $0.sceneInfo.deviceID = long },
        Case("scene_info.device_ip: 46 bytes, at most 45") { $0.sceneInfo.deviceIP = String(repeating: "1", count: 46) },
        Case("detail.goods_detail[0].wxpay_goods_id: 33 bytes, at most 32") {
            $0.detail = OrderDetail(goodsDetail: [
                GoodsDetail(merchantGoodsID: "1", wechatpayGoodsID: long, quantity: 1, unitPrice: 1)
            ])
        },
    ]

    @Test("what WeChat would refuse is refused before the payer is charged", arguments: refused)
    func refuses(test: Case) async throws {
        var order = CodePayOrder.sample
        test.change(&order)
        let client = try testClient(neverCalled, clock: clock)
        let error = await failure { [order] in
            _ = try await client.transactions.codePay(CodePayRequest(appid: "a", order: order))
        }
        #expect(error?.code == .invalidArgument && error?.advice == .stop)
        #expect(error?.message == test.message)
    }

    @Test(
        "that the payer is asked for the password is no error, in all its spellings",
        arguments: [
            (202, ""), (202, "{\"code\":\"USERPAYING\",\"message\":\"m\"}"),
            (202, "{\"code\":\"USER_PAYING\",\"message\":\"m\"}"),
            (400, "{\"code\":\"USERPAYING\",\"message\":\"m\"}"), (403, "{\"code\":\"USER_PAYING\",\"message\":\"m\"}"),
            (200, orderJSON(state: "USERPAYING")), (200, orderJSON(state: "NOTPAY")), (200, orderJSON(state: "DREAMING")),
        ])
    func userPaying(status: Int, body: String) async throws {
        let platform = platform
        let transport = ScriptedTransport { _, _ in platform.answer(status, body) }
        #expect(try await testClient(transport, clock: clock).transactions.codePay(.sample) == .userPaying)
        #expect(transport.requests.count == 1)
    }

    @Test("a charge that has ended says how", arguments: ["SUCCESS", "REFUND", "CLOSED", "REVOKED", "PAYERROR"])
    func finished(state: String) async throws {
        let platform = platform
        let transport = ScriptedTransport { _, _ in platform.answer(200, orderJSON(state: state)) }
        let answer = try await testClient(transport, clock: clock).transactions.codePay(.sample)
        guard case .finished(let order) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(order.tradeState.rawValue == state)
    }

    @Test(
        "a charge is sent once and to one host, and what is not clear is to be asked for, never to be sent again",
        arguments: [500, 502, 503, 429, 400, 403, 302, 200, -1])
    func once(status: Int) async throws {
        let platform = platform
        let transport = ScriptedTransport { _, _ in
            switch status {
            case -1: throw WeChatPayError(.timeout, "no answer")
            case 200: return unsigned(200, orderJSON())
            case 302: return unsigned(302, "")
            case 400, 403: return unsigned(status, "{\"code\":\"PARAM_ERROR\",\"message\":\"m\"}")
            default: return platform.answer(status, "{\"code\":\"SYSTEM_ERROR\",\"message\":\"m\"}")
            }
        }
        let client = try testClient(transport, clock: clock, options: .init(timeout: .seconds(1), attempts: 5))
        let error = await failure { _ = try await client.transactions.codePay(.sample) }
        #expect(error?.advice == .askForTheOrder)
        #expect(transport.requests.map(\.head.authority) == ["api.mch.weixin.qq.com"])
        #expect(clock.slept.isEmpty)
    }

    @Test("that the payer is asked for the password, said without a signature, proves nothing")
    func unsignedUserPaying() async throws {
        let transport = ScriptedTransport { _, _ in unsigned(400, "{\"code\":\"USERPAYING\",\"message\":\"m\"}") }
        let error = await failure { _ = try await testClient(transport, clock: clock).transactions.codePay(.sample) }
        #expect(error?.isVerified == false && error?.advice == .askForTheOrder)
    }

    @Test("a refusal that WeChat signed stops", arguments: ["PARAM_ERROR", "NOT_ENOUGH", "AUTH_CODE_EXPIRE", "NEW_CODE"])
    func refusal(code: String) async throws {
        let platform = platform
        let transport = ScriptedTransport { _, _ in platform.answer(403, "{\"code\":\"\(code)\",\"message\":\"m\"}") }
        let error = await failure { _ = try await testClient(transport, clock: clock).transactions.codePay(.sample) }
        #expect(error?.advice == .stop && error?.wechatCode?.rawValue == code)
    }

    @Test("an answer about another order or merchant is no answer")
    func other() async throws {
        let platform = platform
        for json in [orderJSON("order_9999"), orderJSON().replacing("1900000001", with: "1900000002"), partnerOrderJSON()] {
            let client = try testClient(ScriptedTransport { _, _ in platform.answer(200, json) }, clock: clock)
            let error = await failure { _ = try await client.transactions.codePay(.sample) }
            #expect(error?.code == .malformed && error?.advice == .askForTheOrder)
        }
        for json in [partnerOrderJSON("order_9999"), partnerOrderJSON().replacing("1900000009", with: "1900000008"), orderJSON()]
        {
            let client = try testClient(ScriptedTransport { _, _ in platform.answer(200, json) }, clock: clock)
            #expect(await code { _ = try await client.partnerTransactions.codePay(.sample) } == .malformed)
        }
    }

    @Test("a charge is taken back with both ids, once and at the host that was charged")
    func reverse() async throws {
        let platform = platform
        let transport = ScriptedTransport { _, number in
            switch number {
            case 1: platform.answer(200, "{\"appid\":\"wx1\",\"mchid\":\"1900000001\",\"out_trade_no\":\"a|b*c1\"}")
            case 2: platform.answer(200, "{\"sp_mchid\":\"1900000001\",\"sub_mchid\":\"1900000009\",\"out_trade_no\":\"a|b*c1\"}")
            default: throw WeChatPayError(.timeout, "no answer")
            }
        }
        let client = try testClient(transport, clock: clock)
        try await client.transactions.reverse(appid: "wx1", outTradeNo: "a|b*c1")
        try await client.partnerTransactions.reverse(
            spAppid: "wxsp", subMchid: "1900000009", subAppid: "wxsub", outTradeNo: "a|b*c1")
        #expect(
            transport.paths == [
                "/v3/pay/transactions/out-trade-no/a%7Cb%2Ac1/reverse",
                "/v3/pay/partner/transactions/out-trade-no/a%7Cb%2Ac1/reverse",
            ])
        #expect(try jsonValue(transport.requests[0].body) == ["appid": "wx1", "mchid": "1900000001"])
        #expect(
            try jsonValue(transport.requests[1].body)
                == ["sp_appid": "wxsp", "sp_mchid": "1900000001", "sub_appid": "wxsub", "sub_mchid": "1900000009"])
        #expect(await code { try await client.transactions.reverse(appid: "wx1", outTradeNo: "a|b*c1") } == .timeout)
        #expect(transport.requests.count == 3)
        #expect(Set(transport.requests.compactMap(\.head.authority)) == ["api.mch.weixin.qq.com"])
    }

    @Test("a reversal of another order or merchant is none")
    func otherReversal() async throws {
        let platform = platform
        for json in ["{\"out_trade_no\":\"order_9999\"}", "{\"mchid\":\"1900000002\"}", "{\"sp_mchid\":\"1900000002\"}", "[]"] {
            let client = try testClient(ScriptedTransport { _, _ in platform.answer(200, json) }, clock: clock)
            #expect(await code { try await client.transactions.reverse(appid: "a", outTradeNo: "order_1234") } == .malformed)
        }
        let client = try testClient(ScriptedTransport { _, _ in platform.answer(200, "{\"sub_mchid\":\"2\"}") }, clock: clock)
        let error = await code {
            try await client.partnerTransactions.reverse(spAppid: "a", subMchid: "1", outTradeNo: "order_1234")
        }
        #expect(error == .malformed)
    }
}
